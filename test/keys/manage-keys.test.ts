import { beforeEach, describe, expect, test } from 'vitest'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import type { WalletFormat } from '#core/credentials/offer.ts'
import { signTokenStatusList } from '#core/credentials/sign-status-list.ts'
import { platformTag } from '#core/ids.ts'
import {
  activateKey,
  certifyKey,
  listKeys,
  prepareKey,
  registerFirstKeys,
  revokeKey,
} from '#core/keys/manage-keys.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { issuerDocumentRoutes } from '#http/issuer-documents.ts'
import { type World, world } from '#test/support/world.ts'
import { makeKeyPair } from '../verification/foreign-issuer.ts'

const formats: WalletFormat[] = ['dc+sd-jwt', 'jwt_vc_json']

let w: World
beforeEach(async () => {
  w = await world()
})
const registrar = () => w.actor('registrar')
const about = () => ({ requestId: w.requestId(), dryRun: false })
const { tag } = { tag: () => w.institutions.northLake.tag }

async function states(): Promise<Record<string, string>> {
  const keys = await listKeys(registrar(), undefined, w)
  return Object.fromEntries(keys.map(({ kid, state }) => [kid, state]))
}

/** A next key, published long enough. */
async function readyKey(): Promise<string> {
  const { keys } = await prepareKey(registrar(), about(), w)
  w.clock.advance({ seconds: w.settings.keyDocumentsTtlSeconds })
  return keys[0]?.kid ?? ''
}

async function rotate(): Promise<string> {
  const kid = await readyKey()
  await activateKey(registrar(), { ...about(), kid }, w)
  return kid
}

const issue = async (format: WalletFormat, awardId?: Awaited<ReturnType<World['award']>>['award']['id']) => {
  const holderKey = makeKeyPair().jwk
  const asked = { awardId: awardId ?? (await w.award()).award.id, format, holderKey }
  return { asked, ...(await issueCredential(asked, w)) }
}
const verdict = async (text: string) => (await verifyCredential(text, {}, w)).outcome

describe('a rotation', () => {
  test('the next key is published before it signs, and signs only once everybody has had to look again', async () => {
    const first = (await w.signers.active(tag())).kid
    const { keys, dryRun } = await prepareKey(registrar(), about(), w)
    const kid = keys[0]?.kid ?? ''
    expect(dryRun).toBe(false)
    expect((await w.signers.published(tag())).map((key) => key.kid).sort()).toEqual([first, kid].sort())
    expect((await w.signers.active(tag())).kid).toBe(first)
    const early = activateKey(registrar(), { ...about(), kid }, w)
    await expect(early).rejects.toMatchObject({ code: 'state_conflict' })
    w.clock.advance({ seconds: w.settings.keyDocumentsTtlSeconds })
    await activateKey(registrar(), { ...about(), kid }, w)
    expect(await states()).toEqual({ [first]: 'retired', [kid]: 'active' })
    expect((await w.signers.active(tag())).kid).toBe(kid)
  })

  test.each(formats)(
    '%s signed before it goes on verifying, and the new key signs the next one',
    async (format) => {
      const before = await issue(format)
      const kid = await rotate()
      const after = await issue(format)
      expect([before.signedWith === kid, after.signedWith === kid]).toEqual([false, true])
      expect([await verdict(before.text), await verdict(after.text)]).toEqual(['valid', 'valid'])
    },
  )

  test('a retired key leaves the documents when nothing it signed can be valid, and its credentials are expired', async () => {
    const { text, signedWith, expiresAt } = await issue('dc+sd-jwt')
    const kid = await rotate()
    w.clock.set(expiresAt)
    expect((await w.signers.published(tag())).map((key) => key.kid)).toContain(signedWith)
    w.clock.advance({ days: 3 })
    expect((await w.signers.published(tag())).map((key) => key.kid)).toEqual([kid])
    expect(await verdict(text)).toBe('expired')
  })

  test('status lists are signed by the key of today', async () => {
    const { status } = await issue('dc+sd-jwt')
    const kid = await rotate()
    const read = await w.store.readStatusList(status.list)
    if (!read) throw new Error('the list is there')
    const token = await signTokenStatusList({ ...read, institution: w.institutions.northLake }, w)
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
    expect(header.kid).toBe(kid)
  })

  test('JWKS, issuer metadata and did.json name next, active and retired keys, and x5c the certificates of each', async () => {
    const first = (await w.signers.active(tag())).kid
    const second = await rotate()
    const third = await readyKey()
    const app = issuerDocumentRoutes(w)
    const json = async (path: string) => (await app.request(path)).json()
    const metadata = await json('/.well-known/jwt-vc-issuer/institutions/north-lake')
    const kids = (keys: { kid: string }[]) => keys.map(({ kid }) => kid).sort()
    expect(kids(metadata.jwks.keys)).toEqual([first, second, third].sort())
    expect(metadata.jwks.keys.every(({ x5c }: { x5c: string[] }) => x5c.length === 2)).toBe(true)
    const did = await json('/institutions/north-lake/did.json')
    const methods = did.verificationMethod.map(
      ({ publicKeyJwk }: { publicKeyJwk: { kid: string } }) => publicKeyJwk,
    )
    expect(kids(methods)).toEqual([first, second, third].sort())
    expect(did.assertionMethod).toHaveLength(3)
  })

  test('the platform’s token key rotates in the same way, for platform operators only', async () => {
    const operator = w.actor('platform-operator')
    const platform = { ...about(), institution: 'platform' }
    await expect(prepareKey(registrar(), platform, w)).rejects.toMatchObject({ code: 'not_allowed' })
    const { keys } = await prepareKey(operator, platform, w)
    w.clock.advance({ minutes: 10 })
    const activated = { ...about(), institution: 'platform', kid: keys[0]?.kid ?? '' }
    await activateKey(operator, activated, w)
    expect((await w.signers.active(platformTag)).kid).toBe(keys[0]?.kid)
    expect(await w.signers.published(platformTag)).toHaveLength(2)
  })
})

