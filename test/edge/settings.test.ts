import { expect, test } from 'vitest'
import { readSettings } from '#functions/settings.ts'

test('an empty environment gives the documented defaults', () => {
  expect(readSettings({})).toMatchObject({
    port: 4000,
    publicUrl: undefined,
    dataDir: '.data',
    tls: undefined,
    records: 'sqlite',
    graph: 'memory',
    identity: 'embedded',
    production: false,
    lifetimes: { offerLifetimeDays: 7, statusListSize: 131_072 },
  })
})

test('an empty variable counts as one that is not set', () => {
  expect(readSettings({ PORT: '', PUBLIC_URL: '' })).toMatchObject({ port: 4000, publicUrl: undefined })
})

test.each([
  ['PORT', '70000'],
  ['PORT', '-1'],
  ['PORT', '4000; rm'],
  ['PORT', '0x10'],
  ['PUBLIC_URL', 'ftp://academy.example'],
  ['PUBLIC_URL', 'https://academy.example/'],
  ['PUBLIC_URL', 'https://academy.example/sub'],
  ['PUBLIC_URL', 'https://user:pass@academy.example'],
  ['PUBLIC_URL', 'academy'],
  ['RECORDS', 'mysql'],
  ['GRAPH', 'kuzu'],
  ['NEO4J_URL', 'http://127.0.0.1:7687'],
  ['NEO4J_URL', 'bolt://neo4j:secret@db.example'],
  ['NEO4J_DATABASE', '../system'],
  ['RATE_LIMIT_WALLET', 'many'],
  ['RATE_LIMIT_GRAPHQL', '0'],
  ['STATUS_LIST_SIZE', '1000'],
  ['SNAPSHOT_THRESHOLD', '1'],
  ['OFFER_LIFETIME_DAYS', '1.5'],
])('%s is refused by its name and never by its value %s', (name, value) => {
  const refused = () => readSettings({ [name]: value })
  expect(refused).toThrow(new RegExp(`^${name}: must be`))
  if (value.length > 4) expect(refused).not.toThrow(value)
})

test.each([
  [{ TLS_CERT_FILE: 'c.pem' }, 'TLS_KEY_FILE'],
  [{ TLS_KEY_FILE: 'k.pem' }, 'TLS_CERT_FILE'],
  [{ TSA_URL: 'https://stamps.example/' }, 'TSA_CERT_FILE'],
  [{ TSA_CERT_FILE: 'tsa.pem' }, 'TSA_CERT_FILE'],
  [{ NEO4J_USER: 'academy' }, 'NEO4J_PASSWORD'],
  [{ NEO4J_PASSWORD: 'secret' }, 'NEO4J_PASSWORD'],
])(
  'a setting without the one it needs, as a certificate without its key, is refused',
  (environment, missing) => {
    expect(() => readSettings(environment)).toThrow(`${missing}: must be set`)
  },
)

test('every bad setting is named at once', () => {
  expect(() => readSettings({ PORT: 'x', RECORDS: 'y' })).toThrow(/PORT: .*\nRECORDS: /)
})
