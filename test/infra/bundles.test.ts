import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { afterAll, expect, test } from 'vitest'
import { bundleFunction } from '../../infra/bundle.ts'
import { readDeployment } from '../../infra/deployment.ts'

const folder = mkdtempSync(join(tmpdir(), 'academy-bundles-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const deployment = readDeployment('infra/example-deployment.json')

/** What is loaded when a function starts: its entry and what that imports at once, not what it may import later. */
function loadedAtStart(entry: string): { kilobytes: number; packages: Set<string> } {
  const { outputs } = bundleFunction(entry, deployment, join(folder, entry)) satisfies Metafile
  const [start] = Object.keys(outputs).filter((path) => path.endsWith('/index.mjs'))
  const seen = new Set<string>()
  const visit = (path: string) => {
    const output = outputs[path]
    if (!output || seen.has(path)) return
    seen.add(path)
    for (const { path: next, kind } of output.imports) if (kind === 'import-statement') visit(next)
  }
  visit(start ?? '')
  const loaded = [...seen].map((path) => outputs[path]).filter((output) => output !== undefined)
  const bytes = loaded.reduce((sum, output) => sum + output.bytes, 0)
  const inputs = loaded.flatMap((output) => Object.keys(output.inputs))
  const packages = inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
  return { kilobytes: Math.ceil(bytes / 1000), packages: new Set(packages) }
}

/** Drivers that few events need, and programs made for one kind of machine. */
const never = ['neo4j-driver', 'oidc-provider', '@takumi-rs/core', '@hono/node-server', 'aws-cdk-lib']

test.each([
  // The whole app stands behind each door: this is what a function of its own for each is to bring down.
  ['graphql', 2600],
  ['outbox', 1000],
])('%s loads at most %i KB when it starts, and none of what it may never need', (entry, budget) => {
  const { kilobytes, packages } = loadedAtStart(entry)
  expect(kilobytes).toBeLessThanOrEqual(budget)
  expect(kilobytes).toBeGreaterThan(100)
  expect(never.filter((name) => packages.has(name))).toEqual([])
})
