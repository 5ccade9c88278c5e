import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]

const isLanguage = (text: string | undefined): text is Language => languages.some((known) => known === text)

const yearSeconds = 31_536_000

/**
 * The language of a page: `?lang=` (remembered in a cookie), then the cookie, then `Accept-Language`, then English.
 * Says so in `Vary`, so that no cache mixes the two.
 */
export function readLanguage(c: Context): Language {
  c.header('Vary', 'Accept-Language', { append: true })
  c.header('Vary', 'Cookie', { append: true })
  const asked = c.req.query('lang')
  if (isLanguage(asked)) {
    setCookie(c, 'lang', asked, {
      path: '/',
      maxAge: yearSeconds,
      sameSite: 'Lax',
      httpOnly: true,
      secure: new URL(c.req.url).protocol === 'https:',
    })
  }
  return languageOf(c)
}

/** The same language without a word to the answer, for what is looked up before it is made. */
export function languageOf(c: Context): Language {
  for (const chosen of [c.req.query('lang'), getCookie(c, 'lang')]) if (isLanguage(chosen)) return chosen
  return preferredLanguage(c.req.header('accept-language') ?? '')
}

/** RFC 9110 §12.5.4: the known language with the highest weight; English when none is wanted. */
export function preferredLanguage(acceptLanguage: string): Language {
  let best: { language: Language; weight: number } = { language: 'en', weight: 0 }
  for (const part of acceptLanguage.slice(0, 500).split(',')) {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';')
    const language = range.split('-')[0]
    const q = parameters.map((text) => /^\s*q=([0-9.]+)\s*$/.exec(text)?.[1]).find(Boolean)
    const weight = q === undefined ? 1 : Number(q)
    if (isLanguage(language) && weight > best.weight) best = { language, weight }
  }
  return best.language
}
