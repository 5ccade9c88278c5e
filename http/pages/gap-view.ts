import { html } from 'hono/html'
import type { GapRow } from '#core/gaps/gap-rows.ts'
import type { GapCell } from '#core/gaps/gap-table.ts'
import { cohortSeats } from '#core/gaps/next-module.ts'
import type { SkillsGap } from '#core/gaps/skills-gap.ts'
import type { Ports } from '#core/ports.ts'
import { inLanguage, type Text } from '#core/text.ts'
import { factList, field, note, table } from './components.ts'
import { dateAndTime } from './dates.ts'
import { gapWords } from './gap-words.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'
import type { NamesAndNumbers } from './names-and-numbers.ts'

export function chooser(
  asked: { sector?: string | undefined; role?: string | undefined; snapshot?: string | undefined },
  snapshots: readonly { id: string; publishedAt: Date }[],
  language: Language,
  { ontology }: Pick<Ports, 'ontology'>,
): Html {
  const words = gapWords[language]
  const options = (all: string, entries: Iterable<readonly [string, { label: Text }]>, chosen?: string) =>
    html`<option value="">${all}</option>${[...entries].map(([id, { label }]) =>
      option(id, inLanguage(label, language).value, id === chosen),
    )}`
  return html`<form method="get" action="/gaps">
${field({
  name: 'sector',
  label: words.sector,
  control: (attributes) =>
    html`<select ${attributes}>${options(words.allSectors, ontology.sectors, asked.sector)}</select>`,
})}
${field({
  name: 'role',
  label: words.role,
  control: (attributes) =>
    html`<select ${attributes}>${options(words.allRoles, ontology.roles, asked.role)}</select>`,
})}
${
  snapshots.length > 1
    ? field({
        name: 'snapshot',
        label: words.snapshot,
        control: (attributes) =>
          html`<select ${attributes}><option value="">${words.latest}</option>${snapshots.map(
            ({ id, publishedAt }) => option(id, dateAndTime(publishedAt, language), id === asked.snapshot),
          )}</select>`,
      })
    : ''
}
<p class="actions"><button class="button" type="submit">${words.show}</button></p>
</form>`
}

const option = (value: string, text: string, chosen: boolean) =>
  chosen
    ? html`<option value="${value}" selected>${text}</option>`
    : html`<option value="${value}">${text}</option>`

export function answer(gap: SkillsGap, show: NamesAndNumbers, language: Language): Html {
  const words = gapWords[language]
  const { snapshot } = gap
  return html`<h2>${words.answerTitle(
    gap.slice.role === undefined ? words.allRoles : show.role(gap.slice.role),
    gap.slice.sector === undefined ? words.allSectors : show.sector(gap.slice.sector),
  )}</h2>
<dl class="figures">
<div><dt>${words.heads}</dt><dd>${show.number(gap.heads)}</dd></div>
<div><dt>${words.gap}</dt><dd>${show.number(gap.gapPersonLevels)}</dd></div>
<div><dt>${words.coverage}</dt><dd>${show.percent(gap.coveragePercent)}</dd></div>
<div><dt>${words.change}</dt><dd>${gap.changePersonLevels === null ? '–' : show.signed(gap.changePersonLevels)}</dd></div>
</dl>
${nextModule(gap, show, language)}
${gap.suppressed ? note(words.hiddenExplained(snapshot.threshold)) : ''}
${table(
  words.tableCaption,
  [
    { title: words.skill },
    { title: words.level, number: true },
    { title: words.demand, number: true },
    { title: words.supply, number: true },
    { title: words.gap, number: true },
    { title: words.coverage, number: true },
    { title: words.change, number: true },
  ],
  gap.rows.map((row) => cells(row, show, language)),
)}
<p class="soft small">${words.unit}</p>
<h2>${words.madeHow}</h2>
${factList([
  [
    words.snapshotDate,
    html`<time datetime="${snapshot.publishedAt.toISOString()}">${dateAndTime(snapshot.publishedAt, language)}</time>`,
  ],
  [words.ontology, snapshot.ontology.version],
  [words.digest, html`<code class="break">${snapshot.ontology.digest}</code>`],
  [words.threshold, words.thresholdText(snapshot.threshold)],
  [words.method, words.methodText],
  [words.demandSource, words.synthetic],
])}`
}

function cells(row: GapRow, show: NamesAndNumbers, language: Language) {
  const words = gapWords[language]
  const partly = row.partial ? html` <span class="soft small">${words.partly}</span>` : ''
  return [
    html`<a href="/skills/${row.skill}">${show.skill(row.skill)}</a>${row.importance === 'optional' ? html` <span class="soft small">${words.optional}</span>` : ''}`,
    row.level,
    show.number(row.demandPersonLevels),
    show.number(row.supplyPersonLevels),
    html`${show.number(row.gapPersonLevels)}${partly}`,
    show.percent(row.coveragePercent),
    row.changePersonLevels === null ? '–' : show.signed(row.changePersonLevels),
  ]
}

function nextModule(gap: SkillsGap, show: NamesAndNumbers, language: Language): Html | string {
  const words = gapWords[language]
  const [first, ...others] = gap.modules
  if (!first) return ''
  return html`<section class="card"><h3>${words.nextModule}</h3>
<p><a href="/modules/${first.module}">${show.module(first.module)}</a></p>
<p>${words.nextModuleText(cohortSeats, show.plain(first.closesPersonLevels), first.workloadHours)}</p>
${
  first.missingEntry.length > 0
    ? html`<p class="soft">${words.missingEntry(first.missingEntry.map(({ skill }) => show.skill(skill)).join(', '))}</p>`
    : ''
}
${
  others.length > 0
    ? html`<details><summary>${words.otherModules}</summary>${table(
        words.otherModules,
        [
          { title: words.module },
          { title: words.hours, number: true },
          { title: words.closes, number: true },
          { title: words.entry },
        ],
        others.map((one) => [
          html`<a href="/modules/${one.module}">${show.module(one.module)}</a>`,
          one.workloadHours,
          show.plain(one.closesPersonLevels),
          one.missingEntry.length === 0
            ? words.entryMet
            : words.entryMissing(one.missingEntry.map(({ skill }) => show.skill(skill)).join(', ')),
        ]),
      )}</details>`
    : ''
}
</section>`
}

export function sectors(
  overview: readonly GapCell[],
  role: string | undefined,
  show: NamesAndNumbers,
  language: Language,
): Html {
  const words = gapWords[language]
  const address = (sector: string) =>
    `/gaps?${new URLSearchParams({ sector, ...(role ? { role } : {}) }).toString()}`
  return html`<h2>${words.bySector}</h2>
${table(
  words.bySector,
  [
    { title: words.sector },
    { title: words.heads, number: true },
    { title: words.gap, number: true },
    { title: words.coverage, number: true },
  ],
  overview.map((one) => [
    html`<a href="${address(one.row)}">${show.sector(one.row)}</a>`,
    show.number(one.heads),
    show.number(one.gapPersonLevels),
    show.percent(one.coveragePercent),
  ]),
)}`
}

export function publishing({ csrf, requestId }: { csrf: Html; requestId: string }, language: Language): Html {
  const words = gapWords[language]
  return html`<h2>${words.publishTitle}</h2>
<p>${words.publishText}</p>
<form method="post" action="/gaps/publish">${csrf}<input type="hidden" name="requestId" value="${requestId}">
<p class="actions"><button class="button quiet" type="submit">${words.publish}</button></p></form>`
}
