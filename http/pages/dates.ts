import type { Language } from './language.ts'

const locale: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR' }

/** `23 November 2026`; takes a moment or `YYYY-MM-DD`. Always UTC, so that everybody reads the same day. */
export function longDate(date: Date | string, language: Language): string {
  const moment = typeof date === 'string' ? new Date(`${date}T00:00:00Z`) : date
  return new Intl.DateTimeFormat(locale[language], { dateStyle: 'long', timeZone: 'UTC' }).format(moment)
}

/** `23 November 2026 at 16:05`. */
export function dateAndTime(date: Date, language: Language): string {
  return new Intl.DateTimeFormat(locale[language], {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(date)
}

/** A measured number with at most three decimals, in the reader's notation. */
export function shortNumber(value: number, language: Language): string {
  return new Intl.NumberFormat(locale[language], { maximumFractionDigits: 3 }).format(value)
}

/** `French` for `fr`; several tags apart by `; ` stay as they are. */
export function languageName(tag: string, language: Language): string {
  if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag)) return tag
  return new Intl.DisplayNames([locale[language]], { type: 'language' }).of(tag) ?? tag
}
