import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Deployed, deploy } from '#test/deployed/deploy.ts'
import { bundleFunctions } from '../infra/bundle.ts'
import { readDeployment } from '../infra/deployment.ts'
import { atEachSite, type Entry, entries } from '../infra/functions.ts'
import { loadedAtStart } from '../test/infra/loaded-at-start.ts'
import type { ContestOptions } from './contest.ts'
import { functionWork, type Work } from './function-work.ts'
import { holdTime, judgeRatio, type Section } from './report.ts'
import { type SiteOnPaper, siteOnPaper } from './site-on-paper.ts'

/** Most warm requests of one function. */
const warmRequests = 21
/** What the function of GraphQL may load at its start, in KB; gzipped it is to be 300. */
const mostKilobytes = 1100
/** Its import is to take 150 ms where the same sources without a bundle took 391. */
const leastGain = 2.6

interface Costs {
  kilobytes: number
  gzipped: number
  /** Milliseconds. */
  imported: number
  first: number
  warm: number
}

/**
 * What each function costs when it starts and when it is warm, by the bundles of the assembly under a Runtime API,
 * on DynamoDB Local and stand-ins. These are times of this machine, not of Lambda.
 */
export async function functionSections({ rounds }: ContestOptions, slack: number): Promise<Section[]> {
  const folder = mkdtempSync(join(tmpdir(), 'academy-bench-'))
  const stop = startDynamo()
  let academy: Deployed | undefined
  let site: SiteOnPaper | undefined
  try {
    const built = await bundleFunctions(entries, readDeployment('infra/example-deployment.json'), folder)
    site = await siteOnPaper()
    academy = await deploy({
      dynamodbEndpoint: process.env['DYNAMODB_ENDPOINT'] ?? '',
      more: { sites: [site.entry], liveStreams: 5 },
      secrets: { SiteTokens: site.secret },
    })
    // Institutions and their keys are known from here on.
    await academy.tick()
    const work = await functionWork(academy, site.entry.name)
    const imports = Math.min(rounds, 7)
    const costs = new Map<Entry, Costs>()
    for (const entry of entries) {
      costs.set(entry, {
        ...loadedAtStart(built[entry]),
        imported: median(times(imports, () => importTime(join(folder, entry, 'index.mjs'), folder))),
        ...(await requestTimes(academy, entry, site, work[entry], Math.min(rounds, warmRequests))),
      })
    }
    if (site.jobs() === 0) throw new Error('nothing was sent to the site')
    const sources = median(times(imports, () => importTime(join(process.cwd(), 'functions/graphql.ts'))))
    return [section(costs, work, { sources, slack })]
  } finally {
    await academy?.stop()
    site?.close()
    stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function section(
  costs: ReadonlyMap<Entry, Costs>,
  work: Record<Entry, Work>,
  { sources, slack }: { sources: number; slack: number },
): Section {
  const { kilobytes = 0, gzipped = 0, imported = 0, warm = 0 } = costs.get('graphql') ?? {}
  const columns = ['at start', 'gzipped', 'import', 'first', 'warm']
  return {
    title: 'Functions: what is loaded at the start, and how long a request takes',
    proved: ['every function did its work without an error, under the policies of its role'],
    figures: [],
    bars: [
      judgeRatio(
        { figure: `${mostKilobytes} KB`, anchor: 'graphql at its start', atLeast: 1 },
        mostKilobytes / kilobytes,
        0,
      ),
      judgeRatio(
        { figure: 'import of the sources of graphql', anchor: 'import of its bundle', atLeast: leastGain },
        sources / imported,
        slack,
      ),
    ],
    aims: [
      holdTime({ figure: 'import of graphql', quantile: 'p50', atMost: 150 }, imported),
      holdTime({ figure: 'warm request of graphql', quantile: 'p50', atMost: 10 }, warm),
    ],
    notes: [
      `${''.padEnd(14)}${columns.map((text) => text.padStart(10)).join('')}  what is asked`,
      ...[...costs].map(([entry, cost]) => `${entry.padEnd(14)}${row(cost)}  ${work[entry].what}`),
      `graphql gzipped: ${gzipped} KB, aim 300 KB ${gzipped <= 300 ? 'met' : 'missed (printed, not judged)'}.`,
      'import: median of a fresh Node that imports the entry; first: process, import, secrets and request together;',
      'warm: median of the requests after it.',
    ],
  }
}

function row({ kilobytes, gzipped, imported, first, warm }: Costs): string {
  const ms = [imported, first, warm].map((value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`)
  return [`${kilobytes} KB`, `${gzipped} KB`, ...ms].map((text) => text.padStart(10)).join('')
}

/** `first`: of a process that was not there before. */
async function requestTimes(
  academy: Deployed,
  entry: Entry,
  site: SiteOnPaper,
  { prepare, ask }: Work,
  count: number,
): Promise<Pick<Costs, 'first' | 'warm'>> {
  const isAtSite = atEachSite.some((one) => one === entry)
  const fn = academy.function(isAtSite ? `${entry}-${site.entry.name}` : entry)
  const request = async (before = () => {}) => {
    const prepared = await prepare?.()
    before()
    const began = performance.now()
    await ask(prepared)
    return performance.now() - began
  }
  const first = await request(() => fn.freeze())
  const warm = []
  for (let n = 0; n < count; n++) warm.push(await request())
  return { first, warm: median(warm) }
}

function importTime(file: string, cwd = process.cwd()): number {
  // What Lambda's runtime client has made before it loads a function.
  const before = 'globalThis.awslambda = { streamifyResponse: (handler) => handler }'
  const script = `${before}; const began = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - began)`
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd,
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
