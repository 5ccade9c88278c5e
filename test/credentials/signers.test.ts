import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { keyFolder, masterSecret, memoryKeyFolder } from '#adapters/file/key-folder.ts'
import { fileVault } from '#adapters/file/key-vault.ts'
import { purposeMac } from '#adapters/node-crypto/purpose-mac.ts'
import { platformTag, type TenantTag } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { rawToDer } from '#core/jose/ecdsa-signature.ts'
import { registeredSigners } from '#core/keys/registered-signers.ts'
import { noRegister } from '#test/support/no-register.ts'

const tag = 'abcdefgh' as TenantTag
const institution: Institution = {
  tag,
  slug: 'uni-a',
  name: { en: 'University A', fr: 'Université A' },
  country: 'FR',
  legalIdentifier: 'VATFR-12345678901',
  homepage: 'https://uni-a.example',
}
const clock = { now: () => new Date('2026-05-01T00:00:00Z') }
const open = (keys = memoryKeyFolder(), publicUrl = 'https://academy.example:8443') =>
  registeredSigners({
    vault: fileVault({
      keys,
      publicUrl,
      clock,
      findInstitution: async (asked) => (asked === tag ? institution : undefined),
    }),
    store: noRegister,
    clock,
    mac: purposeMac(masterSecret(keys)),
  })
const certificate = (base64: string) => new X509Certificate(Buffer.from(base64, 'base64'))

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'academy-keys-'))
  folders.push(folder)
  return join(folder, 'keys')
}

describe('certificates', () => {
  test('leaf, issuing authority and root form a chain that node verifies; the root stays out of x5c', async () => {
    const signers = open()
    const { x5c, publicJwk } = await signers.active(tag)
    const [leaf, authority, ...more] = x5c.map(certificate)
    const [root] = (await signers.anchors()).map(certificate)
    expect(more).toEqual([])
    expect(leaf?.checkIssued(authority as X509Certificate)).toBe(true)
    expect(leaf?.verify(authority?.publicKey as never)).toBe(true)
    expect(authority?.checkIssued(root as X509Certificate)).toBe(true)
    expect(authority?.verify(root?.publicKey as never)).toBe(true)
    expect(root?.verify(root.publicKey)).toBe(true)
    expect([leaf?.ca, authority?.ca, root?.ca]).toEqual([false, true, true])
    expect(leaf?.publicKey.export({ format: 'jwk' })).toEqual(publicJwk)
  })

  test('the leaf names the institution, its legal identifier and its address as issuer', async () => {
    const leaf = certificate((await open().active(tag)).x5c[0] ?? '')
    expect(leaf.subject).toContain('O=University A')
    expect(leaf.subject).toContain('VATFR-12345678901')
    expect(leaf.subjectAltName).toBe(
      'URI:https://academy.example:8443/institutions/uni-a, DNS:academy.example',
    )
    expect(leaf.toLegacyObject().subject).toMatchObject({ CN: 'University A', C: 'FR' })
  })

  test('root and authority say that they are for tests and not qualified', async () => {
    const signers = open()
    const [, authority] = (await signers.active(tag)).x5c.map(certificate)
    const [root] = (await signers.anchors()).map(certificate)
    for (const one of [root, authority]) expect(one?.subject).toMatch(/TEST ONLY.*not qualified/)
  })

  test('an address of numbers stands in the certificate as an address', async () => {
    const leaf = certificate((await open(undefined, 'http://127.0.0.1:4000').active(tag)).x5c[0] ?? '')
    expect(leaf.subjectAltName).toBe('URI:http://127.0.0.1:4000/institutions/uni-a, IP Address:127.0.0.1')
  })
})

describe('keys', () => {
  test('what is signed verifies under the published key', async () => {
    const signers = open()
    for (const tenant of [tag, platformTag]) {
      const signer = await signers.active(tenant)
      const bytes = Buffer.from('to be signed')
      const key = createPublicKey({ key: { ...signer.publicJwk }, format: 'jwk' })
      const signature = await signer.sign(bytes)
      expect(signature).toHaveLength(64)
      expect(verify('sha256', bytes, key, rawToDer(signature))).toBe(true)
      const { kid, alg, publicJwk, x5c } = signer
      expect(await signers.published(tenant)).toEqual([{ kid, alg, publicJwk, x5c }])
    }
  })

  test('the platform has a key without a certificate', async () => {
    expect((await open().active(platformTag)).x5c).toEqual([])
  })

  test('two first calls at once make one key', async () => {
    const signers = open()
    const [a, b] = await Promise.all([signers.active(tag), signers.active(tag)])
    expect(a.kid).toBe(b.kid)
  })

  test('keys, certificates and MACs are the same after a restart on the same folder', async () => {
    const folder = temporaryFolder()
    const first = open(keyFolder(folder))
    const second = () => open(keyFolder(folder))
    const before = await first.active(tag)
    const after = await second().active(tag)
    expect({ kid: after.kid, x5c: after.x5c }).toEqual({ kid: before.kid, x5c: before.x5c })
    expect(await second().anchors()).toEqual(await first.anchors())
    const bytes = Buffer.from('x')
    expect(second().mac('nonce', bytes)).toEqual(first.mac('nonce', bytes))
    expect(first.mac('code', bytes)).not.toEqual(first.mac('nonce', bytes))
  })

  test('a changed public address keeps the key and gets a certificate for the new address', async () => {
    const keys = memoryKeyFolder()
    const before = await open(keys).active(tag)
    const after = await open(keys, 'https://new.example').active(tag)
    expect(after.kid).toBe(before.kid)
    expect(certificate(after.x5c[0] ?? '').subjectAltName).toContain('https://new.example/institutions/uni-a')
  })

  test('only the owner can read the files, and no half-written file is left', async () => {
    const folder = temporaryFolder()
    await open(keyFolder(folder)).active(tag)
    const files = readdirSync(folder)
    expect(files.sort()).toEqual([`${tag}.json`, 'master.key', 'root.json'].sort())
    for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(folder, 'master.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
  })

  test('a tenant that does not exist gets no key', async () => {
    await expect(open().active('zzzzzzzz' as TenantTag)).rejects.toThrow('does not exist')
  })
})
