import { expect, test } from 'vitest'
import { academy, publicUrl } from './academy.ts'

const html = { accept: 'text/html' }

test.each(['//evil.example/', '///evil.example/x', '/\\evil.example/', '/\\/evil.example'])(
  'no link of the page at %s leads away from this site',
  async (path) => {
    const { request } = await academy()
    const page = await (await request(path, { headers: html })).text()
    const links = [...page.matchAll(/(?:href|action|src)="([^"]*)"/g)].map(([, href]) => href ?? '')
    expect(links.length).toBeGreaterThan(5)
    for (const href of links) expect(new URL(href, publicUrl).origin, href).toBe(publicUrl)
  },
)

const multipart = { 'content-type': 'multipart/form-data; boundary=x' }
test.each([
  ['/verify', { 'content-type': 'multipart/form-data' }, 'x'],
  ['/verify', multipart, '--x\r\nbroken'],
  ['/verify', multipart, ''],
  ['/sign-out', multipart, '--x\r\nbroken'],
])(
  'a form at %s that cannot be read is the sender’s mistake, not a defect: %o',
  async (path, headers, body) => {
    const { request, logged } = await academy()
    const response = await request(path, { method: 'POST', headers, body })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'invalid_input' })
    expect(logged).toEqual([])
  },
)