describe('a revocation', () => {
  test.each(formats)(
    '%s of a revoked key fails with a named check, and is collected again under the new key',
    async (format) => {
      const { text, asked, signedWith, id } = await issue(format)
      const spared = await issue(format)
      await revokeKey(registrar(), { ...about(), kid: signedWith, reason: 'compromised' }, w)
      const { outcome, failedCheck, checks } = await verifyCredential(text, {}, w)
      expect({ outcome, failedCheck }).toEqual({ outcome: 'key-revoked', failedCheck: 'issuer-key' })
      expect(checks[2]).toEqual({ name: 'issuer-key', state: 'failed', code: 'key_revoked' })
      const again = await issueCredential(asked, w)
      expect(again.id).not.toBe(id)
      expect(await verdict(again.text)).toBe('valid')
      expect((await issueCredential(asked, w)).id).toBe(again.id)
      expect(await verdict(spared.text)).toBe('key-revoked')
      // The status of the award reaches the places of both.
      const places = (await w.store.credentialsOfAward(asked.awardId)).map((one) => one.id)
      expect(new Set(places)).toEqual(new Set([id, again.id]))
    },
  )

  test('of the active key never leaves the institution without one: the prepared one takes over, or a fresh one', async () => {
    const first = (await w.signers.active(tag())).kid
    const { keys } = await prepareKey(registrar(), about(), w)
    const prepared = keys[0]?.kid ?? ''
    const change = await revokeKey(registrar(), { ...about(), kid: first, reason: 'lost' }, w)
    expect(change).toMatchObject({ verifiersMayLag: true, credentialsLost: 0 })
    expect(await states()).toEqual({ [first]: 'revoked', [prepared]: 'active' })
    await revokeKey(registrar(), { ...about(), kid: prepared, reason: 'other', note: 'A drill.' }, w)
    const fresh = (await w.signers.active(tag())).kid
    expect(await states()).toEqual({ [first]: 'revoked', [prepared]: 'revoked', [fresh]: 'active' })
    expect((await w.signers.published(tag())).map((key) => key.kid)).toEqual([fresh])
  })

  test('a dry run says how many credentials it would cost and changes nothing', async () => {
    const { signedWith } = await issue('dc+sd-jwt')
    await issue('jwt_vc_json')
    const asked = { requestId: w.requestId(), dryRun: true, kid: signedWith, reason: 'compromised' as const }
    expect(await revokeKey(registrar(), asked, w)).toMatchObject({
      dryRun: true,
      credentialsLost: 2,
      verifiersMayLag: true,
    })
    expect(await states()).toEqual({ [signedWith]: 'active' })
  })
})

