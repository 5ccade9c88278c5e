import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { academyApp } from '../../infra/academy-app.ts'
import { bundleFunctions } from '../../infra/bundle.ts'
import { type Deployment, parseDeployment, readDeployment } from '../../infra/deployment.ts'
import { entries } from '../../infra/functions.ts'
import { expectWithinBudget } from '../infra/budgets.ts'
import { loadedAtStart } from '../infra/loaded-at-start.ts'
import { example, fullest, whole } from '../infra/templates.ts'

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

const stages = ['trial', 'staging', 'production'] as const

/** The templates of an assembly whose bundles another folder stands for, and what is laid into the bundles. */
function templatesOf(deployment: Deployment, context: object) {
  const folder = mkdtempSync(join(tmpdir(), 'academy-assembly-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { stacks } = academyApp([deployment], () => 'infra/bundled', { context, outdir: folder }).synth()
  return JSON.stringify(stacks.map(({ stackName, template }) => [stackName, template as unknown]))
}

test.each([
  ['the shipped example', parseDeployment(example), [{}]],
  ['the one with everything', whole, [{}, { edge: true }]],
  ['the one with every setting', fullest, [{}, { edge: true }]],
] as const)(
  '%s gives the same templates twice, at each stage, with CloudFront and without',
  { timeout: 200_000 },
  (_name, deployment, contexts) => {
    const different = new Set<string>()
    for (const stage of stages) {
      for (const context of contexts) {
        const once = templatesOf({ ...deployment, stage }, context)
        expect(templatesOf({ ...deployment, stage }, context)).toBe(once)
        different.add(once)
      }
    }
    // Each of them says something else.
    expect(different.size).toBe(stages.length * contexts.length)
  },
)

test('what is laid into the bundles is the same twice', async () => {
  const laid = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'academy-bundles-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    await bundleFunctions([], whole, folder)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
    return files
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')])
  }
  const once = await laid()
  expect(once.map(([name]) => name)).toContain('prepared/all/sites.json')
  expect(await laid()).toEqual(once)
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
