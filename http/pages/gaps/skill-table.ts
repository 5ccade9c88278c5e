import { html } from 'hono/html'
import type { GapRow } from '#core/gaps/gap-rows.ts'
import type { SkillsGap } from '#core/gaps/skills-gap.ts'
import { table } from '../components.ts'
import { inBoth } from '../i18n/words.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import type { GapNames } from './names.ts'
import { gapWords } from './words.ts'

const tableWords = inBoth(
  {
    tableCaption: 'Demand, supply and gap by skill',
    supplyCaption: 'Learners by skill',
    learners: 'Learners',
  },
  {
    tableCaption: 'Demande, offre et écart par compétence',
    supplyCaption: 'Apprenants par compétence',
    learners: 'Apprenants',
  },
)

/** Every skill of a slice with its numbers; `linked`: each name leads to its skill. */
export function skillTable(
  { rows, demand }: Pick<SkillsGap, 'rows' | 'demand'>,
  { linked }: { linked: boolean },
  show: GapNames,
  language: Language,
): Html {
  const words = gapWords[language]
  const text = tableWords[language]
  const name = (row: GapRow) =>
    html`${linked ? html`<a href="/skills/${row.skill}">${show.skill(row.skill)}</a>` : show.skill(row.skill)}${row.importance === 'optional' && demand === 'known' ? html` <span class="soft small">${words.optional}</span>` : ''}`
  const moved = (row: GapRow) => (row.changePersonLevels === null ? '–' : show.signed(row.changePersonLevels))
  if (demand !== 'known') {
    return table(
      text.supplyCaption,
      [
        { title: words.dimensions.skill },
        { title: words.level, number: true },
        { title: text.learners, number: true },
        { title: words.supply, number: true },
        { title: words.change, number: true },
      ],
      rows.map((row) => [
        name(row),
        row.level,
        show.number(row.learners),
        show.number(row.supplyPersonLevels),
        moved(row),
      ]),
    )
  }
  return table(
    text.tableCaption,
    [
      { title: words.dimensions.skill },
      { title: words.level, number: true },
      { title: words.demand, number: true },
      { title: words.supply, number: true },
      { title: words.gap, number: true },
      { title: words.coverage, number: true },
      { title: words.change, number: true },
    ],
    rows.map((row) => [
      name(row),
      row.level,
      show.number(row.demandPersonLevels),
      show.number(row.supplyPersonLevels),
      html`${show.number(row.gapPersonLevels)}${row.partial ? html` <span class="soft small">${words.partly}</span>` : ''}`,
      show.percent(row.coveragePercent),
      moved(row),
    ]),
  )
}
