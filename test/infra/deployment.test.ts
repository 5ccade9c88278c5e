import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BadDeployment, parseDeployment, readDeployment } from '../../infra/deployment.ts'

const example: unknown = JSON.parse(readFileSync('infra/example-deployment.json', 'utf8'))
const changed = (change: object) => ({ ...(example as object), ...change })
const [first] = (example as { institutions: object[] }).institutions

test('the example is a deployment', () => {
  expect(parseDeployment(example)).toMatchObject({
    logRetentionDays: 90,
    requestsPerSecond: 200,
    anchors: [],
  })
})

test.each([
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
  ['a setting that does not exist', { logRetention: 7 }, 'the file: '],
])('%s is refused by name', (_what, change, line) => {
  expect(() => parseDeployment(changed(change))).toThrow(BadDeployment)
  expect(() => parseDeployment(changed(change))).toThrow(line)
})

test('a file that cannot be read is refused by the name of its variable', () => {
  expect(() => readDeployment('no-such-file.json')).toThrow('DEPLOYMENT: must name a readable JSON file')
})
