import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { bundleFunctions } from '../../infra/bundle.ts'
import { BadDeployment, parseDeployment, zDeployment } from '../../infra/deployment.ts'
import { example, fullestContent, whole } from './templates.ts'

interface Node {
  properties?: Record<string, Node>
  required?: string[]
  items?: Node
}

/** Every setting by its path (`*` for an entry of a list) and whether it must be there, read from the schema itself. */
function settingsOf({ properties = {}, required = [], items }: Node, path = ''): [string, boolean][] {
  const own = Object.entries(properties).flatMap(([name, node]): [string, boolean][] => [
    [`${path}${name}`, required.includes(name)],
    ...settingsOf(node, `${path}${name}.`),
  ])
  return items ? [...own, ...settingsOf(items, `${path}*.`)] : own
}

const settings = settingsOf(z.toJSONSchema(zDeployment, { io: 'input', unrepresentable: 'any' }) as Node)

const list = 'must be a list'
const object = 'must be an object'
const address = 'must be the address (ARN) of something in'

/** What would be right of each; told of a value that is no such thing, and of a missing one that must be there. */
const right: Record<string, string> = {
  name: 'must be 3 to 24 small letters, digits and hyphens',
  stage: 'must be trial, staging or production',
  account: 'must be the twelve digits of an account',
  region: 'must be the name of a region',
  publicUrl: 'must be an https address without path, query or trailing slash',
  domain: object,
  'domain.certificate': `${address} acm`,
  edge: object,
  'edge.certificate': `${address} acm`,
  'edge.originKey': 'must be up to 20 small letters, digits and hyphens',
  institutions: list,
  'institutions.*.tag': 'must be eight characters of base32 in lower case',
  'institutions.*.slug': 'must be up to 80 small letters and digits, with single hyphens between',
  'institutions.*.name': object,
  'institutions.*.name.en': 'must be a text of up to 300 characters',
  'institutions.*.name.fr': 'must be a text of up to 300 characters',
  'institutions.*.country': 'must be a country of ISO 3166-1',
  'institutions.*.legalIdentifier': 'must be a text of 3 to 100 characters',
  'institutions.*.homepage': 'must be an https address',
  'institutions.*.certificates': list,
  'institutions.*.sealKey': 'must be trust-service, or left out',
  'institutions.*.furtherKeys': list,
  anchors: list,
  identity: object,
  'identity.issuers': list,
  'identity.issuers.*.issuer': 'must be the address of an OpenID provider',
  'identity.issuers.*.signIn': object,
  'identity.issuers.*.signIn.clientAuthentication': 'must be a text',
  trust: object,
  timeStamps: object,
  'timeStamps.server': 'must be an https address',
  'timeStamps.certificates': list,
  sites: list,
  'sites.*.name': 'must be up to 20 small letters, digits and hyphens',
  'sites.*.adapter': 'must be slurmrest or firecrest',
  'sites.*.mount': object,
  'sites.*.mount.accessPoint': `${address} elasticfilesystem`,
  'sites.*.mount.path': 'must be a folder of /mnt',
  network: object,
  'network.vpc': 'must be the id of a vpc',
  'network.subnets': list,
  'network.securityGroups': list,
  graph: object,
  'graph.engine': 'must be neo4j',
  'graph.url': 'must be a neo4j+s:// or bolt+s:// address without user and path',
  'graph.database': 'must be the name of a database',
  mail: object,
  'mail.server': 'must be smtps://host:port or smtp://host:port (STARTTLS)',
  'mail.from': 'must be address@domain or Name <address@domain>',
  traces: object,
  'traces.collector': 'must be an http or https address',
  'traces.ratio': 'must be a number',
  operators: list,
  monthlyBudgetUsd: 'must be a number',
  logRetentionDays: 'must be one of 7, 14, 30, 60, 90, 180, 365',
  keyBackupDays: 'must be a number',
  requestsPerSecond: 'must be a number',
  burst: 'must be a number',
  liveStreams: 'must be a number',
  settings: object,
}

