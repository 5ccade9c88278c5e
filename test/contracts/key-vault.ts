import { createPublicKey, hash, verify, X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { platformTag, type TenantTag } from '#core/ids.ts'
import { thumbprintInput } from '#core/jose/jwk.ts'
import type { KeyVault, VaultKey } from '#core/keys/key-vault.ts'
import type { Signer } from '#core/ports.ts'
import { institutDuPort, northLake } from '#functions/seed/institutions.ts'

interface Engine {
  /** A vault on the same keys as every other one opened here, as another process would have it. */
  open(): KeyVault
  /** Where the next key of an institution is; absent where the vault makes its own. */
  placeOfNext(): string | undefined
  /** An address at which this vault finds no key it may take as the next one. */
  useless: string
  /** Address of a key that was lost. */
  lost: string
  close(): unknown
}

const tenants = [northLake.tag, institutDuPort.tag, platformTag]

/** What every engine behind `KeyVault` must do. */
export function keyVaultContract(engineName: string, makeEngine: () => Promise<Engine>) {
  describe(`KeyVault on ${engineName}`, () => {
    let engine: Engine
    let vault: KeyVault
    beforeAll(async () => {
      engine = await makeEngine()
      vault = engine.open()
    })
    afterAll(() => engine?.close())

    const firstSigner = async (tenant: TenantTag, of = vault) => of.signer(tenant, await of.first(tenant))
    const next = (tenant: TenantTag) => vault.next(tenant, engine.placeOfNext())

    test('a tenant begins with one key: for calls at once, for later ones and after a restart', async () => {
      for (const tenant of tenants) {
        const asked = await Promise.all([vault.first(tenant), vault.first(tenant)])
        const all = [...asked, await vault.first(tenant), await engine.open().first(tenant)]
        expect(new Set(all.map(({ kid }) => kid)).size).toBe(1)
        expect(new Set(all.map(({ location }) => location)).size).toBe(1)
      }
    })

    test('each tenant has a key of its own', async () => {
      const kids = await Promise.all(tenants.map(async (tenant) => (await vault.first(tenant)).kid))
      expect(new Set(kids).size).toBe(tenants.length)
    })

    test('a key is named by the thumbprint of its public part, and says nothing private', async () => {
      for (const key of [await vault.first(northLake.tag), await next(northLake.tag)]) {
        expect(key.kid).toBe(hash('sha256', thumbprintInput(key.publicJwk), 'base64url'))
        expect(Object.keys(key.publicJwk).sort()).toEqual(['crv', 'kty', 'x', 'y'])
      }
    })

    test('whatever is signed verifies under the key that was told, as r‖s of 64 bytes', async () => {
      for (const tenant of tenants) {
        const signer = await firstSigner(tenant)
        const { kid, publicJwk } = await vault.first(tenant)
        expect(signer).toMatchObject({ kid, alg: 'ES256', publicJwk })
        for (const length of [0, 4096, 4097, 100_000]) await expectSigns(signer, new Uint8Array(length))
      }
      const signer = await firstSigner(northLake.tag)
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) => expectSigns(signer, bytes)),
        { numRuns: 20 },
      )
    })

    test('the next key is another one; both sign, before and after a restart', async () => {
      const keys: VaultKey[] = [
        await vault.first(institutDuPort.tag),
        await next(institutDuPort.tag),
        await next(institutDuPort.tag),
      ]
      expect(new Set(keys.map(({ kid }) => kid)).size).toBe(3)
      for (const of of [vault, engine.open()]) {
        for (const key of keys) {
          const signer = await of.signer(institutDuPort.tag, key)
          expect(signer.kid).toBe(key.kid)
          await expectSigns(signer, Buffer.from('to be signed'))
        }
        expect((await of.first(institutDuPort.tag)).kid).toBe(keys[0]?.kid)
      }
    })

    test('an address that is of no use for the next key is refused by its field', async () => {
      await expect(vault.next(northLake.tag, engine.useless)).rejects.toMatchObject({
        code: 'invalid_input',
        field: 'location',
      })
    })

    test('an institution signs with certificates of its key that lead to an anchor, which stays out', async () => {
      const { x5c, publicJwk } = await firstSigner(northLake.tag)
      const chain = [...x5c, ...(await vault.anchors())].map(certificate)
      expect(x5c).toHaveLength(2)
      expect(chain[0]?.publicKey.export({ format: 'jwk' })).toEqual(publicJwk)
      for (const [at, one] of chain.entries()) {
        const above = chain[at + 1] ?? one
        expect(one.checkIssued(above) && one.verify(above.publicKey)).toBe(true)
      }
    })

    test('no key is given the certificates of another; the platform has none', async () => {
      const { x5c, publicJwk } = await vault.signer(northLake.tag, await next(northLake.tag))
      for (const leaf of x5c.slice(0, 1).map(certificate)) {
        expect(leaf.publicKey.export({ format: 'jwk' })).toEqual(publicJwk)
      }
      expect((await firstSigner(platformTag)).x5c).toEqual([])
    })

    test('certificates that were imported take the place of the vault’s own', async () => {
      const first = await vault.first(northLake.tag)
      expect((await vault.signer(northLake.tag, { ...first, x5c: ['imported'] })).x5c).toEqual(['imported'])
    })

    test('a key that is lost is refused by name, without what only the register should know', async () => {
      const lost = { kid: 'a-kid-nobody-has', location: engine.lost }
      const refused = vault.signer(northLake.tag, lost)
      await expect(refused).rejects.toMatchObject({ name: 'Refusal', code: 'signing_key_unavailable' })
      await expect(refused).rejects.not.toThrow(lost.kid)
    })

    test('no key signs in the place of the one that was asked for', async () => {
      const own = await vault.first(northLake.tag)
      const { kid } = await vault.first(institutDuPort.tag)
      await expect(vault.signer(northLake.tag, { ...own, kid })).rejects.toMatchObject({
        code: 'signing_key_unavailable',
      })
      await expectSigns(await vault.signer(northLake.tag, own), Buffer.from('still'))
    })

    test('a revocation list, where the vault’s authority keeps one, names the keys that were revoked', async () => {
      const { kid } = await vault.first(northLake.tag)
      const { x5c } = await firstSigner(northLake.tag)
      const serial = Buffer.from(certificate(x5c[0] ?? '').serialNumber, 'hex')
      const none = await vault.revocationList(northLake.tag, new Map())
      const list = await vault.revocationList(northLake.tag, new Map([[kid, new Date()]]))
      expect(list === undefined).toBe(none === undefined)
      if (!list || !none) return
      expect(Buffer.from(none).includes(serial)).toBe(false)
      expect(Buffer.from(list).includes(serial)).toBe(true)
    })
  })
}

async function expectSigns(signer: Signer, bytes: Uint8Array): Promise<void> {
  const key = createPublicKey({ key: { ...signer.publicJwk }, format: 'jwk' })
  const signature = await signer.sign(bytes)
  expect(signature).toHaveLength(64)
  expect(verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
}

const certificate = (base64: string) => new X509Certificate(Buffer.from(base64, 'base64'))
