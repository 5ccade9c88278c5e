import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readSeals } from '#functions/seals.ts'
import { readSettings } from '#functions/settings.ts'
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
