import 'reflect-metadata'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Extension, KeyUsageFlags, type X509CrlEntryParams } from '@peculiar/x509'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { parseRevocationList, revocationStanding } from '#core/verification/revocation-list.ts'
import { parseTrustRegister } from '#core/verification/trust-register.ts'
import { parseCertificate } from '#core/verification/x509.ts'
import { readTrustFile } from '#functions/trust-file.ts'
import { type CertifiedPair, certify, type RevocationWishes, revocationListOf } from './foreign-issuer.ts'

const now = new Date('2026-11-23T09:00:00Z')
const days = (count: number) => new Date(now.getTime() + count * 86_400_000)
const usage = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign
let root: CertifiedPair
let middle: CertifiedPair
let leaf: CertifiedPair

beforeAll(async () => {
  root = await certify('Root', { ca: true, usage, now })
  middle = await certify('Middle', { ca: true, usage, parent: root, now })
  leaf = await certify('College', { parent: middle, now })
})

interface Wishes extends Omit<RevocationWishes, 'now' | 'entries'> {
  revoked?: Partial<X509CrlEntryParams>
}

function listOf(by: CertifiedPair, { revoked, ...more }: Wishes = {}) {
  return revocationListOf(by, { now, entries: revoked ? [{ of: leaf, ...revoked }] : [], ...more })
}

async function standing(texts: string[], provenAt?: Date) {
  const certificates = [leaf, middle, root].map(({ certificate }) => parseCertificate(certificate))
  const { state, code } = await revocationStanding(
    certificates,
    texts.map(parseRevocationList),
    now,
    provenAt,
  )
  return `${state} ${code}`
}

test('without a list of any of the authorities it is said that nobody looked', async () => {
  const stranger = await certify('Stranger', { ca: true, usage, now })
  expect(await standing([])).toBe('not-run revocation_not_checked')
  expect(await standing([await listOf(stranger)])).toBe('not-run revocation_not_checked')
})

test('current lists of every authority vouch for the chain; of one alone, for a part of it', async () => {
  expect(await standing([await listOf(middle), await listOf(root)])).toBe('passed ok')
  expect(await standing([await listOf(middle)])).toBe('unknown revocation_partly_checked')
  expect(await standing([await listOf(root)])).toBe('unknown revocation_partly_checked')
})

test.each<[string, Wishes]>([
  ['has run out', { until: days(-0.5) }],
  ['is of tomorrow', { from: days(1) }],
])('a list that %s vouches for nobody, and says so', async (_, wishes) => {
  expect(await standing([await listOf(middle, wishes), await listOf(root)])).toBe(
    'unknown revocation_list_stale',
  )
  // A current one beside it is enough.
  expect(await standing([await listOf(middle, wishes), await listOf(middle), await listOf(root)])).toBe(
    'passed ok',
  )
})

test('a list signed by somebody else, or by an authority that may sign none, is not believed', async () => {
  const forged = await listOf(middle, { key: leaf, revoked: {} })
  expect(await standing([forged, await listOf(root)])).toBe('unknown revocation_list_wrong')
  const mute = await certify('Mute', { ca: true, now })
  const below = await certify('Below', { parent: mute, now })
  const certificates = [below, mute].map(({ certificate }) => parseCertificate(certificate))
  const list = parseRevocationList(await listOf(mute))
  expect(await revocationStanding(certificates, [list], now)).toMatchObject({ code: 'revocation_list_wrong' })
})

test('a certificate on a list is revoked, also when the list has run out', async () => {
  expect(await standing([await listOf(middle, { revoked: {} })])).toBe('failed certificate_revoked')
  const old = await listOf(middle, { revoked: {}, from: days(-9), until: days(-2) })
  expect(await standing([old, await listOf(root)])).toBe('failed certificate_revoked')
})

test('a time stamp from before the revocation keeps the seal, one from after it or after the key was lost does not', async () => {
  const lists = async (revoked: Wishes['revoked']) => [
    await listOf(middle, { revoked: revoked ?? {} }),
    await listOf(root),
  ]
  expect(await standing(await lists({}), days(-2))).toBe('passed ok')
  expect(await standing(await lists({}), days(-1))).toBe('failed certificate_revoked')
  expect(await standing(await lists({ invalidity: days(-3) }), days(-2))).toBe('failed certificate_revoked')
})

test('the register refuses what is no list, and one that must be understood in a way it is not', async () => {
  const partitioned = new Extension('2.5.29.28', true, new Uint8Array([0x30, 0]))
  const refused = (text: string) => () => parseTrustRegister({ revocationLists: [text] })
  for (const text of ['AAAA', leaf.certificate, await listOf(middle, { extension: partitioned })]) {
    expect(refused(text)).toThrow(expect.objectContaining({ field: 'revocationLists.0' }))
  }
  const pem = `-----BEGIN X509 CRL-----\n${await listOf(middle)}\n-----END X509 CRL-----\n`
  expect(parseTrustRegister({ revocationLists: [pem] }).revocationLists).toHaveLength(1)
})

test('the trust file names lists as files beside it, in PEM or as authorities publish them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'academy-trust-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const text = await listOf(middle)
  writeFileSync(join(folder, 'a.crl'), Buffer.from(text, 'base64'))
  writeFileSync(join(folder, 'b.pem'), `-----BEGIN X509 CRL-----\n${text}\n-----END X509 CRL-----\n`)
  const file = join(folder, 'trust.yaml')
  writeFileSync(file, 'revocationListFiles: [a.crl, b.pem]\n')
  expect(readTrustFile(file).revocationLists).toHaveLength(2)
  writeFileSync(file, 'revocationListFiles: [gone.crl]\n')
  expect(() => readTrustFile(file)).toThrow('TRUST_FILE')
})
