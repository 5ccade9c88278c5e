import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BadgeContent } from '#core/badges/badge.ts'
import { type Deployed, deploy } from '#test/deployed/deploy.ts'
import { bundleFunctions } from '../infra/bundle.ts'
import { readDeployment } from '../infra/deployment.ts'
import { atEachSite, type Entry, entries } from '../infra/functions.ts'
import { loadedAtStart } from '../test/infra/loaded-at-start.ts'
import type { ContestOptions } from './contest.ts'
import type { Section } from './report.ts'

/** Most warm requests of one function. */
const warmRequests = 21

/**
 * What each function costs when it starts and when it is warm, by the bundles of the assembly under a Runtime API,
 * on DynamoDB Local and stand-ins. These are times of this machine, not of Lambda.
 */
export async function functionSections({ rounds }: ContestOptions): Promise<Section[]> {
  const folder = mkdtempSync(join(tmpdir(), 'academy-bench-'))
  const stop = startDynamo()
  let academy: Deployed | undefined
  try {
    const built = await bundleFunctions(entries, readDeployment('infra/example-deployment.json'), folder)
    academy = await deploy({
      dynamodbEndpoint: process.env['DYNAMODB_ENDPOINT'] ?? '',
      more: { sites: [nowhere], liveStreams: 5 },
      secrets: { SiteTokens: '{}' },
    })
    // Institutions and their keys are known from here on.
    await academy.tick()
    const lines = []
    for (const entry of entries) {
      const { kilobytes, gzipped } = loadedAtStart(built[entry])
      const imported = median(times(Math.min(rounds, 7), () => importTime(join(folder, entry))))
      const { first, warm } = await requestTimes(academy, entry, Math.min(rounds, warmRequests))
      const figures = [
        `${kilobytes} KB`,
        `${gzipped} KB`,
        ...[imported, first, warm].map((ms) => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`),
      ]
      lines.push(`${entry.padEnd(16)}${figures.map((text) => text.padStart(12)).join('')}`)
    }
    return [
      {
        title: 'Functions: what is loaded at the start, and how long a request takes',
        proved: ['every function answered its request without an error, under the policies of its role'],
        figures: [],
        bars: [],
        notes: [
          `${''.padEnd(16)}${['at start', 'gzipped', 'import', 'first', 'warm'].map((text) => text.padStart(12)).join('')}`,
          ...lines,
          'import: median of a fresh Node that imports the entry; first: process, import, secrets and request together;',
          'warm: median of the requests after it. Aims: GraphQL in 1100 KB and 300 KB gzipped, imports of 150 ms, a warm request of 10 ms.',
        ],
      },
    ]
  } finally {
    await academy?.stop()
    stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A site that is never asked anything: nobody starts a practical here. */
const nowhere = {
  name: 'nowhere',
  adapter: 'firecrest',
  aiFactory: 'Nowhere',
  accountModel: 'service',
  dataPolicy: { country: 'LU', accepts: 'open' },
  partitions: [{ name: 'one', maxMinutes: 10, cpus: 4, arch: 'x86_64', cpu: 'none', limits: 'watched' }],
  caps: { perLearner: { coreMinutes: 1 }, perCohort: { coreMinutes: 1 }, perDay: { coreMinutes: 1 } },
  address: 'http://127.0.0.1:9',
  tokenAddress: 'http://127.0.0.1:9/token',
  system: 'none',
  accounts: { work: { user: 'a', clientId: 'a' }, grade: { user: 'b', clientId: 'b' } },
  folder: { there: '/nowhere' },
  node: '/nowhere/node',
}

const get = (path: string) => (academy: Deployed) => answered(academy.fetch(`${academy.publicUrl}${path}`))
const given = (event: object) => (academy: Deployed, entry: Entry) => functionOf(academy, entry).invoke(event)

/** One request of each, as common as can be. */
const requests: Record<Entry, (academy: Deployed, entry: Entry) => Promise<unknown>> = {
  graphql: (academy) =>
    answered(
      academy.fetch(`${academy.publicUrl}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ modules(first: 5) { edges { node { title } } } }' }),
      }),
    ),
  progress: (academy) => followed(academy),
  wallet: get('/jwks.json'),
  pages: get('/modules'),
  'status-lists': (academy) => academy.fetch(`${academy.publicUrl}/status/k3vq7m2a-nothing`),
  painter: given({
    paint: 'badge-svg',
    badge: {
      language: 'en',
      title: 'Serving language models',
      institution: 'An institution',
      facts: 'EQF 6 · 2 ECTS',
      level: 3,
      levelName: 'Proficient',
      assurance: 'A key of the deployment',
      hue: 200,
    } satisfies BadgeContent,
  }),
  projector: given({}),
  erasure: given({ Records: [] }),
  'bulk-issuer': given({}),
  dispatcher: given({ Records: [{ messageId: 'one', body: '{}' }] }),
  poller: given({}),
  snapshot: given({}),
  operator: given({ do: 'parked' }),
}

/** A subscription, answered at once: there is no such run. */
async function followed(academy: Deployed): Promise<void> {
  const url = functionOf(academy, 'graphql').environment['PROGRESS_URL'] ?? ''
  const { status, headers } = await academy.fetch(`${url}graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { practicalRun(id: "none") { state } }' }),
  })
  if (status !== 200 || !headers.get('content-type')?.startsWith('text/event-stream'))
    throw new Error(`a subscription was answered with ${status}`)
}

async function answered(answer: Promise<Response>): Promise<void> {
  const { status } = await answer
  if (status !== 200) throw new Error(`a request was answered with ${status}`)
}

function functionOf(academy: Deployed, entry: Entry) {
  const atSite = atEachSite.some((one) => one === entry)
  return academy.function(atSite ? `${entry}-${nowhere.name}` : entry)
}

/** `first`: of a process that was not there before. */
async function requestTimes(academy: Deployed, entry: Entry, count: number) {
  const request = async () => {
    const began = performance.now()
    await requests[entry](academy, entry)
    return performance.now() - began
  }
  functionOf(academy, entry).freeze()
  const first = await request()
  const warm = []
  for (let n = 0; n < count; n++) warm.push(await request())
  return { first, warm: median(warm) }
}

function importTime(bundle: string): number {
  // What Lambda's runtime client has made before it loads a function.
  const script = `globalThis.awslambda = { streamifyResponse: (handler) => handler }; const began = performance.now(); await import(${JSON.stringify(join(bundle, 'index.mjs'))}); console.log(performance.now() - began)`
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: bundle,
    env: { NODE_ENV: 'production' },
    encoding: 'utf8',
  })
  return Number(printed)
}

const times = (count: number, work: () => number) => Array.from({ length: count }, work)
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

function startDynamo(): () => void {
  const run = (script: string) =>
    execFileSync('bash', [join('test/engines/dynamodb', script)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  const [state, ...settings] = run('start.sh').trim().split('\n')
  for (const line of settings) {
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? []
    if (name && value !== undefined) process.env[name] = value
  }
  return () => {
    if (state === 'started') run('stop.sh')
  }
}
