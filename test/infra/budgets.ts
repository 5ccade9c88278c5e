import { expect } from 'vitest'
import type { Entry } from '../../infra/functions.ts'
import type { loadedAtStart } from './loaded-at-start.ts'

/** KB that each function may load when it starts, as they lie there and gzipped. */
const budgets: Record<Entry, [plain: number, gzipped: number]> = {
  graphql: [1075, 333],
  progress: [1075, 333],
  wallet: [760, 240],
  pages: [1190, 412],
  'status-lists': [530, 178],
  painter: [100, 40],
  projector: [530, 175],
  erasure: [520, 172],
  operator: [500, 165],
  'bulk-issuer': [560, 184],
  dispatcher: [600, 202],
  poller: [600, 202],
  snapshot: [520, 172],
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
