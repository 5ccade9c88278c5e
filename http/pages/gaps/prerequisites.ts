import { html } from 'hono/html'
import type { GapSlice } from '#core/gaps/gap-slice.ts'
import type { SnapshotHeader } from '#core/gaps/snapshot.ts'
import type { BlockingSkill } from '#core/gaps/what-blocks.ts'
import type { Ports } from '#core/ports.ts'
import { emptyState, table } from '../components.ts'
import { inBoth } from '../i18n/words.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import { codeField } from './asked.ts'
import { gapNames } from './names.ts'
import { provenance, whyHidden } from './provenance.ts'
import { gapWords } from './words.ts'

const blockWords = inBoth(
  {
    lead: 'Skills that others stand on: as long as too few hold them, the gap behind them cannot close.',
    title: 'What blocks most',
    caption: 'Prerequisites, by the gap behind them',
    behind: 'Gap behind it',
    holders: 'Hold it',
    short: 'Too few by',
    blocks: 'Waiting for it',
    count: (count: number) => `${count} skills`,
    nothing: 'Nothing blocks this gap.',
    hiddenNote: 'A hidden number of holders counts as nobody here.',
  },
  {
    lead: 'Des compétences sur lesquelles d’autres s’appuient : tant que trop peu de personnes les possèdent, l’écart derrière elles ne peut se combler.',
    title: 'Ce qui bloque le plus',
    caption: 'Prérequis, selon l’écart derrière eux',
    behind: 'Écart derrière',
    holders: 'La possèdent',
    short: 'Il en manque',
    blocks: 'En attente',
    count: (count: number) => `${count} compétences`,
    nothing: 'Rien ne bloque cet écart.',
    hiddenNote: 'Un nombre masqué compte ici pour personne.',
  },
)

export function prerequisitesView(
  { snapshot, skills }: { snapshot: SnapshotHeader; skills: readonly BlockingSkill[] },
  slice: GapSlice,
  language: Language,
  ports: Pick<Ports, 'ontology'>,
): Html {
  const words = gapWords[language]
  const text = blockWords[language]
  const show = gapNames(language, ports)
  return html`<p class="lead">${text.lead}</p>
<form method="get" action="/gaps/prerequisites" class="inline-fields">
${codeField('sector', slice.sector, language, ports)}
${codeField('role', slice.role, language, ports)}
<p class="actions"><button type="submit">${words.show}</button></p></form>
<h2>${text.title}</h2>
${
  skills.length === 0
    ? emptyState(text.nothing)
    : table(
        text.caption,
        [
          { title: words.dimensions.skill },
          { title: words.level, number: true },
          { title: text.behind, number: true },
          { title: text.holders, number: true },
          { title: text.short, number: true },
          { title: text.blocks },
        ],
        skills.map((one) => [
          html`<a href="/skills/${one.skill}">${show.skill(one.skill)}</a>`,
          one.level,
          show.plain(one.gapBehindPersonLevels),
          show.number(one.holders),
          show.plain(one.shortHeads),
          html`<details class="inline"><summary>${text.count(one.blocks.length)}</summary>${one.blocks.map((skill) => show.skill(skill)).join(', ')}</details>`,
        ]),
      )
}
<p class="soft small">${text.hiddenNote} ${words.unit}</p>
${whyHidden(snapshot, language, false)}
${provenance(snapshot, language)}`
}
