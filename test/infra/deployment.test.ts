import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BadDeployment, parseDeployment, readDeployment, readDeployments } from '../../infra/deployment.ts'

const example: unknown = JSON.parse(readFileSync('infra/example-deployment.json', 'utf8'))
const changed = (change: object) => ({ ...(example as object), ...change })
const eu = 'arn:aws:acm:eu-central-1:123456789012:certificate/one'
const us = 'arn:aws:acm:us-east-1:123456789012:certificate/two'
const mount = {
  accessPoint: 'arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-0123456789abcdef0',
  path: '/mnt/site',
}
const network = {
  vpc: 'vpc-0123456789abcdef0',
  subnets: ['subnet-0123456789abcdef0'],
  securityGroups: ['sg-0123456789abcdef0'],
}
const [first] = (example as { institutions: object[] }).institutions

test('the example is a deployment', () => {
  expect(parseDeployment(example)).toMatchObject({
    logRetentionDays: 90,
    requestsPerSecond: 200,
    anchors: [],
  })
})

function refusalOf(content: unknown): string {
  try {
    parseDeployment(content)
  } catch (error) {
    if (error instanceof BadDeployment) return error.message
    throw error
  }
  return ''
}

/** What an operator gets wrong, and the line that tells them so. */
const refused: [what: string, change: object, line: string][] = [
  ['no address', { publicUrl: undefined }, 'publicUrl: '],
  ['an address without TLS', { publicUrl: 'http://academy.example' }, 'publicUrl: must be an https address'],
  [
    'an address with a path',
    { publicUrl: 'https://academy.example/a' },
    'publicUrl: must be an https address',
  ],
  ['a name CloudFormation would refuse', { name: 'Academy_1' }, 'name: must be 3 to 24 small letters'],
  ['nobody who awards', { institutions: [] }, 'institutions: '],
  [
    'the same institution twice',
    { institutions: [first, first] },
    'institutions: no two may have the same tag',
  ],
  [
    'a tag that could not be in an id',
    { institutions: [{ ...first, tag: 'A' }] },
    'institutions.0.tag: must be eight',
  ],
  [
    'certificates without their anchor',
    { institutions: [{ ...first, certificates: ['A'.repeat(400)] }] },
    'anchors: must hold the anchors',
  ],
  ['nobody who may sign in', { identity: { issuers: [] } }, 'identity.issuers: '],
  ['days CloudWatch does not know', { logRetentionDays: 91 }, 'logRetentionDays: must be one of 7, 14'],
  ['a burst below the rate', { requestsPerSecond: 500 }, 'burst: must not be less than requestsPerSecond'],
  ['a setting that does not exist', { logRetention: 7 }, 'logRetention: is not known here; there are name'],
  [
    'a part of one that does not exist',
    { graph: { engine: 'neo4j', url: 'neo4j+s://graph.example', user: 'neo4j' } },
    'graph.user: is not known here; there are engine, url, database',
  ],
  ['no stage', { stage: undefined }, 'stage: must be trial, staging or production'],
  [
    'a certificate of another region',
    { region: 'eu-west-1', domain: { certificate: eu } },
    'domain.certificate: must be in the region',
  ],
  [
    'a certificate CloudFront does not find',
    { region: 'eu-west-1', edge: { certificate: eu } },
    'edge.certificate: must be in us-east-1',
  ],
  ['an edge of no region', { edge: { certificate: us } }, 'region: must be set with edge'],
  ['an account without its region', { account: '123456789012' }, 'region: must be set with account'],
  [
    'the address of something else',
    { domain: { certificate: 'arn:aws:s3:::bucket' } },
    'domain.certificate: must be the address (ARN) of something in acm',
  ],
  ['live streams of nothing', { liveStreams: 5 }, 'liveStreams: must be left out'],
  ['a budget nobody hears of', { monthlyBudgetUsd: 100 }, 'operators: must name who hears'],
  [
    'two keys of one name',
    { institutions: [{ ...first, furtherKeys: ['a', 'a'] }] },
    'institutions.0.furtherKeys: no two',
  ],
  [
    'a file system without its network',
    { sites: [{ name: 'site', adapter: 'slurmrest', mount }] },
    'network: must be set for a site with a mount',
  ],
  ['a network for nobody', { network }, 'sites: must be set with network'],
  [
    'two sites of one name',
    {
      sites: [
        { name: 'site', adapter: 'firecrest' },
        { name: 'site', adapter: 'firecrest' },
      ],
    },
    'sites: no two may have the same name',
  ],
  [
    'a site of the own machine',
    { sites: [{ name: 'local', adapter: 'local' }] },
    'sites.0.adapter: must be slurmrest or firecrest',
  ],
  [
    'a shared folder that no function sees',
    { sites: [{ name: 'site', adapter: 'slurmrest' }] },
    'sites.0.mount: must be set for adapter slurmrest',
  ],
  [
    'a shared folder beside its mount',
    { network, sites: [{ name: 'site', adapter: 'slurmrest', mount, folder: { here: '/srv/site' } }] },
    'sites.0.folder.here: must be in the mount',
  ],
  [
    'hints that nobody takes',
    { sites: [{ name: 'site', adapter: 'firecrest', webhookSecretFile: '/run/hint' }] },
    'sites.0.webhookSecretFile: must be left out',
  ],
  [
    'a mount that nobody looks into',
    { network, sites: [{ name: 'site', adapter: 'firecrest', mount }] },
    'sites.0.mount: is for a site of adapter slurmrest only',
  ],
  [
    'a graph without TLS',
    { graph: { engine: 'neo4j', url: 'bolt://graph.example' } },
    'graph.url: must be encrypted',
  ],
  [
    'a login in the address of the graph',
    { graph: { engine: 'neo4j', url: 'neo4j+s://a:b@graph.example' } },
    'graph.url: must be a',
  ],
  ['keys kept longer than an erasure may take', { keyBackupDays: 31 }, 'keyBackupDays: '],
  [
    'a setting of functions that does not exist',
    { settings: { DATA_DIR: '/tmp' } },
    'settings.DATA_DIR: is not known here; there are RATE_LIMIT_GRAPHQL',
  ],
]

test.each(refused)('%s is refused by name', (_what, change, line) => {
  expect(() => parseDeployment(changed(change))).toThrow(BadDeployment)
  expect(() => parseDeployment(changed(change))).toThrow(line)
})

test('every contradiction that is looked for is among them', () => {
  const source = readFileSync('infra/contradictions.ts', 'utf8')
  const lines = [...source.matchAll(/['`]((?:must|no two|is for) [^'`$]*)/g)].map(([, line]) => line ?? '')
  expect(lines.length).toBeGreaterThan(15)
  const told = refused.map(([, change]) => refusalOf(changed(change))).join('\n')
  expect(lines.filter((line) => !told.includes(line))).toEqual([])
})

test('a file that cannot be read is refused by the name of its variable', () => {
  expect(() => readDeployment('no-such-file.json')).toThrow('DEPLOYMENT: must name a readable JSON file')
})

test('several academies may be in one assembly, if their names differ', () => {
  const file = 'infra/example-deployment.json'
  expect(() => readDeployments(`${file},${file}`)).toThrow('name: two deployments of one assembly')
  expect(readDeployments(file)).toHaveLength(1)
})

test('no refusal repeats the value that was wrong', () => {
  const wrong = { publicUrl: 'http://secret.example', domain: { certificate: 'sesame' } }
  expect(() => parseDeployment(changed(wrong))).not.toThrow(/secret|sesame/)
})
