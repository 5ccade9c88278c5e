import { html } from 'hono/html'
import type { PortfolioGap } from '#core/gaps/portfolio-gap.ts'
import type { Ports } from '#core/ports.ts'
import { table, tag } from '../components.ts'
import { inBoth } from '../i18n/words.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import { codeField } from './asked.ts'
import { gapNames } from './names.ts'
import { provenance } from './provenance.ts'
import { gapWords } from './words.ts'

const portfolioWords = inBoth(
  {
    lead: 'What the catalogue teaches of what is asked for: up to which level, and for how many there is room. Says nothing of who holds it.',
    covered: 'Skills taught to the level asked for',
    asked: 'Skills asked for',
    share: 'Covered',
    missing: 'Asked for and not taught far enough',
    missingCaption: 'Skills without a module that reaches the level asked for',
    taught: 'Taught far enough',
    taughtCaption: 'Skills with a module that reaches the level asked for',
    wanted: 'Level asked for',
    taughtTo: 'Taught to',
    notTaught: 'not taught',
    heads: 'People who need it',
    seats: 'Seats open',
    modules: 'Modules',
    everything: 'Every skill asked for is taught far enough.',
  },
  {
    lead: 'Ce que le catalogue enseigne de ce qui est demandé : jusqu’à quel niveau, et pour combien de personnes. Ne dit rien de qui le possède.',
    covered: 'Compétences enseignées au niveau demandé',
    asked: 'Compétences demandées',
    share: 'Couvert',
    missing: 'Demandé, mais pas enseigné assez loin',
    missingCaption: 'Compétences sans module qui atteigne le niveau demandé',
    taught: 'Enseigné assez loin',
    taughtCaption: 'Compétences avec un module qui atteint le niveau demandé',
    wanted: 'Niveau demandé',
    taughtTo: 'Enseigné jusqu’à',
    notTaught: 'pas enseignée',
    heads: 'Personnes qui en ont besoin',
    seats: 'Places ouvertes',
    modules: 'Modules',
    everything: 'Chaque compétence demandée est enseignée assez loin.',
  },
)

export function portfolioView(
  { snapshot, rows, coveredCount, coveredPercent }: PortfolioGap,
  slice: { sector?: string; role?: string },
  language: Language,
  ports: Pick<Ports, 'ontology'>,
): Html {
  const words = gapWords[language]
  const text = portfolioWords[language]
  const show = gapNames(language, ports)
  const missing = rows.filter(({ covered }) => !covered)
  const part = (caption: string, some: PortfolioGap['rows']) =>
    table(
      caption,
      [
        { title: words.dimensions.skill },
        { title: text.wanted, number: true },
        { title: text.taughtTo, number: true },
        { title: text.heads, number: true },
        { title: text.seats, number: true },
        { title: text.modules },
      ],
      some
        .toSorted((a, b) => (b.heads ?? 0) - (a.heads ?? 0))
        .map((row) => [
          html`<a href="/skills/${row.skill}">${show.skill(row.skill)}</a>${row.importance === 'optional' ? html` <span class="soft small">${words.optional}</span>` : ''}`,
          row.level,
          row.taughtTo === 0 ? tag(text.notTaught, 'bad') : row.taughtTo,
          row.heads === null ? '–' : show.plain(row.heads),
          row.seats === null || !row.covered ? '–' : show.plain(row.seats),
          row.modules.length === 0
            ? '–'
            : html`${row.modules.map(({ id }, at) => html`${at > 0 ? ', ' : ''}<a href="/modules/${id}">${show.module(id)}</a>`)}`,
        ]),
    )
  return html`<p class="lead">${text.lead}</p>
<form method="get" action="/gaps/portfolio" class="inline-fields">
${codeField('sector', slice.sector, language, ports)}
${codeField('role', slice.role, language, ports)}
<p class="actions"><button type="submit">${words.show}</button></p></form>
<dl class="figures">
<div><dt>${text.asked}</dt><dd>${show.plain(rows.length)}</dd></div>
<div><dt>${text.covered}</dt><dd>${show.plain(coveredCount)}</dd></div>
<div><dt>${text.share}</dt><dd>${show.percent(coveredPercent)}</dd></div>
</dl>
<h2>${text.missing}</h2>
${missing.length === 0 ? html`<p>${text.everything}</p>` : part(text.missingCaption, missing)}
<h2>${text.taught}</h2>
${part(
  text.taughtCaption,
  rows.filter(({ covered }) => covered),
)}
${snapshot === null ? '' : provenance(snapshot, language)}`
}
