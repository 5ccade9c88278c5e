import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pemSealKey } from '#adapters/pem/seal-key.ts'
import { pemOfPkcs12 } from '#adapters/pkcs12/read-pkcs12.ts'
import { readSeal } from '#core/edc/read-seal.ts'
import { verifySealSignature } from '#core/edc/verify-seal.ts'
import { readSeals } from '#functions/seals.ts'
import { readSettings } from '#functions/settings.ts'
import { sealSample } from './sealing.ts'
import { type TestAuthority, testAuthority } from './test-authority.ts'

let authority: TestAuthority
beforeAll(() => {
  authority = testAuthority()
}, 60_000)
afterAll(() => authority?.close())

const password = 'a pass phrase, not a secret'
/** Debian's; every machine that runs these tests has it. */
const program = 'openssl'

/** A PKCS #12 file as a trust service hands it out. */
function pkcs12(alg: 'ES256' | 'RS256', ...options: string[]) {
  const key = authority.seal(alg)
  const at = (name: string) => join(authority.folder, name)
  writeFileSync(at('all.pem'), authority.pem(key))
  const args = [
    'pkcs12',
    '-export',
    '-in',
    at('all.pem'),
    '-inkey',
    at('all.pem'),
    '-out',
    at('key.p12'),
    '-passout',
    `pass:${password}`,
  ]
  execFileSync(program, [...args, ...options], { stdio: 'ignore' })
  return { key, file: at('key.p12'), bytes: readFileSync(at('key.p12')) }
}

const old = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']

describe('a PKCS #12 file', () => {
  test.each([
    ['RS256', 'of today', []],
    ['ES256', 'of today', []],
    ['RS256', 'in the older encryption', old],
    ['ES256', 'in the older encryption', old],
  ] as const)('with a %s key %s seals with the very certificates in it', async (alg, _, options) => {
    const { key, bytes } = pkcs12(alg, ...options)
    const read = pemSealKey(pemOfPkcs12(bytes, password))
    expect(read).toMatchObject({ alg, x5c: key.x5c })
    const [signature] = readSeal((await sealSample(read)).text).signatures
    expect(signature && (await verifySealSignature(signature))).toBe(true)
  })

  test('with another password, or that is none, is told without a part of it', () => {
    const { bytes } = pkcs12('RS256')
    expect(() => pemOfPkcs12(bytes, 'another')).toThrow('does not open: its password is another')
    expect(() => pemOfPkcs12(Buffer.from('nothing of the kind'), password)).toThrow('is not a PKCS #12 file')
    expect(() => pemOfPkcs12(bytes.subarray(0, 300), password)).toThrow('is not a PKCS #12 file')
  })

  test('lies in the folder of sealing keys with its password beside it; without that the start is refused', () => {
    const { key, bytes } = pkcs12('ES256')
    const folder = join(authority.folder, 'p12')
    mkdirSync(folder)
    writeFileSync(join(folder, 'north-lake.p12'), bytes)
    const read = () => readSeals(readSettings({ SEAL_KEYS_DIR: folder }).seal)
    expect(read).toThrow('SEAL_KEYS_DIR: north-lake.p12 needs its password in north-lake.password beside it')
    writeFileSync(join(folder, 'north-lake.password'), `${password}\n`)
    expect(read().keys?.get('north-lake')).toMatchObject({ x5c: key.x5c })
    writeFileSync(join(folder, 'north-lake.pem'), authority.pem(key))
    expect(read).toThrow('is a second key of the same institution')
  })

  test('is imported by a command, dry first; the file is its owner’s alone', () => {
    const { file } = pkcs12('RS256')
    const folder = join(authority.folder, 'imported')
    const passwordFile = join(authority.folder, 'password.txt')
    writeFileSync(passwordFile, `${password}\n`)
    const run = (...more: string[]) =>
      spawnSync(process.execPath, ['functions/ops.ts', 'seals', ...more, '--dir', folder], {
        encoding: 'utf8',
      })
    const wanted = ['import', file, '--institution', 'north-lake', '--password-file', passwordFile]
    expect(run(...wanted, '--dry-run').stdout).toContain('would be kept as')
    expect(run('list').status).toBe(1)
    const told = run(...wanted)
    expect(told.stderr).toBe('')
    expect(told.stdout).toContain('VATLU-00000000')
    expect(told.stdout).toContain('does not claim to be qualified')
    expect(told.stdout).not.toContain(password)
    expect(statSync(join(folder, 'north-lake.pem')).mode & 0o777).toBe(0o600)
    expect(run('list').stdout).toContain('north-lake (RS256)')
  })
})
