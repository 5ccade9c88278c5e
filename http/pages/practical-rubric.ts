import { html } from 'hono/html'
import type { Graded } from '#core/practicals/attempt.ts'
import { type MetricRule, type Practical, referenceAt } from '#core/practicals/practical.ts'
import { type Content, tag } from './components.ts'
import { shortNumber } from './dates.ts'
import { practicalWords } from './i18n/practical.ts'
import type { Language } from './language.ts'

/** Where a metric is judged. */
export type RubricPlace = { site: string; partition?: string | undefined }

/** What will be asked, before anything was run. */
export function rubricRows(
  practical: Practical,
  place: RubricPlace | undefined,
  language: Language,
): Content[][] {
  const words = practicalWords[language]
  return [
    ...practical.rubric.sanity.map(({ label }) => [label[language], words.mustHold]),
    ...practical.rubric.metrics.map((metric) => {
      const rule = place ? referenceAt(metric, place.site, place.partition) : null
      return [metric.label[language], neededText(rule, metric.unit, language)]
    }),
  ]
}

function neededText(rule: MetricRule, unit: string, language: Language): string {
  const words = practicalWords[language]
  if (rule === null) return words.noReference
  return rule === 'not-judged' ? words.notJudged : words.atLeast(figure(rule.pass, unit, language))
}

const figure = (value: number, unit: string, language: Language) =>
  `${shortNumber(value, language)}${unit === '1' ? '' : ` ${unit}`}`

/** How it was judged: each rule with what was needed and what came out. */
export function judgedRows(
  graded: Graded,
  practical: Practical | undefined,
  language: Language,
): Content[][] {
  const words = practicalWords[language]
  const labelOf = (name: string) => {
    const rules = [...(practical?.rubric.sanity ?? []), ...(practical?.rubric.metrics ?? [])]
    return rules.find((rule) => rule.name === name)?.label[language] ?? name
  }
  return [
    ...graded.sanity.map(({ name, held }) => [
      labelOf(name),
      words.mustHold,
      held ? tag(words.held, 'good') : tag(words.notHeld, 'bad'),
    ]),
    ...graded.metrics.map(({ name, value, unit, threshold, met }) => {
      const sign = met === undefined ? '' : met ? tag(words.met, 'good') : tag(words.missed, 'bad')
      const rule = practical?.rubric.metrics.find((metric) => metric.name === name)
      const { site, partition } = graded.evidence
      // The threshold that was applied is on record; why there was none is the practical's to say.
      const needed =
        threshold === undefined
          ? neededText((rule && referenceAt(rule, site, partition)) ?? null, unit, language)
          : words.atLeast(figure(threshold, unit, language))
      return [labelOf(name), needed, html`${figure(value, unit, language)} ${sign}`]
    }),
  ]
}
