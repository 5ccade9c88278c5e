import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
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
  ['LISTEN_ADDRESS', 'localhost.example'],
  ['TRUSTED_PROXIES', 'caddy,10.0.0.1'],
  ['TRUSTED_PROXIES', '0.0.0.0/0'],
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

const reached = {
  LISTEN_ADDRESS: '0.0.0.0',
  PUBLIC_URL: 'https://academy.example',
  TLS_CERT_FILE: 'c.pem',
  TLS_KEY_FILE: 'k.pem',
  IDENTITY: 'issuers.json',
}

test('a port that others reach has TLS, an https address and people who sign in elsewhere', () => {
  expect(readSettings(reached).listenAddress).toBe('0.0.0.0')
  expect(() => readSettings({ LISTEN_ADDRESS: '::' })).toThrow(
    /TLS_CERT_FILE: .*\nPUBLIC_URL: .*\nIDENTITY: /,
  )
  expect(() => readSettings({ ...reached, PUBLIC_URL: 'http://academy.example' })).toThrow('PUBLIC_URL')
  expect(readSettings({ LISTEN_ADDRESS: '::1' }).listenAddress).toBe('::1')
})

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'academy-secret-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'secret'), text)
  return join(folder, 'secret')
}

test('a secret is read from the file a variable names, without its line break', () => {
  const settings = readSettings({
    NEO4J_AUTH_FILE: fileWith('neo4j/a/b c\n'),
    SMTP_URL: 'smtps://mail.example:465',
    MAIL_FROM: 'academy@mail.example',
    SMTP_USER: 'academy',
    SMTP_PASSWORD_FILE: fileWith(' spaces stay \r\n'),
  })
  expect(settings.neo4j).toMatchObject({ user: 'neo4j', password: 'a/b c' })
  expect(settings.smtp?.login).toEqual({ user: 'academy', password: ' spaces stay ' })
})

test.each([
  [{ NEO4J_AUTH_FILE: '/nowhere' }, 'NEO4J_AUTH_FILE: must name a file that holds user/password'],
  [{ NEO4J_AUTH_FILE: '/nowhere', NEO4J_USER: 'a' }, 'NEO4J_AUTH_FILE: must not be set beside NEO4J_USER'],
  [{ SMTP_PASSWORD_FILE: '/nowhere' }, 'SMTP_PASSWORD_FILE: must name a file that holds it'],
])('a file of a secret that cannot be used is named, %j', (environment, problem) => {
  expect(() => readSettings(environment)).toThrow(problem)
})

test('a file that holds half of what it should is refused without being quoted', () => {
  const refused = () => readSettings({ NEO4J_AUTH_FILE: fileWith('hunter2\n') })
  expect(refused).toThrow('NEO4J_AUTH_FILE')
  expect(refused).not.toThrow('hunter2')
})
