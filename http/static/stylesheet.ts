import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Hono } from 'hono'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const style = read('./style.css')
const mark = read('./mark.svg')
const hash = createHash('sha256').update(style).digest('base64url').slice(0, 12)

/** Address of the one stylesheet; the hash of its text is in it, so that a browser may keep it for ever. */
export const stylesheetHref = `/static/style.css?v=${hash}`

/** Serves the stylesheet and the mark of the site. */
export function staticRoutes(): Hono {
  const app = new Hono()
  app.get('/static/style.css', (c) => {
    const named = c.req.query('v') === hash
    c.header('Cache-Control', named ? 'public, max-age=31536000, immutable' : 'no-cache')
    c.header('X-Content-Type-Options', 'nosniff')
    return c.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8' })
  })
  app.get('/static/mark.svg', (c) => {
    c.header('Cache-Control', 'public, max-age=86400')
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'")
    return c.body(mark, 200, { 'Content-Type': 'image/svg+xml' })
  })
  return app
}
