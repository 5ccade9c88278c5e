import type { Language } from './language.ts'

const locale: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR' }
const steps = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** `2 hours`, `about` left to the reader: the largest unit that fits, rounded. */
export function duration(seconds: number, language: Language): string {
  const [unit, size] = steps.find(([, length]) => seconds >= length) ?? (['second', 1] as const)
  return new Intl.NumberFormat(locale[language], {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: 0,
  }).format(Math.max(0, seconds / size))
}
