import { expect } from 'vitest'
import type { Entry } from '../../infra/functions.ts'
import type { loadedAtStart } from './loaded-at-start.ts'

/** KB that each function may load when it starts, as they lie there and gzipped. */
const budgets: Record<Entry, [plain: number, gzipped: number]> = {
  graphql: [1100, 355],
  progress: [1100, 355],
  wallet: [850, 260],
  pages: [1200, 420],
  'status-lists': [600, 200],
  painter: [100, 40],
  projector: [600, 200],
  erasure: [600, 200],
  operator: [600, 200],
  'bulk-issuer': [700, 220],
  dispatcher: [700, 220],
  poller: [700, 220],
  snapshot: [600, 200],
}

/** Nobody needs these at start: drivers that few events need, and programs made for one kind of machine. */
const never = [
  'neo4j-driver',
  'did-jwt-vc',
  'yaml',
  '@peculiar/x509',
  'oidc-provider',
  '@takumi-rs/core',
  '@hono/node-server',
  'qrcode',
  'aws-cdk-lib',
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace',
]

export function expectWithinBudget(entry: Entry, loaded: ReturnType<typeof loadedAtStart>): void {
  const [plain, gzipped] = budgets[entry]
  expect(loaded.kilobytes).toBeLessThanOrEqual(plain)
  expect(loaded.gzipped).toBeLessThanOrEqual(gzipped)
  expect(loaded.kilobytes).toBeGreaterThan(10)
  expect(never.filter((name) => loaded.packages.has(name))).toEqual([])
  // A second copy of graphql, or of ours, does not know the errors of the first.
  const withoutKind = loaded.inputs.map((path) => path.replace(/\.\w+$/, ''))
  const twice = withoutKind.filter((path, at) => withoutKind.indexOf(path) !== at)
  expect(twice.filter((path) => path.includes('node_modules/graphql/'))).toEqual([])
}
