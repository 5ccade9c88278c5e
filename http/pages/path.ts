import { Hono } from 'hono'
import { html, raw } from 'hono/html'
import type { LearningPath } from '#core/paths/learning-path.ts'
import { planPath } from '#core/paths/plan-path.ts'
import type { Ports } from '#core/ports.ts'
import { inLanguage, type Text } from '#core/text.ts'
import { sessionOf } from '../session.ts'
import { bullets, factList, field, table } from './components.ts'
import { inBoth } from './i18n/words.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { type NamesAndNumbers, namesAndNumbers } from './names-and-numbers.ts'
import { signInFirst } from './sign-in-first.ts'

/** `/path`: the shortest way from what the learner holds to a role in a sector; works without script. */
export function pathRoutes(ports: Pick<Ports, 'store' | 'ontology' | 'graph' | 'clock'>): Hono {
  const app = new Hono()
  app.get('/path', async (c) => {
    const actor = sessionOf(c)
    if (!actor) return sendPage(c, (language) => signInFirst(language, '/path'), { status: 401 })
    const role = c.req.query('role') || undefined
    const sector = c.req.query('sector') || undefined
    const skills = c.req.query('skills') === 'all' ? 'all' : 'essential'
    const path =
      role === undefined
        ? undefined
        : await planPath(
            actor,
            {
              role,
              skills,
              ...(sector === undefined ? {} : { sector }),
              ...(actor.learnerId === undefined ? {} : { learnerId: actor.learnerId }),
            },
            ports,
          )
    return sendPage(c, (language) => {
      const text = words[language]
      return {
        title: text.title,
        body: html`<h1>${text.title}</h1>
<p class="lead">${actor.learnerId === undefined ? text.leadFromNothing : text.lead}</p>
${chooser({ role, sector, skills }, language, ports)}
${path ? answer(path, namesAndNumbers(language, ports), language) : ''}`,
      }
    })
  })
  return app
}

function chooser(
  asked: { role: string | undefined; sector: string | undefined; skills: string },
  language: Language,
  { ontology }: Pick<Ports, 'ontology'>,
): Html {
  const text = words[language]
  const option = (value: string, label: string, chosen: boolean) =>
    html`<option value="${value}"${chosen ? raw(' selected') : ''}>${label}</option>`
  const select = (name: string, label: string, options: readonly Html[], required: boolean) =>
    field({
      name,
      label,
      control: (attributes) =>
        html`<select ${attributes}${required ? raw(' required') : ''}>${options}</select>`,
    })
  const named = (entries: Iterable<readonly [string, { label: Text }]>, chosen: string | undefined) =>
    [...entries].map(([id, { label }]) => option(id, inLanguage(label, language).value, id === chosen))
  return html`<form method="get" action="/path">
${select('role', text.role, [option('', text.choose, asked.role === undefined), ...named(ontology.roles, asked.role)], true)}
${select('sector', text.sector, [option('', text.noSector, asked.sector === undefined), ...named(ontology.sectors, asked.sector)], false)}
${select(
  'skills',
  text.skills,
  [
    option('essential', text.essential, asked.skills === 'essential'),
    option('all', text.all, asked.skills === 'all'),
  ],
  false,
)}
<p class="actions"><button class="button" type="submit">${text.show}</button></p>
</form>`
}

function answer(path: LearningPath, show: NamesAndNumbers, language: Language): Html {
  const text = words[language]
  const leveled = ({ skill, level }: { skill: string; level: number }) =>
    text.atLevel(show.skill(skill), level)
  const title =
    path.sector === undefined ? show.role(path.role) : `${show.role(path.role)} · ${show.sector(path.sector)}`
  return html`<h2>${title}</h2>
${
  path.steps.length === 0
    ? html`<p>${text.nothingToTake}</p>`
    : html`<p>${text.sum(path.steps.length, show.plain(path.workloadHours), show.plain(path.ects))}
${path.optimal ? text.optimal : text.notOptimal(show.plain(Math.ceil(path.lowerBound)))}</p>
${table(
  text.caption,
  [
    { title: text.step },
    { title: text.module },
    { title: text.hours, number: true },
    { title: text.ects, number: true },
    { title: text.gains },
  ],
  path.steps.map(({ module, workloadHours, ects, gains }, index) => [
    index + 1,
    html`<a href="/modules/${module}">${show.module(module)}</a>`,
    show.plain(workloadHours),
    show.plain(ects),
    gains.map(leveled).join(', '),
  ]),
)}`
}
${factList([
  [text.met, bullets(path.met.map(leveled))],
  [
    text.untaught,
    bullets(
      path.untaught.map(({ skill, level, taughtTo }) =>
        taughtTo === 0 ? leveled({ skill, level }) : text.taughtTo(leveled({ skill, level }), taughtTo),
      ),
    ),
  ],
])}`
}

const words = inBoth(
  {
    title: 'Learning path',
    lead: 'The shortest way from the skills you hold, by your awards and by recognition, to a role.',
    leadFromNothing: 'The shortest way from no skills at all to a role.',
    role: 'Role',
    sector: 'Sector',
    skills: 'Skills',
    choose: 'Choose a role',
    noSector: 'No sector in particular',
    essential: 'The essential ones',
    all: 'The optional ones too',
    show: 'Show the path',
    nothingToTake: 'No module is left to take for this role.',
    sum: (modules: number, hours: string, ects: string) =>
      `${modules} modules, ${hours} hours of work, ${ects} ECTS credits, in an order in which each can really be taken.`,
    optimal: 'No other choice of modules takes fewer hours.',
    notOptimal: (hours: string) => `There may be a shorter path, but none under ${hours} hours.`,
    caption: 'Modules in order',
    step: 'Step',
    module: 'Module',
    hours: 'Hours',
    ects: 'ECTS',
    gains: 'What is new',
    atLevel: (skill: string, level: number) => `${skill} (level ${level})`,
    met: 'You hold already',
    untaught: 'Taught by no module',
    taughtTo: (skill: string, level: number) => `${skill}: modules lead to level ${level}`,
  },
  {
    title: 'Parcours',
    lead: 'Le chemin le plus court entre les compétences que vous possédez, par vos attestations ou par reconnaissance, et un métier.',
    leadFromNothing: 'Le chemin le plus court vers un métier, sans aucune compétence au départ.',
    role: 'Métier',
    sector: 'Secteur',
    skills: 'Compétences',
    choose: 'Choisissez un métier',
    noSector: 'Aucun secteur en particulier',
    essential: 'Les essentielles',
    all: 'Les facultatives aussi',
    show: 'Afficher le parcours',
    nothingToTake: 'Il ne reste aucun module à suivre pour ce métier.',
    sum: (modules: number, hours: string, ects: string) =>
      `${modules} modules, ${hours} heures de travail, ${ects} crédits ECTS, dans un ordre où chacun peut vraiment être suivi.`,
    optimal: 'Aucun autre choix de modules ne demande moins d’heures.',
    notOptimal: (hours: string) =>
      `Un parcours plus court existe peut-être, mais aucun de moins de ${hours} heures.`,
    caption: 'Modules dans l’ordre',
    step: 'Étape',
    module: 'Module',
    hours: 'Heures',
    ects: 'ECTS',
    gains: 'Ce qui est nouveau',
    atLevel: (skill: string, level: number) => `${skill} (niveau ${level})`,
    met: 'Vous possédez déjà',
    untaught: 'Enseigné par aucun module',
    taughtTo: (skill: string, level: number) => `${skill} : les modules mènent au niveau ${level}`,
  },
)
