import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bundleFunctions } from '../../infra/bundle.ts'
import { readDeployment } from '../../infra/deployment.ts'
import { entries } from '../../infra/functions.ts'
import { expectWithinBudget } from '../infra/budgets.ts'
import { loadedAtStart } from '../infra/loaded-at-start.ts'

/** Every file of the assembly of the example, by its SHA-256. */
function synthesize(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'academy-assembly-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  execFileSync(process.execPath, ['infra/app.ts'], {
    env: { PATH: process.env['PATH'], CDK_OUTDIR: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
  const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')
  return Object.fromEntries(files.map((file) => [relative(folder, file), hashOf(file)]))
}

test('two runs make the same assembly, bundles included', { timeout: 400_000 }, () => {
  const first = synthesize()
  expect(Object.keys(first).filter((name) => name.endsWith('/index.mjs')).length).toBeGreaterThanOrEqual(2)
  // It holds where the program stood, not what is deployed.
  const { 'validation-report.json': _first, ...deployed } = first
  const { 'validation-report.json': _second, ...again } = synthesize()
  expect(again).toEqual(deployed)
})

test('a deployment that cannot be used stops the synthesis and is told by name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-assembly-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const run = () =>
    execFileSync(process.execPath, ['infra/app.ts'], {
      env: { PATH: process.env['PATH'], CDK_OUTDIR: folder, DEPLOYMENT: 'package.json' },
      encoding: 'utf8',
      stdio: 'pipe',
    })
  expect(run).toThrow('publicUrl: ')
  expect(readdirSync(folder)).toEqual([])
})

test('every function keeps to its budget when it starts, and loads none of what few events need', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-bundles-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const built = await bundleFunctions(entries, readDeployment('infra/example-deployment.json'), folder)
  for (const entry of entries) expectWithinBudget(entry, loadedAtStart(built[entry]))
  for (const entry of entries) loadEveryPart(join(folder, entry))
})

/** What is loaded only when it is needed is loaded here, in a process of its own whose folder is the bundle. */
function loadEveryPart(bundle: string): void {
  const parts = readdirSync(bundle).filter((name) => name.endsWith('.mjs'))
  // What Lambda's runtime client has made before it loads a function.
  const global = 'globalThis.awslambda = { streamifyResponse: (handler) => handler }'
  const imports = parts.map((name) => `await import(${JSON.stringify(join(bundle, name))})`)
  const script = [global, ...imports].join('\n')
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: bundle,
    env: { NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
