import { html } from 'hono/html'
import type { GapTable } from '#core/gaps/gap-table.ts'
import type { SkillsGap } from '#core/gaps/skills-gap.ts'
import type { Ports } from '#core/ports.ts'
import { inBoth } from '../i18n/words.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import { sliceTitle } from './asked.ts'
import { cellTable } from './cell-table.ts'
import { heatMap } from './heat-map.ts'
import { gapNames } from './names.ts'
import { provenance, whyHidden } from './provenance.ts'
import { skillTable } from './skill-table.ts'
import { gapWords } from './words.ts'

const sheetWords = inBoth(
  {
    print:
      'Print this page, or save it as a PDF, with your browser. Forms and links of the site are left out.',
    hiddenCount: (hidden: number, all: number) => `${hidden} of ${all} numbers are hidden.`,
  },
  {
    print:
      'Imprimez cette page, ou enregistrez-la en PDF, avec votre navigateur. Formulaires et liens du site sont omis.',
    hiddenCount: (hidden: number, all: number) => `${hidden} chiffres sur ${all} sont masqués.`,
  },
)

/** A table or a slice on one sheet, with all that must be said about it. */
export function sheetView(
  found: { table: GapTable } | { slice: SkillsGap },
  language: Language,
  ports: Pick<Ports, 'ontology'>,
): Html {
  const words = gapWords[language]
  const text = sheetWords[language]
  const show = gapNames(language, ports)
  const body = 'table' in found ? tableBody(found.table) : sliceBody(found.slice)
  return html`<p class="no-print note">${text.print}</p>
<h1>${words.title} · ${body.title}</h1>
${body.content}
<p>${text.hiddenCount(body.hidden, body.all)}</p>
${whyHidden(body.snapshot, language, true)}
<p class="small">${words.unit}</p>
${provenance(body.snapshot, language)}`

  function tableBody(found: GapTable) {
    const title = found.by.map((one) => words.dimensions[one]).join(' × ')
    return {
      title,
      snapshot: found.snapshot,
      all: found.cells.length,
      hidden: found.cells.filter(({ suppressed }) => suppressed).length,
      content: html`${found.demand === 'known' ? '' : html`<p>${words.noDemand[found.demand]}</p>`}
${heatMap(found, { all: true, linked: false, snapshot: undefined }, show, language, ports)}
${cellTable(title, found, show, language)}`,
    }
  }

  function sliceBody({
    slice,
    rows,
    snapshot,
    heads,
    gapPersonLevels,
    coveragePercent,
    demand,
    between,
    learners,
  }: SkillsGap) {
    const isKnown = demand === 'known' && between === null
    return {
      title: sliceTitle(slice, show, language),
      snapshot,
      all: rows.length,
      hidden: rows.filter(({ suppressed }) => suppressed).length,
      content: html`${demand === 'known' ? '' : html`<p>${words.noDemand[demand]}</p>`}
${between ? html`<p>${words.between(show.plain(between.atLeastPersonLevels), show.plain(between.atMostPersonLevels))}</p>` : ''}
<dl class="figures">
${demand === 'known' ? html`<div><dt>${words.heads}</dt><dd>${show.number(heads)}</dd></div>` : ''}
${isKnown ? html`<div><dt>${words.gap}</dt><dd>${show.number(gapPersonLevels)}</dd></div><div><dt>${words.coverage}</dt><dd>${show.percent(coveragePercent)}</dd></div>` : ''}
<div><dt>${words.enrolled}</dt><dd>${show.number(learners.enrolled)}</dd></div>
<div><dt>${words.holding}</dt><dd>${show.number(learners.holding)}</dd></div>
</dl>
${rows.length === 0 ? '' : skillTable({ rows, demand }, { linked: false }, show, language)}`,
    }
  }
}
