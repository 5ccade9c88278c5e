import { html } from 'hono/html'
import type { Actor } from '#core/access/operations.ts'
import type { GapDimension } from '#core/gaps/gap-slice.ts'
import { type GapTable, gapTable } from '#core/gaps/gap-table.ts'
import { monthlySnapshots, pointOf } from '#core/gaps/gap-trend.ts'
import { type SkillsGap, skillsGap } from '#core/gaps/skills-gap.ts'
import type { Snapshot, SnapshotHeader } from '#core/gaps/snapshot.ts'
import { type EmergingSkill, emergingSkills } from '#core/gaps/what-blocks.ts'
import type { SnapshotId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { field, table } from '../components.ts'
import { inBoth } from '../i18n/words.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import { gapHref, option, snapshotField } from './asked.ts'
import { cellTable } from './cell-table.ts'
import { heatMap } from './heat-map.ts'
import { type GapNames, gapNames } from './names.ts'
import { provenance, whyHidden } from './provenance.ts'
import { sparkline } from './sparkline.ts'
import { gapWords } from './words.ts'

const overviewWords = inBoth(
  {
    rows: 'Rows',
    columns: 'Columns',
    none: 'None',
    mapTitle: 'Where it is missing',
    mapForm: 'Choose what to compare; any two.',
    skipMap: 'Skip the map',
    topTitle: 'The largest gaps',
    topCaption: 'Skills with the largest gap over all sectors',
    sectorTitle: 'Sector by sector',
    sectorCaption: 'Demand, gap and learners of each sector, and how its coverage moved',
    asTable: 'The same as a table of numbers',
    emergingTitle: 'New, and on the rise',
    emergingCaption: 'New skills, and skills asked for more than before',
    emergingFlag: 'new',
    demandChange: 'Change of demand',
    slice: 'Look closer',
    sliceText: 'One sector, role, country, region, target group, domain or skill, or any two of them.',
    everything: 'Everything at once, skill by skill',
  },
  {
    rows: 'Lignes',
    columns: 'Colonnes',
    none: 'Aucune',
    mapTitle: 'Où cela manque',
    mapForm: 'Choisissez quoi comparer, deux à deux.',
    skipMap: 'Passer la carte',
    topTitle: 'Les plus grands écarts',
    topCaption: 'Compétences présentant le plus grand écart, tous secteurs confondus',
    sectorTitle: 'Secteur par secteur',
    sectorCaption: 'Demande, écart et apprenants de chaque secteur, et évolution de sa couverture',
    asTable: 'Les mêmes chiffres sous forme de tableau',
    emergingTitle: 'Nouvelles et en progression',
    emergingCaption: 'Compétences nouvelles ou plus demandées qu’auparavant',
    emergingFlag: 'nouvelle',
    demandChange: 'Évolution de la demande',
    slice: 'Regarder de plus près',
    sliceText:
      'Un secteur, un métier, un pays, une région, un public, un domaine ou une compétence, ou deux à la fois.',
    everything: 'Tout à la fois, compétence par compétence',
  },
)

type OverviewPorts = Pick<Ports, 'store' | 'ontology'>

export interface Overview {
  found: GapTable
  overall: SkillsGap
  sectors: GapTable
  emerging: EmergingSkill[]
  history: Snapshot[]
}

const topSkills = 10
const months = 12

/** Everything the overview shows, from published snapshots; refuses as `gapTable` does. */
export async function readOverview(
  actor: Actor | undefined,
  { by, snapshot }: { by: readonly GapDimension[]; snapshot?: SnapshotId },
  ports: OverviewPorts,
): Promise<Overview> {
  const asked = snapshot === undefined ? {} : { snapshot }
  const found = await gapTable(actor, { by, ...asked }, ports)
  const [overall, sectors, emerging, history] = await Promise.all([
    skillsGap(actor, asked, ports),
    gapTable(actor, { by: ['sector'], ...asked }, ports),
    emergingSkills(actor, asked, ports),
    monthlySnapshots(months, ports.store),
  ])
  return { found, overall, sectors, emerging: emerging.skills, history }
}

const offered: readonly GapDimension[] = [
  'sector',
  'role',
  'domain',
  'skill',
  'country',
  'nuts1',
  'targetGroup',
]

export function overviewForm(
  {
    rows,
    columns,
    snapshot,
  }: { rows: GapDimension; columns: GapDimension | undefined; snapshot: string | undefined },
  snapshots: readonly SnapshotHeader[],
  language: Language,
): Html {
  const words = gapWords[language]
  const text = overviewWords[language]
  const dimension = (name: 'rows' | 'columns', label: string, chosen: GapDimension | undefined) =>
    field({
      name,
      label,
      control: (attributes) =>
        html`<select ${attributes}>${name === 'columns' ? option('none', text.none, chosen === undefined) : ''}${offered.map(
          (one) => option(one, words.dimensions[one], one === chosen),
        )}</select>`,
    })
  return html`<form method="get" action="/gaps" class="inline-fields">
${dimension('rows', text.rows, rows)}
${dimension('columns', text.columns, columns)}
${snapshotField(snapshots, snapshot, language)}
<p class="actions"><button type="submit">${words.show}</button></p>
</form>`
}

/** The heat map, the largest gaps, each sector with its trend, and what is on the rise. */
export function overviewView(
  { found, overall, sectors, emerging, history }: Overview,
  forms: { map: Html; slice: Html },
  asked: { all: boolean; snapshot: string | undefined },
  language: Language,
  ports: OverviewPorts,
): Html {
  const words = gapWords[language]
  const text = overviewWords[language]
  const show = gapNames(language, ports)
  return html`<p class="lead">${words.lead}</p>
<dl class="figures">
<div><dt>${words.heads}</dt><dd>${show.number(overall.heads)}</dd></div>
<div><dt>${words.holding}</dt><dd>${show.number(overall.learners.holding)}</dd></div>
<div><dt>${words.gap}</dt><dd>${show.number(overall.gapPersonLevels)}</dd></div>
<div><dt>${words.coverage}</dt><dd>${show.percent(overall.coveragePercent)}</dd></div>
</dl>
<h2 id="map">${text.mapTitle}</h2>
<p class="soft no-print">${text.mapForm}</p>
${forms.map}
${found.demand === 'known' ? '' : html`<p>${words.noDemand[found.demand]}</p>`}
<a class="skip-map no-print" href="#after-map">${text.skipMap}</a>
${heatMap(found, { ...asked, linked: true }, show, language, ports)}
<details id="after-map"><summary>${text.asTable}</summary>${cellTable(found.by.map((one) => words.dimensions[one]).join(' × '), found, show, language)}</details>
${takeAlong({ rows: found.by[0], columns: found.by[1], snapshot: asked.snapshot }, language)}
${whyHidden(
  found.snapshot,
  language,
  found.cells.some(({ partial }) => partial),
)}
<h2>${text.slice}</h2>
<p class="soft no-print">${text.sliceText}</p>
${forms.slice}
<div class="split">
<section><h2>${text.topTitle}</h2>${topGaps(overall, asked.snapshot, show, language)}</section>
<section><h2>${text.emergingTitle}</h2>${risingSkills(emerging, asked.snapshot, show, language)}</section>
</div>
<h2>${text.sectorTitle}</h2>
${sectorTable(sectors, history, asked.snapshot, show, language, ports)}
<p class="soft small">${words.unit}</p>
${provenance(found.snapshot, language)}`
}

function topGaps(
  { rows }: SkillsGap,
  snapshot: string | undefined,
  show: GapNames,
  language: Language,
): Html {
  const words = gapWords[language]
  return html`${table(
    overviewWords[language].topCaption,
    [
      { title: words.dimensions.skill },
      { title: words.gap, number: true },
      { title: words.coverage, number: true },
    ],
    rows
      .filter(({ gapPersonLevels }) => gapPersonLevels !== null)
      .slice(0, topSkills)
      .map((row) => [
        html`<a href="${gapHref('/gaps', { skill: row.skill, snapshot })}">${show.skill(row.skill)}</a>`,
        show.number(row.gapPersonLevels),
        html`${show.percent(row.coveragePercent)}${row.partial ? html` <span class="soft small">${words.partly}</span>` : ''}`,
      ]),
  )}
<p><a href="${gapHref('/gaps', { slice: 'all', snapshot })}">${overviewWords[language].everything}</a></p>`
}

function risingSkills(
  skills: readonly EmergingSkill[],
  snapshot: string | undefined,
  show: GapNames,
  language: Language,
): Html {
  const words = gapWords[language]
  const text = overviewWords[language]
  return table(
    text.emergingCaption,
    [
      { title: words.dimensions.skill },
      { title: words.demand, number: true },
      { title: text.demandChange, number: true },
    ],
    skills
      .slice(0, topSkills)
      .map((one) => [
        html`<a href="${gapHref('/gaps', { skill: one.skill, snapshot })}">${show.skill(one.skill)}</a>${one.flagged ? html` <span class="tag">${text.emergingFlag}</span>` : ''}`,
        show.plain(one.demandPersonLevels),
        one.demandChange === null ? '–' : show.signed(one.demandChange),
      ]),
  )
}

function sectorTable(
  sectors: GapTable,
  history: readonly Snapshot[],
  snapshot: string | undefined,
  show: GapNames,
  language: Language,
  { ontology }: OverviewPorts,
): Html {
  const words = gapWords[language]
  const trendOf = (sector: string) => history.map((one) => pointOf({ sector }, one, ontology))
  return table(
    overviewWords[language].sectorCaption,
    [
      { title: words.dimensions.sector },
      { title: words.heads, number: true },
      { title: words.gap, number: true },
      { title: words.coverage, number: true },
      { title: words.holding, number: true },
      { title: words.trend },
    ],
    sectors.cells.map((cell) => [
      html`<a href="${gapHref('/gaps', { sector: cell.row, snapshot })}">${show.sector(cell.row)}</a>`,
      show.number(cell.heads),
      html`${show.number(cell.gapPersonLevels)}${cell.partial ? html` <span class="soft small">${words.partly}</span>` : ''}`,
      show.percent(cell.coveragePercent),
      show.number(cell.learners),
      sparkline(trendOf(cell.row), ({ learners }) => learners.holding, show, language),
    ]),
  )
}

/** Links to the same answer as a file, and as a sheet to print. */
export function takeAlong(parts: { readonly [name: string]: string | undefined }, language: Language): Html {
  const words = gapWords[language]
  return html`<p class="exports no-print"><strong>${words.exports}</strong>
<a href="${gapHref('/gaps/export.csv', parts)}" download>${words.csv}</a>
<a href="${gapHref('/gaps/export.json', parts)}" download>${words.json}</a>
<a href="${gapHref('/gaps/sheet', parts)}">${words.sheet}</a></p>`
}
