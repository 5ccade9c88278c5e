import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { programAtSite, readSitesFile } from '#functions/sites-file.ts'

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'academy-sites-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'sites.yaml')
  writeFileSync(path, text)
  return path
}
/** The example operators copy. */
const example = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/sites.md', 'utf8'))?.[1] ?? ''

test('the example in docs/sites.md is a site', () => {
  const known = readSitesFile(file(example))
  expect(known?.profile).toMatchObject({ adapter: 'slurmrest', separateAccounts: true })
  expect(known?.site).toMatchObject({
    name: 'test-factory',
    apiVersion: 'v0.0.42',
    partitions: [{ name: 'gpu', gpus: { type: 'a100', count: 2 } }],
    accounts: { work: { user: 'academy-work' }, grade: { tokenFile: '/run/secrets/slurm-grade' } },
  })
  const program = known && programAtSite(known.site)
  expect(program?.({ id: 'inference-throughput', version: 1 }, 'grade')).toBe(
    '/project/academy/programs/practicals/inference-throughput/grade.ts',
  )
  expect(program?.({ id: '../../etc', version: 1 }, 'work')).toBeUndefined()
})

test('no file is no site', () => {
  expect(readSitesFile(undefined)).toBeUndefined()
})

test.each([
  ['apiVersion: v0.0.42', 'apiVersion: v0.0.40', /apiVersion: must be one of v0\.0\.38, v0\.0\.42/],
  [
    'https://slurmrestd.example.org:6820',
    'http://slurmrestd.example.org:6820',
    /address: must be an https address/,
  ],
  ['https://slurmrestd.example.org:6820', 'https://user:word@slurmrestd.example.org', /address/],
  ['https://slurmrestd.example.org:6820', 'file:///etc/passwd', /address/],
  ['adapter: slurmrest', 'adapter: firecrest', /adapter: must be slurmrest/],
  ['accountModel: service', 'accountModel: individual', /accountModel: must be service/],
  ['name: test-factory', 'name: local', /name: is the name of the academy’s own machine/],
  ['user: academy-work', 'user: "a\\nX-SLURM-USER-NAME: root"', /accounts\.work\.user/],
  ['/run/secrets/slurm-work', '$(id)', /accounts\.work\.tokenFile/],
  ['there: /project/academy', 'there: "/project/a b; rm"', /folder\.there/],
  ['qos: default', 'token: ey.J.x', /Unrecognized key/],
])('%s as %s is refused by its place', (right, wrong, message) => {
  expect(example).toContain(right)
  expect(() => readSitesFile(file(example.replace(right, wrong)))).toThrow(message)
})

test.each([
  ['no YAML', ': : :\n\t-'],
  ['nothing', ''],
  ['no site', 'sites: []'],
  ['an alias bomb', 'a: &a [1,1]\nb: &b [*a,*a]\nsites: *b'],
])('%s is refused', (_name, text) => {
  expect(() => readSitesFile(file(text))).toThrow(/SITES_FILE/)
})

test('a file that is not there is refused', () => {
  expect(() => readSitesFile('/nowhere/sites.yaml')).toThrow(/SITES_FILE: the file cannot be read/)
})
