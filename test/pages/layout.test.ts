import { Hono } from 'hono'
import { html } from 'hono/html'
import { expect, test } from 'vitest'
import { sendErrorPage } from '#http/pages/error.ts'
import { en } from '#http/pages/i18n/en.ts'
import { fr } from '#http/pages/i18n/fr.ts'
import { frenchSpaces, inBoth } from '#http/pages/i18n/words.ts'
import { preferredLanguage } from '#http/pages/language.ts'
import { page, sendPage, withLanguage } from '#http/pages/layout.ts'
import { staticRoutes } from '#http/static/stylesheet.ts'

const app = new Hono()
app.get('/hello', (c) =>
  sendPage(c, (language) => ({ title: `<${language}>`, body: html`<h1>${'<script>'}</h1>` })),
)
app.get('/lost', (c) => sendErrorPage(c, { status: 404, code: 'not_found' }))
app.route('/', staticRoutes())

test('every value put into a page is escaped', async () => {
  const text = await page({
    title: '</title><script>',
    language: 'en',
    path: '/x?q="><script>',
    body: html`<p>${'<img onerror=1>'}</p>`,
  })
  expect(text).not.toContain('<script>')
  expect(text).not.toContain('<img')
})

test('a page forbids scripts, frames and referrers', async () => {
  const { headers } = await app.request('/hello')
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
  expect(headers.get('content-security-policy')).not.toMatch(/unsafe|script-src/)
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('cache-control')).toBe('no-store')
})

test('a page holds no inline style and no script', async () => {
  const text = await (await app.request('/hello')).text()
  expect(text).not.toMatch(/<script|style=|<style|\son[a-z]+=/i)
})

test.each([
  ['', undefined, undefined, 'en'],
  ['', 'fr-BE,fr;q=0.9', undefined, 'fr'],
  ['?lang=fr', 'en', undefined, 'fr'],
  ['?lang=en', 'fr', 'lang=fr', 'en'],
  ['', 'en', 'lang=fr', 'fr'],
  ['?lang=xx', undefined, 'lang=yy', 'en'],
])('query %s, accept %s and cookie %s give %s', async (query, accept, cookie, language) => {
  const answer = await app.request(`/hello${query}`, {
    headers: { ...(accept ? { 'accept-language': accept } : {}), ...(cookie ? { cookie } : {}) },
  })
  expect(await answer.text()).toContain(`<html lang="${language}">`)
  expect(answer.headers.get('vary')).toContain('Accept-Language')
})

test('a chosen language is remembered in a cookie scripts cannot read', async () => {
  const answer = await app.request('/hello?lang=fr')
  expect(answer.headers.get('set-cookie')).toMatch(/^lang=fr;.*HttpOnly.*SameSite=Lax/)
})

test.each([
  ['fr;q=0.3, en;q=0.8', 'en'],
  ['de, fr;q=0.5', 'fr'],
  ['fr;q=0', 'en'],
  ['*', 'en'],
  [',;;q=x', 'en'],
])('Accept-Language %s prefers %s', (header, language) => {
  expect(preferredLanguage(header)).toBe(language)
})

test('the language link keeps the rest of the address', () => {
  expect(withLanguage('/gaps?role=a&lang=en', 'fr')).toBe('/gaps?role=a&lang=fr')
})

test('an unknown page is told in the reader’s language with a stable code', async () => {
  const answer = await app.request('/lost?lang=fr')
  expect(answer.status).toBe(404)
  const text = await answer.text()
  expect(text).toContain('Il n’y a rien ici')
  expect(text).toContain('<code>not_found</code>')
})

test('the stylesheet is kept for ever under its own hash only', async () => {
  const href = /href="(\/static\/style\.css[^"]*)"/.exec(await (await app.request('/hello')).text())?.[1]
  const answer = await app.request(href ?? '')
  expect(answer.headers.get('content-type')).toBe('text/css; charset=utf-8')
  expect(answer.headers.get('cache-control')).toContain('immutable')
  expect((await app.request('/static/style.css?v=old')).headers.get('cache-control')).toBe('no-cache')
})

test('no French text is empty or left in English by mistake', () => {
  const same: string[] = []
  compare(en, fr, '')
  expect(same).toEqual(['.nav.modules', '.home.modules', '.errors.code'])

  function compare(english: object, french: object, path: string): void {
    for (const [key, value] of Object.entries(english)) {
      const other: unknown = (french as Record<string, unknown>)[key]
      if (typeof value === 'object' && value !== null) compare(value, other as object, `${path}.${key}`)
      else if (typeof value === 'string') {
        expect(other, `${path}.${key}`).not.toBe('')
        if (other === value) same.push(`${path}.${key}`)
      }
    }
  }
})

test('no line of French begins with a sign that follows a space, also in texts made of values', () => {
  expect(frenchSpaces('Oui ; non : « si » ? 60 % !')).toBe(
    'Oui\u00a0; non\u00a0: «\u00a0si\u00a0»\u00a0? 60\u00a0%\u00a0!',
  )
  const { fr: french, en: english } = inBoth(
    { one: 'a : b', more: { of: (n: string) => `${n} : b` } },
    { one: 'a : b', more: { of: (n) => `${n} : b` } },
  )
  expect([french.one, french.more.of('x')]).toEqual(['a\u00a0: b', 'x\u00a0: b'])
  expect(english.one).toBe('a : b')
})
