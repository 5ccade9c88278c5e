import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSeal, sealedCredential } from '#core/edc/read-seal.ts'
import { findProblems } from '#core/edc/rules.ts'
import { readTimeStamp } from '#core/edc/time-stamp.ts'
import { verifySealSignature } from '#core/edc/verify-seal.ts'
import { verifyTimeStamp } from '#core/edc/verify-time-stamp.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { readSettings } from '#functions/settings.ts'
import { type LocalServer, startLocal } from '#functions/start-local.ts'
import { devToken } from '#test/support/graphql.ts'
import { type TestAuthority, testAuthority } from './test-authority.ts'

let authority: TestAuthority
let stamps: Server
let folder = ''
let server: LocalServer
let path = ''

/** `npm start` with a time stamp authority in its settings, and one of the awards it begins with. */
beforeAll(async () => {
  authority = testAuthority()
  stamps = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(authority.stamp(body))
  })
  await new Promise<void>((resolve) => stamps.listen(0, '127.0.0.1', resolve))
  folder = mkdtempSync(join(tmpdir(), 'academy-edc-'))
  const settings = readSettings({
    PORT: '0',
    DATA_DIR: join(folder, 'data'),
    TSA_URL: `http://127.0.0.1:${(stamps.address() as AddressInfo).port}/`,
    TSA_CERT_FILE: join(authority.folder, 'root.pem'),
  })
  server = await startLocal(settings, () => undefined)
  const { items } = await server.ports.store.listAwards(northLake.tag, { limit: 50 })
  const award = items.find(({ status }) => status.state === 'valid')
  if (!award) throw new Error('the academy begins without a valid award')
  path = `/awards/${award.id}/european-credential`
}, 120_000)

afterAll(async () => {
  await server?.stop()
  stamps?.close()
  authority?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function expectStamped(response: Response): Promise<void> {
  expect(response.status).toBe(200)
  expect(response.headers.get('academy-seal')).toBe('JAdES-BASELINE-T; self-made')
  const sealed = readSeal(await response.text())
  expect(findProblems(sealedCredential(sealed))).toEqual([])
  const [signature] = sealed.signatures
  const [token] = signature?.timeStamps ?? []
  if (!signature || !token) throw new Error('there is no time stamp')
  expect(await verifySealSignature(signature)).toBe(true)
  expect(verifyTimeStamp(token, readTimeStamp(token).at, [authority.root()])).toBe(true)
}

test('a program downloads the stamped credential with a token', async () => {
  const authorization = `Bearer ${await devToken(server.url, 'registrar')}`
  await expectStamped(await fetch(`${server.url}${path}`, { headers: { authorization } }))
})

test('a person downloads it in the browser after signing in, and not before', async () => {
  const jar = new Map<string, string>()
  const visit = async (address: string, init: RequestInit = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = new Headers(init.headers)
    headers.set('accept', 'text/html')
    headers.set('cookie', cookie)
    const response = await fetch(new URL(address, server.url), { ...init, headers, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      jar.set(name, value)
    }
    return response
  }
  const follow = async (address: string, init?: RequestInit) => {
    let at = address
    let response = await visit(at, init)
    for (let steps = 0; steps < 8 && response.headers.has('location'); steps++) {
      at = new URL(response.headers.get('location') ?? '', server.url).href
      response = await visit(at)
    }
    return { at, response }
  }
  expect((await visit(path)).status).toBe(401)
  const { at } = await follow('/sign-in?return=/')
  await follow(at, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ account: 'registrar' }),
  })
  await expectStamped(await visit(path))
})

test('with the authority gone nothing is handed out, and the answer says when to try again', async () => {
  await new Promise((resolve) => stamps.close(resolve))
  const authorization = `Bearer ${await devToken(server.url, 'registrar')}`
  const response = await fetch(`${server.url}${path}`, { headers: { authorization } })
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('60')
  expect(await response.json()).toMatchObject({ code: 'time_stamp_unavailable' })
})
