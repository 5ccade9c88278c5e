import { html } from 'hono/html'
import { type GapDimension, gapDimensions } from '#core/gaps/gap-slice.ts'
import type { TrendPoint } from '#core/gaps/gap-trend.ts'
import { cohortSeats, type ModuleAdvice } from '#core/gaps/next-module.ts'
import type { SkillsGap } from '#core/gaps/skills-gap.ts'
import type { SnapshotHeader } from '#core/gaps/snapshot.ts'
import type { Ports } from '#core/ports.ts'
import { note, table } from '../components.ts'
import { inBoth } from '../i18n/words.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import { codeField, gapHref, sliceTitle, snapshotField } from './asked.ts'
import { type GapNames, gapNames } from './names.ts'
import { takeAlong } from './overview.ts'
import { provenance, whyHidden } from './provenance.ts'
import { skillTable } from './skill-table.ts'
import { sparkline } from './sparkline.ts'
import { gapWords } from './words.ts'

const sliceWords = inBoth(
  {
    choose: 'Choose another slice: at most two at once',
    months: 'Month by month',
    monthsCaption: 'This slice as of the last snapshot of each month',
    month: 'Month',
    nextModule: 'The module that closes most per hour',
    nextModuleText: (seats: number, closes: string, hours: number) =>
      `One cohort of ${seats} closes ${closes} person-levels of this gap in ${hours} hours of work each. Hidden supply counts as none here.`,
    missingEntry: (skills: string) =>
      `Few in the sector verifiably hold what it asks for at entry: ${skills}.`,
    otherModules: 'Other modules that help',
    hours: 'Hours',
    gpuHours: 'GPU-hours',
    closes: 'Closes',
    entry: 'Entry',
    entryMet: 'can start now',
    entryMissing: (skills: string) => `first: ${skills}`,
    drill: 'Break it down:',
    by: (dimension: string) => `by ${dimension.toLowerCase()}`,
    nothing: 'Nothing is demanded here.',
    back: 'Back to the overview',
  },
  {
    choose: 'Choisir une autre vue : deux critères au plus',
    months: 'Mois par mois',
    monthsCaption: 'Cette vue selon le dernier instantané de chaque mois',
    month: 'Mois',
    nextModule: 'Le module qui comble le plus par heure',
    nextModuleText: (seats: number, closes: string, hours: number) =>
      `Une promotion de ${seats} personnes comble ${closes} niveaux-personnes de cet écart en ${hours} heures de travail chacune. L’offre masquée compte ici pour zéro.`,
    missingEntry: (skills: string) =>
      `Peu de personnes du secteur possèdent de façon vérifiée ce qu’il demande à l’entrée : ${skills}.`,
    otherModules: 'Autres modules utiles',
    hours: 'Heures',
    gpuHours: 'Heures GPU',
    closes: 'Comble',
    entry: 'Entrée',
    entryMet: 'peut commencer maintenant',
    entryMissing: (skills: string) => `d’abord : ${skills}`,
    drill: 'Détailler :',
    by: (dimension: string) => `par ${dimension.toLowerCase()}`,
    nothing: 'Rien n’est demandé ici.',
    back: 'Retour à la vue d’ensemble',
  },
)

/** The form that chooses a slice; every dimension, at most two of them. */
export function sliceForm(
  asked: { slice: SkillsGap['slice']; snapshot: string | undefined },
  snapshots: readonly SnapshotHeader[],
  language: Language,
  ports: Pick<Ports, 'ontology'>,
): Html {
  const order: readonly GapDimension[] = [
    'sector',
    'role',
    'country',
    'nuts1',
    'targetGroup',
    'domain',
    'skill',
  ]
  return html`<form method="get" action="/gaps" class="inline-fields no-print"><input type="hidden" name="slice" value="all">
${order.map((dimension) => codeField(dimension, asked.slice[dimension], language, ports))}
${snapshotField(snapshots, asked.snapshot, language)}
<p class="actions"><button type="submit">${gapWords[language].show}</button></p>
</form>`
}

