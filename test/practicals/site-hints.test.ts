import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import type { SignedHint } from '#core/practicals/site.ts'
import { createApp } from '#http/app.ts'
import { onError } from '#http/errors.ts'
import { isSignedHint } from '#http/hint-signature.ts'
import { siteHintRoutes } from '#http/site-hints.ts'
import { paperSite } from './paper-site.ts'
import { type SitesWorld, sitesWorld } from './sites-world.ts'

const secret = 'a secret of the site, with 32 letters and more'

interface Hint {
  site?: string
  secret?: string
  body?: string
  /** Seconds from now. */
  off?: number
  timestamp?: string
  signature?: string
}

interface Hinted {
  w: SitesWorld
  logged: Record<string, unknown>[]
  hint(change?: Hint): Promise<Response>
}

/** Three jobs wait at a site on paper that may send hints; a second one sends none. */
async function hinted(hintSecret: string | undefined = secret): Promise<Hinted> {
  const w = await sitesWorld((clock) => [
    { ...paperSite('one', clock), hintSecret: () => hintSecret },
    paperSite('two', clock, { partitions: [] }),
  ])
  for (let n = 0; n < 3; n++) await (await w.enrolled()).start()
  await w.drive(1)
  const logged: Record<string, unknown>[] = []
  const app = createApp(w, {
    authenticator: {
      actorOf: async () => undefined,
      verifyToken: () => Promise.reject(new Error('not asked here')),
      withLearner: async (actor) => actor,
    },
    rateLimits: { graphql: 1000, wallet: 1000, pages: 1000, signIn: 1000, analytics: 1000 },
    production: false,
    log: (line) => line.event !== 'request' && logged.push(line),
  })
  return {
    w,
    logged,
    hint: async ({ site = 'one', secret: key = secret, body = '{}', off = 0, ...more } = {}) => {
      const timestamp = more.timestamp ?? String(Math.floor(w.clock.now().getTime() / 1000) + off)
      const mac = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')
      return app.request(`/hooks/sites/${site}`, {
        method: 'POST',
        body,
        headers: {
          'x-academy-timestamp': timestamp,
          'x-academy-signature': more.signature ?? `sha256=${mac}`,
        },
      })
    },
  }
}

const asked = ({ w }: Hinted) => w.paper.map(({ asked: { list } }) => list)
async function phases({ w }: Hinted) {
  const due = await w.store.dueAttempts(w.institutions.northLake.tag, 'one', new Date('9999-01-01'), 10)
  return (await Promise.all(due.map(({ id }) => w.attempt(id)))).map(
    (attempt) => attempt.phases.at(-1)?.phase,
  )
}
const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { code: string }).code,
]

test('a hint makes the academy ask the site before anything is due, and what the site itself says counts', async () => {
  const h = await hinted()
  const [site] = h.w.paper
  for (const jobId of site?.jobs.keys() ?? []) site?.start(jobId)
  await h.w.drive(1)
  expect(await phases(h)).toEqual(['work-queued', 'work-queued', 'work-queued'])
  expect((await h.hint()).status).toBe(202)
  await expect.poll(() => phases(h)).toEqual(['work-running', 'work-running', 'work-running'])
  expect(asked(h)).toEqual([1, 0])
  expect(h.logged).toEqual([{ level: 'info', event: 'site-hint', site: 'one' }])
})

test('a false hint changes nothing, whatever it says', async () => {
  const h = await hinted()
  const [key] = [...(h.w.paper[0]?.jobs.values() ?? [])].map(({ request }) => request.key)
  const body = JSON.stringify({ key, job_state: 'COMPLETED', outcome: 'passed', metrics: [{ value: 99 }] })
  expect((await h.hint({ body })).status).toBe(202)
  await expect.poll(() => asked(h)).toEqual([1, 0])
  expect(await phases(h)).toEqual(['work-queued', 'work-queued', 'work-queued'])
})

test('a hint that is sent again and again is harmless: the site is asked no more than it may', async () => {
  const h = await hinted()
  const timestamp = String(Math.floor(h.w.clock.now().getTime() / 1000))
  const statuses: number[] = []
  for (let n = 0; n < 80; n++) statuses.push((await h.hint({ timestamp })).status)
  expect(statuses.slice(0, 60)).toEqual(Array(60).fill(202))
  expect(statuses.slice(60)).toEqual(Array(20).fill(429))
  expect(await codeOf(await h.hint())).toEqual([429, 'too_many_requests'])
  await expect.poll(() => asked(h)[0]).toBeGreaterThan(0)
  expect(asked(h)[0]).toBeLessThanOrEqual(3)
  expect(await phases(h)).toEqual(['work-queued', 'work-queued', 'work-queued'])
  h.w.clock.advance({ seconds: 60 })
  expect((await h.hint()).status).toBe(202)
})

