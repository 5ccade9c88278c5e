import { html } from 'hono/html'
import type { ModuleAdvice, RankBy } from '#core/gaps/next-module.ts'
import type { SkillsGap } from '#core/gaps/skills-gap.ts'
import type { ModulePerformance } from '#core/gaps/training-funnel.ts'
import type { Ports } from '#core/ports.ts'
import { field, table } from '../components.ts'
import { inBoth } from '../i18n/words.ts'
import type { Language } from '../language.ts'
import type { Html } from '../layout.ts'
import { codeField, option } from './asked.ts'
import { gapNames } from './names.ts'
import { provenance, whyHidden } from './provenance.ts'
import { gapWords } from './words.ts'

const moduleWords = inBoth(
  {
    lead: 'Which module closes most of the gap for what it costs, and how the modules do.',
    rank: 'Most gap closed per',
    hours: 'hour of work',
    gpuHours: 'GPU-hour',
    best: 'Modules that close most',
    bestCaption: 'One cohort of 25 in each module; modules a cohort can start now stand first',
    closes: 'Closes',
    perHour: 'Per 100 hours',
    perGpuHour: 'Per GPU-hour',
    entry: 'Entry',
    now: 'can start now',
    first: (skills: string) => `first: ${skills}`,
    none: 'No module closes any of this gap.',
    how: 'How the modules do',
    howCaption: 'Learners of the sectors shown, pass rate, time and room',
    enrolledOf: 'Enrolled',
    issuedOf: 'Awarded',
    pass: 'Pass rate',
    days: 'Days to award',
    seats: 'Seats open',
    workload: 'Hours',
    gpu: 'GPU-hours',
    notes:
      'The pass rate is of those assessed, where both numbers may be shown. Days are the median from enrolment to award, rounded to 5. GPU-hours are what one run of the practical may use at its longest.',
  },
  {
    lead: 'Quel module comble le plus d’écart pour ce qu’il coûte, et comment se portent les modules.',
    rank: 'Le plus d’écart comblé par',
    hours: 'heure de travail',
    gpuHours: 'heure GPU',
    best: 'Les modules qui comblent le plus',
    bestCaption: 'Une promotion de 25 personnes par module ; ceux qu’elle peut commencer maintenant d’abord',
    closes: 'Comble',
    perHour: 'Par 100 heures',
    perGpuHour: 'Par heure GPU',
    entry: 'Entrée',
    now: 'peut commencer maintenant',
    first: (skills: string) => `d’abord : ${skills}`,
    none: 'Aucun module ne comble cet écart.',
    how: 'Comment se portent les modules',
    howCaption: 'Apprenants des secteurs affichés, taux de réussite, durée et places',
    enrolledOf: 'Inscrits',
    issuedOf: 'Certifiés',
    pass: 'Taux de réussite',
    days: 'Jours jusqu’au titre',
    seats: 'Places ouvertes',
    workload: 'Heures',
    gpu: 'Heures GPU',
    notes:
      'Le taux de réussite porte sur les personnes évaluées, là où les deux chiffres peuvent être affichés. Les jours sont la médiane entre l’inscription et le titre, arrondie à 5. Les heures GPU sont ce qu’une exécution du travail pratique peut consommer au plus.',
  },
)

/** Best modules for a slice, by hours or GPU-hours, and the performance of each. */
export function modulesView(
  gap: SkillsGap,
  performance: readonly ModulePerformance[],
  rankBy: RankBy,
  language: Language,
  ports: Pick<Ports, 'ontology'>,
): Html {
  const words = gapWords[language]
  const text = moduleWords[language]
  const show = gapNames(language, ports)
  const entry = (one: ModuleAdvice) => one.missingEntry.map(({ skill }) => show.skill(skill)).join(', ')
  const worth = new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB', { maximumFractionDigits: 1 })
  return html`<p class="lead">${text.lead}</p>
<form method="get" action="/gaps/modules" class="inline-fields">
${codeField('sector', gap.slice.sector, language, ports)}
${codeField('role', gap.slice.role, language, ports)}
${field({
  name: 'rank',
  label: text.rank,
  control: (attributes) =>
    html`<select ${attributes}>${option('hours', text.hours, rankBy === 'hours')}${option('gpuHours', text.gpuHours, rankBy === 'gpuHours')}</select>`,
})}
<p class="actions"><button type="submit">${words.show}</button></p></form>
<h2>${text.best}</h2>
${
  gap.modules.length === 0
    ? html`<p>${text.none}</p>`
    : table(
        text.bestCaption,
        [
          { title: words.dimensions.module },
          { title: text.closes, number: true },
          { title: text.perHour, number: true },
          { title: text.perGpuHour, number: true },
          { title: text.entry },
        ],
        gap.modules.map((one) => [
          html`<a href="/modules/${one.module}">${show.module(one.module)}</a>`,
          show.plain(one.closesPersonLevels),
          worth.format(one.closesPerHour * 100),
          one.closesPerGpuHour === null ? '–' : worth.format(one.closesPerGpuHour),
          one.missingEntry.length === 0 ? text.now : text.first(entry(one)),
        ]),
      )
}
<h2>${text.how}</h2>
${table(
  text.howCaption,
  [
    { title: words.dimensions.module },
    { title: text.enrolledOf, number: true },
    { title: text.issuedOf, number: true },
    { title: text.pass, number: true },
    { title: text.days, number: true },
    { title: text.seats, number: true },
    { title: text.workload, number: true },
    { title: text.gpu, number: true },
  ],
  performance.map((one) => [
    html`<a href="/modules/${one.module}">${show.module(one.module)}</a>`,
    show.number(one.steps.enrolled),
    show.number(one.steps.issued),
    show.percent(one.passPercent),
    show.number(one.daysToAward),
    show.plain(one.seats),
    show.plain(one.workloadHours),
    one.gpuHours === null ? '–' : show.plain(one.gpuHours),
  ]),
)}
<p class="soft small">${text.notes}</p>
${whyHidden(gap.snapshot, language, false)}
${provenance(gap.snapshot, language)}`
}
