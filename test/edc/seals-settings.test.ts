import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readSeal } from '#core/edc/read-seal.ts'
import { readSeals } from '#functions/seals.ts'
import { readSettings } from '#functions/settings.ts'
import { world } from '#test/support/world.ts'
import { europeanFile } from './european-file.ts'
import { testAuthority } from './test-authority.ts'

test('seals claim their time as iat and carry no stamp unless an authority is set', () => {
  expect(readSeals(readSettings({}).seal)).toEqual({ signingTime: 'iat' })
  expect(readSeals(readSettings({ SEAL_SIGNING_TIME: 'sigT' }).seal)).toEqual({ signingTime: 'sigT' })
})

test.each([['http://stamps.example/'], ['ftp://127.0.0.1/'], ['stamps'], ['http://127.0.0.1.example/']])(
  'the authority %s is refused by name',
  (TSA_URL) => {
    expect(() => readSettings({ TSA_URL, TSA_CERT_FILE: 'x' })).toThrow(/^TSA_URL: must be/)
  },
)

test('the certificates of the authority come from a PEM file; anything else is refused by name', () => {
  const authority = testAuthority()
  onTestFinished(() => authority.close())
  const settingsWith = (TSA_CERT_FILE: string) =>
    readSettings({ TSA_URL: 'http://127.0.0.1:9/', TSA_CERT_FILE }).seal
  const { timeStamps } = readSeals(settingsWith(join(authority.folder, 'root.pem')))
  expect(timeStamps?.anchors.map((anchor) => Buffer.from(anchor))).toEqual([authority.root()])
  const file = join(authority.folder, 'none.pem')
  for (const content of [
    '',
    'no certificate',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
  ]) {
    writeFileSync(file, content)
    expect(() => readSeals(settingsWith(file))).toThrow('TSA_CERT_FILE: must hold')
  }
  rmSync(file)
  expect(() => readSeals(settingsWith(file))).toThrow('TSA_CERT_FILE: must hold')
})

test.each(['ES256', 'RS256'] as const)(
  'a %s key of a trust service seals for the institution its file names',
  async (alg) => {
    const authority = testAuthority()
    onTestFinished(() => authority.close())
    const folder = join(authority.folder, 'seals')
    mkdirSync(folder)
    const key = authority.seal(alg, { qualified: true })
    writeFileSync(join(folder, 'north-lake.pem'), authority.pem(key))
    const seals = readSeals(readSettings({ SEAL_KEYS_DIR: folder }).seal)
    // The root is left out: whoever verifies has it, or does not trust it.
    expect(seals.keys?.get('north-lake')).toMatchObject({ alg, x5c: key.x5c })
    const w = await world()
    const { award } = await w.award()
    const edition = await europeanFile(w.actor('registrar'), award.id, { ...w, seals })
    expect(edition.claimsQualifiedSeal).toBe(true)
    const [signature] = readSeal(edition.text).signatures
    expect(signature).toMatchObject({ alg, x5c: key.x5c })
  },
)

test('files that cannot seal stop the start, each by name and without its content', () => {
  const authority = testAuthority()
  onTestFinished(() => authority.close())
  const folder = join(authority.folder, 'seals')
  mkdirSync(folder)
  const [one, other] = [authority.seal('ES256'), authority.seal('ES256')]
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const keep = (name: string, text: string) => writeFileSync(join(folder, name), text)
  keep('a.pem', 'nothing')
  keep('b.pem', authority.pem({ x5c: other.x5c, privateKey: one.privateKey }))
  keep('c.pem', authority.pem(one) + authority.pem(other))
  keep('d.pem', authority.pem({ x5c: one.x5c, privateKey: weak }))
  keep('notes.txt', 'not looked at')
  const read = () => readSeals(readSettings({ SEAL_KEYS_DIR: folder }).seal)
  expect(read).toThrow(
    [
      'SEAL_KEYS_DIR: a.pem must hold exactly one private key without a password',
      'SEAL_KEYS_DIR: b.pem holds no certificate of its private key',
      'SEAL_KEYS_DIR: c.pem must hold exactly one private key without a password',
      'SEAL_KEYS_DIR: d.pem holds no certificate of its private key',
    ].join('\n'),
  )
  expect(() => readSeals(readSettings({ SEAL_KEYS_DIR: join(folder, 'none') }).seal)).toThrow(
    'cannot be read',
  )
})
