import { afterAll, beforeAll, expect, test } from 'vitest'
import { noteNames } from '#core/trace.ts'
import type { DemoAcademy } from '#test/demo/academy.ts'
import { runDemo } from '#test/demo/run-demo.ts'
import { teller } from '#test/demo/tell.ts'
import { type ReceivedSpan, type SpanReceiver, spanReceiver } from '#test/support/span-receiver.ts'

/** Whoever keeps the logs must learn none of these. */
const confided: [kind: string, value: string][] = []
const printed: string[] = []
const metricsToken = 'read by whoever watches'
let metrics = ''
let receiver: SpanReceiver

beforeAll(async () => {
  receiver = await spanReceiver()
})
afterAll(() => receiver?.close())

test('the whole loop runs over https, with a wallet we did not write and a kill in the middle', async () => {
  const told: string[] = []
  const summary = await runDemo(
    teller((line) => told.push(line)),
    {
      confide: (kind, value) => void (value !== undefined && confided.push([kind, value])),
      beforeTheEnd: async (academy) => {
        await misplaceAll(confided, academy)
        metrics = await readMetrics(academy)
        // The outbox is told in the background, and a server that stops leaves the rest to the next one.
        await expect
          .poll(() => namesOf(traceOf('graphql mutation revokeAward')), { timeout: 60_000 })
          .toContain('deliver status-lists')
      },
      printed: (text) => printed.push(text),
      env: { ...receiver.env, METRICS_TOKEN: metricsToken },
    },
  )

  expect(summary.ontology).toMatchObject({ skills: 154, modules: 33 })
  expect(summary.ontology.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(summary.gap.before.nextModule).toBe(summary.award.module)
  expect(summary.gap.after.personLevels).toBeLessThan(summary.gap.before.personLevels ?? 0)
  expect(summary.path.modules).toContain(summary.award.module)
  expect(summary.practical).toMatchObject({
    site: 'local',
    state: 'graded',
    assurance: 'unsupervised-run',
    environment: 'local',
  })
  for (const { value, threshold } of summary.practical.metrics) {
    expect(value).toBeGreaterThanOrEqual(threshold ?? Number.POSITIVE_INFINITY)
  }
  expect(summary.credentials.map(({ format, verified }) => ({ format, verified }))).toEqual([
    { format: 'dc+sd-jwt', verified: true },
    { format: 'jwt_vc_json', verified: true },
    { format: 'edc', verified: true },
    { format: 'vc+jwt', verified: true },
    { format: 'ob3', verified: true },
  ])
  expect(summary.tampered).toMatchObject({ verified: false, failedCheck: 'signature' })
  expect(summary.foreign).toMatchObject({ verified: false, failedCheck: 'issuer-key' })
  expect(summary.revoked).toMatchObject({ verified: false, failedCheck: 'status' })
  expect(told.filter((line) => /^\n\d+\./.test(line))).toHaveLength(10)
}, 120_000)

test('the logs of the whole loop tell of every request and hold no name, address, token, code or proof', () => {
  const kinds = new Set(confided.map(([kind]) => kind))
  for (const kind of [
    'given name',
    'family name',
    'mail address',
    'access token of the learner',
    'claim link',
    'offer link',
    'pre-authorized code',
    'transaction code',
    'access token of a wallet',
    'nonce',
    'proof',
    'credential',
    'notification id',
    'shared link',
  ])
    expect(kinds, 'the demo confided it').toContain(kind)

  const lines = printed.join('').split('\n')
  const found = confided.flatMap(([kind, value]) =>
    lines.filter((line) => holds(line, value)).map((line) => `${kind}: ${line}`),
  )
  expect(found).toEqual([])

  const requests = lines.filter((line) => line.includes('"event":"request"')).map((line) => JSON.parse(line))
  expect(requests.length).toBeGreaterThan(100)
  expect(requests).toContainEqual(
    expect.objectContaining({
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      method: 'POST',
      route: '/credential',
      status: 200,
      milliseconds: expect.any(Number),
    }),
  )
  expect(new Set(requests.map(({ route }) => route))).toContain('/v/:link')
})

test('one trace leads from an operation of GraphQL over the records to the queue, and one to the signature', () => {
  const started = traceOf('graphql mutation startPractical')
  expect(namesOf(started)).toEqual(
    expect.arrayContaining(['POST /graphql', 'records transact', 'practical send', 'queue submit']),
  )
  const byId = new Map(started.map((span) => [span.spanId, span]))
  const submit = started.find(({ name }) => name === 'queue submit')
  const above: string[] = []
  for (let span = submit; span; span = byId.get(span.parentSpanId ?? '')) above.unshift(span.name)
  expect(above[0]).toBe('POST /graphql')
  expect(above.slice(-2)).toEqual(['practical send', 'queue submit'])

  expect(namesOf(traceOf('graphql mutation revokeAward'))).toContain('deliver status-lists')
  expect(namesOf(traceOf('POST /credential'))).toEqual(
    expect.arrayContaining(['records transact', 'signer sign']),
  )
  // What a credential costs is counted by these two (`test/support/cost.ts`).
  for (const route of ['POST /token', 'POST /credential']) {
    const signed = traces().filter((spans) =>
      spans.some(({ name, attributes }) => name === route && attributes['http.response.status_code'] === 200),
    )
    expect(signed.length, route).toBeGreaterThan(0)
    for (const spans of signed)
      expect(
        spans.filter(({ name }) => name === 'signer sign'),
        route,
      ).toHaveLength(1)
  }
})

test('no trace of the whole loop holds a name, an address, a token, a code, or who somebody is', () => {
  expect(receiver.spans.length).toBeGreaterThan(1000)
  const found = confided.filter(([, value]) => holds(receiver.text(), value)).map(([kind]) => kind)
  expect(found).toEqual([])
  expect(receiver.text()).not.toMatch(/-(lrn|ofr|awd|crd|lnk)-[a-z2-7]{26}/)
  const noted = new Set(receiver.spans.flatMap(({ attributes }) => Object.keys(attributes)))
  expect([...noted].filter((name) => !(noteNames as readonly string[]).includes(name))).toEqual([])
  expect(receiver.spans.filter(({ events }) => events.length > 0)).toEqual([])
})

test('the metrics of the whole loop say their units and hold nobody', () => {
  expect(metrics).toMatch(
    /academy_http_request_duration_seconds_count\{method="POST",route="\/graphql",status="200"\} \d/,
  )
  for (const name of ['academy_projection_lag_seconds', 'academy_parked_events', 'academy_live_attempts'])
    expect(metrics).toMatch(new RegExp(`^${name} \\d`, 'm'))
  expect(confided.filter(([, value]) => holds(metrics, value)).map(([kind]) => kind)).toEqual([])
})

const traces = () => [...Map.groupBy(receiver.spans, ({ traceId }) => traceId).values()]
const namesOf = (spans: ReceivedSpan[]) => [...new Set(spans.map(({ name }) => name))]
/** The first trace that has such a span; empty when none has come yet. */
const traceOf = (name: string) => traces().find((spans) => namesOf(spans).includes(name)) ?? []

async function readMetrics({ url }: DemoAcademy): Promise<string> {
  expect((await fetch(`${url}/metrics`)).status).toBe(401)
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } })
  return answer.text()
}