/** The fullest deployment with another value at a path, in the last entry of each list; absent when undefined. */
function changed(path: string, value: unknown): { content: unknown; at: string } {
  const content = structuredClone(fullestContent) as unknown
  const at: (string | number)[] = []
  let holder = content as Record<string | number, unknown>
  const steps = path.split('.')
  const last = steps.pop() ?? ''
  for (const step of steps) {
    const key = step === '*' ? (holder as unknown as unknown[]).length - 1 : step
    at.push(key)
    holder = holder[key] as Record<string | number, unknown>
  }
  expect(Object.keys(holder), `the fullest deployment has ${path}`).toContain(last)
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return { content, at: [...at, last].join('.') }
}

function linesOf(content: unknown): string[] {
  try {
    parseDeployment(content)
  } catch (error) {
    if (error instanceof BadDeployment) return error.message.split('\n')
    throw error
  }
  return []
}

test('there is a line for every setting, and the fullest deployment has them all', () => {
  expect(Object.keys(right)).toEqual(settings.map(([path]) => path))
  for (const [path] of settings) changed(path, undefined)
})

test.each(settings)(
  '%s is refused by its name, with what would be right, when it is something else',
  (path) => {
    // What no setting is.
    const { content, at } = changed(path, true)
    expect(linesOf(content)).toContain(`${at}: ${right[path]}`)
  },
)

const mandatory = settings.filter(([, isMandatory]) => isMandatory)

test.each(mandatory)('%s is asked for by its name, with what would be right, when it is missing', (path) => {
  const { content, at } = changed(path, undefined)
  expect(linesOf(content)).toContain(`${at}: ${right[path]}`)
})

test('a number out of its bounds is told them', () => {
  expect(linesOf(changed('keyBackupDays', 31).content)).toEqual(['keyBackupDays: must be 30 or less'])
  expect(linesOf(changed('liveStreams', 0).content)).toEqual(['liveStreams: must be 1 or more'])
  expect(linesOf(changed('traces.ratio', 2).content)).toEqual(['traces.ratio: must be 1 or less'])
  expect(linesOf(changed('burst', 1.5).content)).toContain('burst: must be a whole number')
  expect(linesOf(changed('settings', { BATCH_SIZE: 1.5 }).content)).toEqual([
    'settings.BATCH_SIZE: must be a whole number or a text of up to 40 characters',
  ])
  expect(linesOf(changed('network.subnets', []).content)).toEqual(['network.subnets: must have 1 or more'])
})

test('what the functions will read is judged by their own code, each setting of them by its name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-settings-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const names = zDeployment.shape.settings.unwrap().keyType.options
  const wrong = parseDeployment({
    ...(example as object),
    identity: { issuers: [{ issuer: 'https://login.example' }] },
    trust: { issuers: 'nobody' },
    timeStamps: { server: 'https://tsa.example', certificates: ['A'.repeat(400)] },
    sites: whole.sites?.slice(0, 1).map(({ partitions: _none, ...site }) => site),
    settings: Object.fromEntries(names.map((name) => [name, 'neither'])),
  })
  const refusal = await bundleFunctions([], wrong, folder).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(BadDeployment)
  const lines = (refusal as BadDeployment).message.split('\n')
  for (const name of names)
    expect(lines).toContainEqual(expect.stringMatching(`^settings: ${name}: must be `))
  expect(lines).toContain('identity: issuers.0.audience in the file is not usable')
  expect(lines).toContainEqual(expect.stringMatching('^trust: '))
  expect(lines).toContain('timeStamps: certificates: must hold one to ten certificates in PEM')
  expect(lines).toContainEqual(expect.stringMatching('^sites.0.partitions: '))
  // Nothing was made of it.
  expect(readdirSync(join(folder, 'prepared'))).toEqual(['deployment.json'])
})