test.each<[string, Hint, number, string]>([
  [
    'signed with another secret',
    { secret: 'another secret, of no site, with 32 letters' },
    403,
    'not_allowed',
  ],
  ['not signed', { signature: '' }, 403, 'not_allowed'],
  ['signed in another way', { signature: `sha512=${'0'.repeat(128)}` }, 403, 'not_allowed'],
  ['of a site that sends none', { site: 'two' }, 403, 'not_allowed'],
  ['of a site there is not', { site: 'three' }, 403, 'not_allowed'],
  ['more than five minutes old', { off: -301 }, 400, 'invalid_input'],
  ['more than five minutes ahead', { off: 301 }, 400, 'invalid_input'],
  ['without a time', { timestamp: '' }, 400, 'invalid_input'],
  ['with a time that is none', { timestamp: '1e9' }, 400, 'invalid_input'],
  ['larger than a hint is', { body: 'x'.repeat(4097) }, 413, 'too_large'],
])('a hint %s is refused, and the site is not asked', async (_title, change, status, code) => {
  const h = await hinted()
  expect(await codeOf(await h.hint(change))).toEqual([status, code])
  expect(asked(h)).toEqual([0, 0])
  expect(h.logged).toEqual([])
})

test('a hint whose body, or time, is not the one that was signed is refused', async () => {
  const h = await hinted()
  const timestamp = String(Math.floor(h.w.clock.now().getTime() / 1000))
  const signature = `sha256=${createHmac('sha256', secret).update(`${timestamp}.{}`).digest('hex')}`
  expect(await codeOf(await h.hint({ timestamp, signature, body: '{"a":1}' }))).toEqual([403, 'not_allowed'])
  expect(await codeOf(await h.hint({ signature, off: 1 }))).toEqual([403, 'not_allowed'])
  expect((await h.hint({ timestamp, signature })).status).toBe(202)
})

test('refused hints of strangers do not use up what the site itself may send', async () => {
  const h = await hinted()
  for (let n = 0; n < 70; n++) await h.hint({ signature: 'sha256=00' })
  expect((await h.hint()).status).toBe(202)
})

test.each(['too short', ''])('a secret that is %j is none', async (weak) => {
  const h = await hinted(weak)
  expect(await codeOf(await h.hint({ secret: weak }))).toEqual([403, 'not_allowed'])
})

test('a hint is answered the same when the site cannot be asked', async () => {
  const h = await hinted()
  h.w.paper[0]?.fail('unavailable')
  expect((await h.hint()).status).toBe(202)
  await expect.poll(() => asked(h)[0]).toBe(1)
  expect(await phases(h)).toEqual(['work-queued', 'work-queued', 'work-queued'])
})

test('where another process has the secret, it is asked whether a hint is right, and no oftener than a site may hint', async () => {
  const clock = (await sitesWorld((given) => [paperSite('one', given)])).clock
  let away = false
  const handed: SignedHint[] = []
  const takeHint = async (hint: SignedHint) => {
    if (away) throw new Error('the function of the site does not answer')
    handed.push(hint)
    return isSignedHint(hint, secret)
  }
  const site = { ...paperSite('one', clock), takeHint }
  const sites = { list: () => [], find: (name: string) => (name === 'one' ? site : undefined) }
  const app = siteHintRoutes({ sites, clock }, () => undefined)
  app.onError(onError(() => undefined, false))
  const hint = (key: string, name = 'one', from = '192.0.2.1') => {
    const timestamp = String(Math.floor(clock.now().getTime() / 1000))
    const mac = createHmac('sha256', key).update(`${timestamp}.{}`).digest('hex')
    const headers = { 'x-academy-timestamp': timestamp, 'x-academy-signature': `sha256=${mac}` }
    const env = { incoming: { socket: { remoteAddress: from } } }
    return app.request(`/hooks/sites/${name}`, { method: 'POST', body: '{}', headers }, env)
  }
  expect((await hint(secret)).status).toBe(202)
  expect(await codeOf(await hint('another secret, of no site, with 32 letters'))).toEqual([
    403,
    'not_allowed',
  ])
  expect(await codeOf(await hint(secret, 'two'))).toEqual([403, 'not_allowed'])
  expect(handed).toHaveLength(2)
  away = true
  expect(await codeOf(await hint(secret))).toEqual([503, 'site_unavailable'])
  for (let n = 0; n < 57; n++) await hint(secret)
  expect(await codeOf(await hint(secret))).toEqual([429, 'too_many_requests'])
  // Whoever asks from elsewhere has a share of their own.
  away = false
  expect((await hint(secret, 'one', '198.51.100.7')).status).toBe(202)
})
