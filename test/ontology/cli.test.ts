import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { Parser } from 'n3'
import { expect, test } from 'vitest'
import { loadOntology } from '#skills-ontology/load.ts'
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

test('check passes on the shipped files and counts the warnings', async () => {
  const { code, out } = await ontology('check', '--quiet')
  expect(code).toBe(0)
  expect(out).toMatch(
    /^Ontology \d+\.\d+\.\d+: 154 skills, 33 modules, 12 roles, 11 sectors; no errors, \d+ warnings\.\n$/,
  )
})

test('check on a broken file ends with 1 and names rule, file and key path', async () => {
  const dir = brokenOntology({ file: 'modules.yaml', path: ['modules', 'm-mlops', 'eqfLevel'], value: 9 })
  const { code, err } = await ontology('check', '--dir', dir)
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

test.each([[['destroy']], [['export', 'xml']], [['check', '--colour']], [[]]])(
  'the unknown command %j ends with 2 and help',
  async (args) => {
    const { code, err } = await ontology(...args)
    expect(code).toBe(2)
    expect(err).toContain('Usage: npm run ontology')
  },
)