/** Everything confided, sent to where it does not belong: whatever is refused may tempt somebody to log it. */
async function misplaceAll(values: readonly [string, string][], { url }: DemoAcademy): Promise<void> {
  for (const [, value] of values) {
    const code = encodeURIComponent(value)
    const json = { 'content-type': 'application/json' }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const bearer = { authorization: `Bearer ${value.slice(0, 4000)}` }
    const requests: [path: string, init?: RequestInit][] = [
      [`/nowhere/${code.slice(0, 2000)}?of=${code.slice(0, 2000)}`],
      [`/v/${code.slice(0, 2000)}`],
      [`/claim/${code.slice(0, 2000)}`],
      ['/graphql', { method: 'POST', headers: { ...json, ...bearer }, body: `{"query":"{ ${value}` }],
      ['/graphql', { method: 'POST', headers: json, body: JSON.stringify({ query: `{ ${value} }` }) }],
      ['/token', { method: 'POST', headers: form, body: `grant_type=x&pre-authorized_code=${code}` }],
      ['/credential', { method: 'POST', headers: { ...json, ...bearer }, body: JSON.stringify({ value }) }],
      ['/verify', { method: 'POST', headers: form, body: `credential=${code}x` }],
    ]
    for (const [path, init] of requests) await (await fetch(url + path, init)).arrayBuffer()
  }
}

/** A name of few letters may be part of any word. */
function holds(line: string, value: string): boolean {
  return value.length < 6 ? new RegExp(`\\b${value}\\b`).test(line) : line.includes(value)
}
