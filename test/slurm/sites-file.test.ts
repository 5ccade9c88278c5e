import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { openSites } from '#functions/open-sites.ts'
import { readSettings } from '#functions/settings.ts'
import { firecrestSiteOf, programAt, slurmSiteOf } from '#functions/site-adapters.ts'
import { profileOf } from '#functions/site-profile.ts'
import { parseSites, sitesFileText } from '#functions/sites-file.ts'
import { packPracticals } from '#practicals/load-practicals.ts'
import { unpackPracticals } from '#practicals/packed.ts'

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'academy-sites-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'sites.yaml')
  writeFileSync(path, text)
  return path
}
/** The examples operators copy. */
const examples = [...readFileSync('docs/sites.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
  ([, text = '']) => text,
)
const exampleOf = (adapter: string) => examples.find((text) => text.includes(`adapter: ${adapter}`)) ?? ''
const example = exampleOf('slurmrest')

/** How a mistake at some text of the example begins. */
function lineOf(text: string, rest: string): string {
  const before = example.slice(0, example.indexOf(text))
  return `line ${before.split('\n').length}: ${rest}`
}
/** As the server reads it. */
const sitesOf = (path: string) => parseSites(sitesFileText(path))
function slurmEntry(text: string) {
  const [entry] = parseSites(text)
  if (entry?.adapter !== 'slurmrest') throw new Error('not the site that was meant')
  return entry
}

test('the example in docs/sites.md names a site with two partitions, and this machine', () => {
  const entry = slurmEntry(example)
  expect(profileOf(entry)).toMatchObject({
    adapter: 'slurmrest',
    separateAccounts: true,
    partitions: [{ name: 'gpu', gpus: { type: 'a100', count: 2 }, costPerHour: 1.2 }, { name: 'cpu' }],
    caps: { perLearner: { gpuSeconds: 14_400, coreSeconds: 240_000 } },
    calendar: [
      { kind: 'closed', reason: 'Maintenance', from: new Date('2026-12-24T00:00:00Z') },
      { kind: 'reserved', reservation: 'academy-day', partitions: ['gpu'] },
    ],
    killSwitch: false,
  })
  expect(slurmSiteOf(entry)).toMatchObject({
    name: 'test-factory',
    apiVersion: 'v0.0.42',
    accounts: { work: { user: 'academy-work' }, grade: { tokenFile: '/run/secrets/slurm-grade' } },
  })
  expect(parseSites(example)[1]).toEqual({ name: 'local', adapter: 'local' })
  const program = programAt(entry.folder, unpackPracticals(packPracticals()).hasProgram)
  expect(program({ id: 'inference-throughput', version: 1 }, 'grade')).toBe(
    '/project/academy/programs/practicals/inference-throughput/grade.ts',
  )
  expect(program({ id: '../../etc', version: 1 }, 'work')).toBeUndefined()
})

test('a site may want each learner’s own account: it names the folder of their tokens, and where to get one', () => {
  const individual = example
    .replace(
      'accountModel: service',
      'accountModel: individual\n    accountPage: https://docs.example.org/accounts',
    )
    .replace(
      'work: { user: academy-work, tokenFile: /run/secrets/slurm-work }',
      'learners: { tokenFolder: /run/secrets/slurm-learners }',
    )
  const entry = slurmEntry(individual)
  expect(profileOf(entry)).toMatchObject({
    accountModel: 'individual',
    accountPage: 'https://docs.example.org/accounts',
    separateAccounts: true,
  })
  expect(slurmSiteOf(entry)).toMatchObject({
    learners: { tokenFolder: '/run/secrets/slurm-learners' },
    accounts: { grade: { user: 'academy-grade' } },
  })
  expect(() => parseSites(individual.replace('https://docs', 'http://docs'))).toThrow(
    /accountPage: must be an https/,
  )
  expect(() =>
    parseSites(exampleOf('firecrest').replace('accountModel: service', 'accountModel: individual')),
  ).toThrow(/accountModel: individual needs the adapter slurmrest/)
})

test('the FirecREST example in docs/sites.md names a site without a mounted folder', () => {
  const [entry] = parseSites(exampleOf('firecrest'))
  if (entry?.adapter !== 'firecrest') throw new Error('not the site that was meant')
  expect(profileOf(entry)).toMatchObject({ adapter: 'firecrest', separateAccounts: true })
  expect(firecrestSiteOf(entry)).toMatchObject({
    url: 'https://api.example.org/firecrest',
    system: 'daint',
    tokenUrl: 'https://auth.example.org/realms/site/protocol/openid-connect/token',
    accounts: { grade: { clientId: 'academy-grade', secretFile: '/run/secrets/firecrest-grade' } },
  })
})

test.each([
  ['https://api.example.org/firecrest', 'https://api.example.org/firecrest/', /address: must be/],
  ['https://api.example.org/firecrest', 'http://api.example.org/firecrest', /address: must be/],
  ['https://auth.example.org', 'https://user:word@auth.example.org', /tokenAddress: must be/],
  ['openid-connect/token', 'openid-connect/token?x=1', /tokenAddress: must be/],
  ['system: daint', 'system: daint/../..', /system: must be/],
  ['secretFile: /run/secrets/firecrest-work', 'secret: word', /accounts\.work/],
  ['folder: {', 'folder: { here: /mnt/site,', /folder/],
])('FirecREST: %s as %s is refused by its place', (right, wrong, message) => {
  const text = exampleOf('firecrest')
  expect(text).toContain(right)
  expect(() => parseSites(text.replace(right, wrong))).toThrow(message)
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
  ['adapter: slurmrest', 'adapter: telnet', /line 4: sites\.0\.adapter: must be slurmrest, firecrest or/],
  ['accountModel: service', 'accountModel: shared', /sites\.0\.accountModel/],
  ['name: test-factory', 'name: local', /name: is the name of the academy’s own machine/],
  ['user: academy-work', 'user: "a\\nX-SLURM-USER-NAME: root"', /accounts\.work\.user/],
  ['/run/secrets/slurm-work', '$(id)', /accounts\.work\.tokenFile/],
  ['there: /project/academy', 'there: "/project/a b; rm"', /folder\.there/],
  ['qos: default', 'token: ey.J.x', /unrecognized key/i],
  ['country: LU', 'country: Luxembourg', /dataPolicy\.country: must be two capital letters/],
  ['killSwitch: false', 'killSwitch: true', /killSwitch: must be false, or the reason/],
  [
    'to: 2026-12-27T00:00:00Z',
    'to: 2026-12-23T00:00:00Z',
    lineOf('2026-12-27', 'sites.0.calendar.0.to: must be after from'),
  ],
  ['closed: Maintenance', 'why: Maintenance', /calendar\.0: must have from, to and either/],
  ['from: 2026-12-24T00:00:00Z', 'from: tomorrow', /calendar\.0/],
])('%s as %s is refused by its place', (right, wrong, message) => {
  expect(example).toContain(right)
  expect(() => sitesOf(file(example.replace(right, wrong)))).toThrow(message)
})

describe('lines that contradict each other', () => {
  test.each([
    [
      'two partitions of one name',
      'name: cpu,',
      'name: gpu,',
      /partitions\.1\.name: is the name of an earlier/,
    ],
    [
      'a calendar for no partition',
      '[gpu], reservation',
      '[gup], reservation',
      /calendar\.1\.partitions\.0: is no part/,
    ],
    [
      'a learner with more than the cohort',
      'gpuMinutes: 240',
      'gpuMinutes: 20001',
      /perLearner\.gpuMinutes: is more/,
    ],
    [
      'GPU-minutes without GPUs',
      '        gpus: { type: a100, count: 2 }',
      '       ',
      /caps\.perLearner\.gpuMinutes: no part/,
    ],
    [
      'no account of the academy',
      '      work: { user: academy-work, tokenFile: /run/secrets/slurm-work }\n',
      '',
      /accounts\.work: is missing/,
    ],
    [
      'an account model without accounts',
      'accountModel: service',
      'accountModel: individual',
      /accounts\.learners: is missing[\s\S]*accounts\.work: is for/,
    ],
    ['a cap of nothing', '{ gpuMinutes: 3000, coreMinutes: 60000 }', '{}', /caps\.perDay: lets nothing run/],
  ])('%s', (_title, right, wrong, message) => {
    expect(example).toContain(right)
    expect(() => parseSites(example.replace(right, wrong))).toThrow(message)
  })

  test('two sites of one name, or of one folder', () => {
    const site = / {2}- name: test-factory[\s\S]*?(?= {2}- \{ name: local)/.exec(example)?.[0] ?? ''
    const again = (second: string) => parseSites(`sites:\n${site}${second}`)
    expect(() => again(site)).toThrow(
      /sites\.1\.name: is the name of an earlier site[\s\S]*sites\.1\.folder\.here/,
    )
    expect(again(site.replace('test-factory', 'other').replace('/mnt/site', '/mnt/other'))).toHaveLength(2)
  })

  test('a practical this release does not ship', () => {
    const path = file(example.replace('[inference-throughput]', '[mine-bitcoin]'))
    expect(() => openSites(readSettings({ SITES_FILE: path }), systemClock)).toThrow(
      /test-factory: practicals/,
    )
  })

  test('this machine as a site in production', () => {
    const settings = readSettings({ SITES_FILE: file(example), NODE_ENV: 'production' })
    expect(() => openSites(settings, systemClock)).toThrow(/isolates nothing/)
  })
})

describe('a file that changes while the server runs', () => {
  const withoutLocal = example.replace(/ {2}- \{ name: local.*\n/, '')

  test('a version in order holds from then on, one that is not is told once and changes nothing', () => {
    const path = file(withoutLocal)
    const open = openSites(readSettings({ SITES_FILE: path }), systemClock)
    const before = open.sites.find('test-factory')
    expect(open.reload()).toBe(false)

    writeFileSync(path, withoutLocal.replace('killSwitch: false', 'killSwitch: "Fire; back on Monday"'))
    expect(open.reload()).toBe(true)
    expect(open.sites.list()[0]?.killSwitch).toBe('Fire; back on Monday')

    writeFileSync(path, withoutLocal.replace('cpus: 16', 'cpus: many'))
    expect(() => open.reload()).toThrow(lineOf('cpus: 16', 'sites.0.partitions.0.cpus'))
    expect(open.reload()).toBe(false)
    expect(open.sites.list()[0]?.killSwitch).toBe('Fire; back on Monday')

    rmSync(path)
    expect(() => open.reload()).toThrow(/cannot be read/)
    expect(open.reload()).toBe(false)
    writeFileSync(path, withoutLocal)
    expect(open.reload()).toBe(true)
    expect(open.sites.find('test-factory')?.profile).toEqual(before?.profile)
  })

  test('a site that did not change keeps its queue; one that left is still found, and no longer listed', () => {
    const site = / {2}- name: test-factory[\s\S]*?(?= {2}- \{ name: local)/.exec(example)?.[0] ?? ''
    const other = site.replace('test-factory', 'other').replace('/mnt/site', '/mnt/other')
    const path = file(`sites:\n${site}${other}`)
    const open = openSites(readSettings({ SITES_FILE: path }), systemClock)
    const [kept, left] = [open.sites.find('test-factory'), open.sites.find('other')]
    writeFileSync(path, `sites:\n${site}`)
    expect(open.reload()).toBe(true)
    expect(open.sites.list().map(({ name }) => name)).toEqual(['test-factory'])
    expect(open.sites.find('test-factory')).toBe(kept)
    expect(open.sites.find('other')).toBe(left)
  })
})

test('the secret of a site’s hints is read anew each time; a file that is gone is no secret', () => {
  const secret = file('the first secret of this site, long enough\n')
  const text = example.replace('/run/secrets/hints-of-test-factory', secret)
  const { sites } = openSites(readSettings({ SITES_FILE: file(text) }), systemClock)
  const hintSecret = sites.find('test-factory')?.hintSecret
  expect(hintSecret?.()).toBe('the first secret of this site, long enough')
  writeFileSync(secret, 'the second one, after a change of secrets')
  expect(hintSecret?.()).toBe('the second one, after a change of secrets')
  rmSync(secret)
  expect(hintSecret?.()).toBeUndefined()
})

test.each([
  ['no YAML', ': : :\n\t-'],
  ['nothing', ''],
  ['no site', 'sites: []'],
  ['an alias bomb', 'a: &a [1,1]\nb: &b [*a,*a]\nsites: *b'],
])('%s is refused', (_name, text) => {
  expect(() => sitesOf(file(text))).toThrow(/SITES_FILE/)
})

test('a file that is not there is refused', () => {
  expect(() => sitesOf('/nowhere/sites.yaml')).toThrow(/SITES_FILE: the file cannot be read/)
})