describe('the register', () => {
  test('a repeated request has one effect', async () => {
    const asked = about()
    const by = registrar()
    const once = await prepareKey(by, asked, w)
    expect(await prepareKey(by, asked, w)).toEqual(once)
    w.clock.advance({ minutes: 6 })
    const activate = { ...about(), kid: once.keys[0]?.kid ?? '' }
    await activateKey(by, activate, w)
    expect((await activateKey(by, activate, w)).keys[0]?.state).toBe('active')
    expect(Object.keys(await states())).toHaveLength(2)
  })

  test('of two changes at once one wins, and the other is told to look again', async () => {
    const kid = await readyKey()
    const outcomes = await Promise.allSettled([
      activateKey(registrar(), { ...about(), kid }, w),
      revokeKey(registrar(), { ...about(), kid, reason: 'other' }, w),
    ])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find((one) => one.status === 'rejected')?.reason).toMatchObject({
      code: 'state_conflict',
    })
    const active = Object.values(await states()).filter((state) => state === 'active')
    expect(active).toHaveLength(1)
  })

  test('written at the start or not, it means the same', async () => {
    const first = await w.signers.active(tag())
    await registerFirstKeys([tag(), platformTag], w)
    await registerFirstKeys([tag(), platformTag], w)
    expect((await w.signers.active(tag())).kid).toBe(first.kid)
    expect(await w.store.findActiveKid(tag())).toBe(first.kid)
    expect(await w.store.findActiveKid(w.institutions.mittelberg.tag)).toBeUndefined()
  })

  test('one next key at a time; no revoked one comes back; an unknown one is named', async () => {
    const kid = await readyKey()
    await expect(prepareKey(registrar(), about(), w)).rejects.toMatchObject({ code: 'state_conflict' })
    await revokeKey(registrar(), { ...about(), kid, reason: 'superseded' }, w)
    await expect(activateKey(registrar(), { ...about(), kid }, w)).rejects.toMatchObject({
      code: 'state_conflict',
    })
    await expect(revokeKey(registrar(), { ...about(), kid, reason: 'other' }, w)).rejects.toMatchObject({
      code: 'state_conflict',
    })
    const unknown = { ...about(), kid: 'A'.repeat(43) }
    await expect(activateKey(registrar(), unknown, w)).rejects.toMatchObject({
      code: 'not_found',
      field: 'kid',
    })
  })

  test.each([
    ['nonsense', async () => ['MAMB']],
    ['of another key', async () => (await w.signers.active(tag())).x5c],
    ['of another institution', async () => (await w.signers.active(w.institutions.mittelberg.tag)).x5c],
    ['cut short', async () => (await w.signers.active(tag())).x5c.slice(0, 1)],
  ])('certificates that are %s are refused, and nothing is changed', async (_what, chainOf) => {
    const kid = await readyKey()
    const chain = await chainOf()
    await expect(certifyKey(registrar(), { ...about(), kid, chain }, w)).rejects.toMatchObject({
      code: 'certificate_unusable',
    })
    expect((await w.store.findSigningKey(tag(), kid))?.x5c).toBeUndefined()
  })

  test('certificates that fit are kept and stand in what the key signs', async () => {
    const kid = await readyKey()
    const made = (await w.signers.published(tag())).find((key) => key.kid === kid)
    const chain = made?.x5c ?? []
    await certifyKey(registrar(), { ...about(), kid, chain }, w)
    await activateKey(registrar(), { ...about(), kid }, w)
    expect((await w.store.findSigningKey(tag(), kid))?.x5c).toEqual(chain)
    expect(await verdict((await issue('dc+sd-jwt')).text)).toBe('valid')
  })

  test('a key whose file is lost is refused by name when it should sign', async () => {
    const kid = await readyKey()
    await activateKey(registrar(), { ...about(), kid }, w)
    const keyVault = {
      ...w.keyVault,
      signer: async () => w.keyVault.signer(tag(), { kid: 'x', location: 'file' }),
    }
    await expect(keyVault.signer()).rejects.toMatchObject({ code: 'signing_key_unavailable' })
  })
})
