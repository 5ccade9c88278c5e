import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Parser } from 'n3'
import { expect, test, vi } from 'vitest'
import { describeChanges } from '#skills-ontology/describe-changes.ts'
import { exportFormats, exportTables } from '#skills-ontology/export-skills.ts'
import { importSkills } from '#skills-ontology/import-skills.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { checkFiles, releaseFiles } from '#skills-ontology/source-commands.ts'
import { brokenOntology, ontologyFolder } from './broken-ontology.ts'

const { version, digest } = loadOntology()

/** Runs the command line as `npm run ontology --` does. */
function ontology(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(ontologyFolder, 'cli.ts'), ...args],
      { maxBuffer: 4_000_000 },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

/** What a command of the same process answers and says. */
function said(command: () => number): { code: number; out: string; err: string } {
  const out: unknown[] = []
  const err: unknown[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line) => out.push(line))
  const error = vi.spyOn(console, 'error').mockImplementation((line) => err.push(line))
  try {
    return { code: command(), out: out.join('\n'), err: err.join('\n') }
  } finally {
    log.mockRestore()
    error.mockRestore()
  }
}

test('check passes on the shipped files and counts the warnings', async () => {
  const { code, out } = await ontology('check', '--quiet')
  expect(code).toBe(0)
  expect(out).toMatch(
    /^Ontology \d+\.\d+\.\d+: 154 skills, 33 modules, 12 roles, 11 sectors; no errors, \d+ warnings\.\n$/,
  )
})

test('check on a broken file ends with 1 and names rule, file and key path', () => {
  const dir = brokenOntology({ file: 'modules.yaml', path: ['modules', 'm-mlops', 'eqfLevel'], value: 9 })
  const { code, err } = said(() => checkFiles(dir, false))
  expect(code).toBe(1)
  expect(err).toMatch(/modules\.yaml:\d+ modules\.m-mlops\.eqfLevel: .* \(rule 7\)/)
})

test('digest prints version and digest', async () => {
  expect((await ontology('digest')).out).toBe(`${version} ${digest}\n`)
})

test('export prints Turtle that a parser reads, below the address asked for', async () => {
  const { out } = await ontology('export', 'turtle', '--base', 'https://academy.example')
  const subjects = new Parser().parse(out).map(({ subject }) => subject.value)
  expect(subjects).toContain(`https://academy.example/ontology/${version}/skill/batch-jobs`)
})

test('what is exported is imported again: it would change nothing, and says what a change would be', () => {
  const dir = brokenOntology()
  const base = 'https://academy.example'
  const folder = join(dir, 'tables')
  const from = { format: 'csv' as const, from: folder, base, write: true }
  expect(said(() => exportTables(loadOntology(dir), folder)).code).toBe(0)
  expect(said(() => importSkills(dir, { ...from, write: false }))).toMatchObject({
    code: 0,
    out: expect.stringContaining('Would write: no file'),
  })
  const table = join(folder, 'requirements.csv')
  const changed = readFileSync(table, 'utf8').replace(
    'batch-jobs,hpc-architecture,1',
    'batch-jobs,hpc-architecture,3',
  )
  writeFileSync(table, changed)
  const unsound = said(() => importSkills(dir, from))
  expect(unsound.code).toBe(1)
  expect(unsound.err).toMatch(/modules\.yaml.*\(rule 5\)[\s\S]*Nothing was written/)

  const content = JSON.parse(exportFormats['case']?.(loadOntology(dir), base) ?? '') as {
    CFItems: { humanCodingScheme: string }[]
  }
  for (const item of content.CFItems) {
    if (item.humanCodingScheme === 'batch-jobs')
      Object.assign(item, { extensions: {}, abbreviatedStatement: 'Batch jobs' })
  }
  const file = join(dir, 'package.json')
  writeFileSync(file, JSON.stringify(content))
  const written = said(() => importSkills(dir, { ...from, format: 'case', from: file }))
  expect(written.out).toContain('Written: skills/hpc-for-ai.yaml')
  const lines = describeChanges(loadOntology(), loadOntology(dir)).join('\n')
  expect(lines).toMatch(/changed skill batch-jobs "Batch jobs" \(patch\)[\s\S]*A patch change/)
})

test('a change the version is not raised for fails the check, and a version is released once', () => {
  const dir = brokenOntology()
  expect(said(() => releaseFiles(dir)).out).toBe(`Written: published/${version}.json`)
  const yaml = join(dir, 'skills/hpc-for-ai.yaml')
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replace('en: Batch job submission', 'en: Batch jobs'))
  const { code, err } = said(() => checkFiles(dir, true))
  expect(code).toBe(1)
  expect(err).toMatch(
    /ontology\.yaml version: must be at least \d+\.\d+\.1, for what changed since .* is a patch change/,
  )
  expect(said(() => releaseFiles(dir)).code).toBe(1)
})

test.each([[['export', 'xml']], [['check', '--colour']]])(
  'the unknown command %j ends with 2 and help',
  async (args) => {
    const { code, err } = await ontology(...args)
    expect(code).toBe(2)
    expect(err).toContain('Usage: npm run ontology')
  },
)