/** One slice: its figures, how it moved, what would help, and every skill of it. */
export function sliceView(
  gap: SkillsGap,
  trend: readonly TrendPoint[],
  form: Html,
  asked: { snapshot: string | undefined },
  language: Language,
  ports: Pick<Ports, 'ontology'>,
): Html {
  const words = gapWords[language]
  const text = sliceWords[language]
  const show = gapNames(language, ports)
  const { snapshot, slice } = gap
  const isKnown = gap.demand === 'known' && gap.between === null
  return html`<p class="no-print"><a href="/gaps">← ${text.back}</a></p>
<details class="no-print"><summary>${text.choose}</summary>${form}</details>
<h2>${sliceTitle(slice, show, language)}</h2>
${gap.demand === 'known' ? '' : note(words.noDemand[gap.demand])}
${gap.between ? note(words.between(show.plain(gap.between.atLeastPersonLevels), show.plain(gap.between.atMostPersonLevels))) : ''}
<dl class="figures">
${gap.demand === 'known' ? html`<div><dt>${words.heads}</dt><dd>${show.number(gap.heads)}</dd></div>` : ''}
${isKnown ? html`<div><dt>${words.gap}</dt><dd>${show.number(gap.gapPersonLevels)}</dd></div><div><dt>${words.coverage}</dt><dd>${show.percent(gap.coveragePercent)}</dd></div>` : ''}
<div><dt>${words.enrolled}</dt><dd>${show.number(gap.learners.enrolled)}</dd></div>
<div><dt>${words.holding}</dt><dd>${show.number(gap.learners.holding)}</dd></div>
${gap.between ? '' : html`<div><dt>${words.change}</dt><dd>${gap.changePersonLevels === null ? '–' : show.signed(gap.changePersonLevels)}</dd></div>`}
</dl>
${months(trend, isKnown, show, language)}
${nextModule(gap.modules, show, language)}
${
  gap.suppressed || gap.rows.some(({ partial }) => partial)
    ? whyHidden(
        snapshot,
        language,
        gap.rows.some(({ partial }) => partial),
      )
    : ''
}
${gap.rows.length > 0 ? skillTable(gap, { linked: true }, show, language) : gap.between || gap.learners.holding !== null || gap.demand !== 'known' ? '' : html`<p>${text.nothing}</p>`}
${drillDown(gap, asked.snapshot, language)}
${takeAlong({ ...slice, slice: 'all', snapshot: asked.snapshot }, language)}
<p class="soft small">${words.unit}</p>
${provenance(snapshot, language)}`
}

function months(
  trend: readonly TrendPoint[],
  isKnown: boolean,
  show: GapNames,
  language: Language,
): Html | '' {
  const words = gapWords[language]
  const text = sliceWords[language]
  if (trend.length < 2) return ''
  const line = (title: string, read: (point: TrendPoint) => number | null) =>
    html`<div><dt>${title}</dt><dd>${sparkline(trend, read, show, language)}</dd></div>`
  return html`<h3>${text.months}</h3>
<dl class="trends">
${isKnown ? line(words.coverage, ({ coveragePercent }) => coveragePercent) : ''}
${isKnown ? line(words.gap, ({ gapPersonLevels }) => gapPersonLevels) : ''}
${line(words.enrolled, ({ learners }) => learners.enrolled)}
${line(words.holding, ({ learners }) => learners.holding)}
</dl>
<details><summary>${text.monthsCaption}</summary>${table(
    text.monthsCaption,
    [
      { title: text.month },
      ...(isKnown
        ? [
            { title: words.gap, number: true },
            { title: words.coverage, number: true },
          ]
        : []),
      { title: words.enrolled, number: true },
      { title: words.holding, number: true },
    ],
    trend.map((point) => [
      show.month(point.month),
      ...(isKnown ? [show.number(point.gapPersonLevels), show.percent(point.coveragePercent)] : []),
      show.number(point.learners.enrolled),
      show.number(point.learners.holding),
    ]),
  )}</details>`
}

function nextModule(modules: readonly ModuleAdvice[], show: GapNames, language: Language): Html | '' {
  const words = gapWords[language]
  const text = sliceWords[language]
  const [first, ...others] = modules
  if (!first) return ''
  const entry = (one: ModuleAdvice) => one.missingEntry.map(({ skill }) => show.skill(skill)).join(', ')
  return html`<section class="card"><h3>${text.nextModule}</h3>
<p><a href="/modules/${first.module}">${show.module(first.module)}</a></p>
<p>${text.nextModuleText(cohortSeats, show.plain(first.closesPersonLevels), first.workloadHours)}</p>
${first.missingEntry.length > 0 ? html`<p class="soft">${text.missingEntry(entry(first))}</p>` : ''}
${
  others.length === 0
    ? ''
    : html`<details><summary>${text.otherModules}</summary>${table(
        text.otherModules,
        [
          { title: words.dimensions.module },
          { title: text.hours, number: true },
          { title: text.gpuHours, number: true },
          { title: text.closes, number: true },
          { title: text.entry },
        ],
        others.map((one) => [
          html`<a href="/modules/${one.module}">${show.module(one.module)}</a>`,
          one.workloadHours,
          one.gpuHours === null ? '–' : show.plain(one.gpuHours),
          show.plain(one.closesPersonLevels),
          one.missingEntry.length === 0 ? text.entryMet : text.entryMissing(entry(one)),
        ]),
      )}</details>`
}
</section>`
}

/** From one dimension to every other it may be crossed with. */
function drillDown({ slice }: SkillsGap, snapshot: string | undefined, language: Language): Html | '' {
  const words = gapWords[language]
  const text = sliceWords[language]
  const [only, second] = gapDimensions.filter((dimension) => slice[dimension] !== undefined)
  if (only === undefined || second !== undefined) return ''
  const grains = [
    ['country', 'nuts1'],
    ['domain', 'skill'],
  ]
  const others = gapDimensions.filter(
    (one) => one !== only && !grains.some((pair) => pair.includes(one) && pair.includes(only)),
  )
  return html`<p class="exports no-print"><strong>${text.drill}</strong> ${others.map(
    (one) =>
      html`<a href="${gapHref('/gaps', { rows: only, columns: one, snapshot })}#map">${text.by(words.dimensions[one])}</a> `,
  )}</p>`
}
