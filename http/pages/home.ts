import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Ports } from '#core/ports.ts'
import { wordsIn } from './i18n/words.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'

/** `/`: what the academy is, and a door for each of the three who come first. */
export function homeRoutes(ports: Pick<Ports, 'ontology'>): Hono {
  const app = new Hono()
  app.get('/', (c) =>
    sendPage(
      c,
      (language) => {
        const words = wordsIn(language)
        return { title: words.home.title, description: words.home.lead, body: home(language, ports) }
      },
      { cache: 'public' },
    ),
  )
  return app
}

function home(language: Language, { ontology }: Pick<Ports, 'ontology'>): Html {
  const words = wordsIn(language).home
  const figures = [
    [words.skills, ontology.skills.size],
    [words.modules, ontology.modules.size],
    [words.roles, ontology.roles.size],
    [words.sectors, ontology.sectors.size],
  ] as const
  return html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
<h2 class="hidden">${words.doors}</h2>
<ul class="cards doors">
${door(words.learner, '/modules', html`<a href="/path">${words.learner.second}</a>`)}
${door(words.employer, '/verify')}
${door(words.manager, '/gaps')}
</ul>
<h2>${words.how}</h2>
<ol class="steps">
${Object.values(words.steps).map(({ title, text }) => html`<li><h3>${title}</h3><p>${text}</p></li>`)}
</ol>
<h2>${words.figures}</h2>
<dl class="figures">${figures.map(([name, count]) => html`<div><dt>${name}</dt><dd>${count}</dd></div>`)}</dl>
<p class="soft small">${words.version(ontology.version)}</p>`
}

function door(words: { title: string; text: string; action: string }, href: string, second?: Html): Html {
  return html`<li class="card"><h3>${words.title}</h3><p>${words.text}</p>${second ? html`<p>${second}</p>` : ''}
<p class="actions"><a class="button" href="${href}">${words.action}</a></p></li>`
}
