import { createPublicKey, randomBytes, verify } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { makeIssuingAuthority, makeRoot } from '#adapters/file/certificates.ts'
import { kmsVault } from '#adapters/kms/key-vault.ts'
import { awsKms } from '#adapters/kms/kms.ts'
import { purposeMac } from '#adapters/node-crypto/purpose-mac.ts'
import { platformTag, type TenantTag } from '#core/ids.ts'
import { derToRaw, rawToDer } from '#core/jose/ecdsa-signature.ts'
import { registeredSigners } from '#core/keys/registered-signers.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { AwsError, awsDoor } from '#test/deployed/aws/door.ts'
import { kmsStandIn } from '#test/deployed/aws/kms.ts'
import { certify } from '#test/deployed/certify.ts'
import { noRegister } from '#test/support/no-register.ts'

// Every alias is the address of a key of its own.
const kms = kmsStandIn((keyId) => keyId)
const aws = await awsDoor({ services: [kms.service] })
afterAll(() => aws.close())
beforeEach(() => {
  kms.corrupt = undefined
  aws.fault = undefined
  aws.calls.length = 0
})

const aliases = 'alias/academy-test-'
const there = {
  endpoint: aws.url,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
}
const client = awsKms(there)
const signers = (chains = new Map<TenantTag, string[]>()) =>
  registeredSigners({
    vault: kmsVault({ kms: client, aliases, chains, anchors: [] }),
    store: noRegister,
    clock: { now: () => new Date() },
    mac: purposeMac(new Uint8Array(32)),
  })
const keyOf = (tag: string) => kms.publicKey(`${aliases}${tag}`)

test('KMS signs more than its limit of 4,096 bytes, because it is given the digest', async () => {
  const bytes = randomBytes(10_000)
  const signature = await (await signers().active(platformTag)).sign(bytes)
  const key = createPublicKey({ key: keyOf('platform'), format: 'der', type: 'spki' })
  expect(signature).toHaveLength(64)
  expect(verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
})

test('the public key is asked for once', async () => {
  const all = signers()
  await Promise.all([all.active(platformTag), all.published(platformTag), all.active(platformTag)])
  expect(aws.calls).toMatchObject([{ action: 'kms:GetPublicKey', resource: `${aliases}platform` }])
})

test.each([
  ['of other bytes', (der: Uint8Array) => flipped(der)],
  ['that is no DER', () => new Uint8Array(64)],
  ['that is empty', () => new Uint8Array()],
])('a signature %s never leaves the signer', async (_what, corrupt) => {
  const signer = await signers().active(platformTag)
  kms.corrupt = corrupt
  await expect(signer.sign(randomBytes(100))).rejects.toThrow('does not verify')
})

test('a KMS that is throttled is asked again, and signs', async () => {
  const signer = await signers().active(platformTag)
  let asked = 0
  aws.fault = () => {
    if (asked++ < 2) throw new AwsError('ThrottlingException', 'Rate exceeded')
  }
  expect(await signer.sign(randomBytes(10))).toHaveLength(64)
  expect(asked).toBe(3)
})

test('a KMS that stays away is refused by name with its cause, and asked anew afterwards', async () => {
  const signer = await signers().active(platformTag)
  aws.fault = () => {
    throw new AwsError('AccessDeniedException', 'Not for you')
  }
  const refused = {
    code: 'signing_key_unavailable',
    cause: expect.objectContaining({ name: 'AccessDeniedException' }),
  }
  const all = signers()
  await expect(signer.sign(randomBytes(10))).rejects.toMatchObject(refused)
  await expect(all.active(platformTag)).rejects.toMatchObject(refused)
  aws.fault = undefined
  expect(await signer.sign(randomBytes(10))).toHaveLength(64)
  expect(await (await all.active(platformTag)).sign(randomBytes(10))).toHaveLength(64)
})

test.each([
  ['is throttled for long', 'ThrottlingException', 400, 'signing_key_unavailable'],
  ['is away', 'KMSInternalException', 500, 'signing_key_unavailable'],
  ['knows no such key', 'NotFoundException', 400, 'invalid_input'],
  ['does not let this deployment use it', 'AccessDeniedException', 400, 'invalid_input'],
])('a further key, while KMS %s (%s, %i), is refused as %s', async (_what, code, status, refused) => {
  // The SDK's own tries are tried above.
  const vault = kmsVault({
    kms: awsKms({ ...there, maxAttempts: 1 }),
    aliases,
    chains: new Map(),
    anchors: [],
  })
  aws.fault = () => {
    throw new AwsError(code, 'Not now', { status })
  }
  const next = () => vault.next(northLake.tag, `${aliases}further`)
  await expect(next()).rejects.toMatchObject({ code: refused })
  aws.fault = undefined
  expect(await next()).toMatchObject({ location: `${aliases}further` })
})

test('an institution whose key has no certificate yet is published and does not sign', async () => {
  const all = signers()
  expect(await all.published(northLake.tag)).toMatchObject([{ alg: 'ES256', x5c: [] }])
  await expect(all.active(northLake.tag)).rejects.toMatchObject({ code: 'signing_key_unavailable' })
})

test('an institution signs with the certificate of its key', async () => {
  const { chain } = await certify(northLake, keyOf(northLake.tag), 'https://academy.example')
  const signer = await signers(new Map([[northLake.tag, chain]])).active(northLake.tag)
  expect(signer.x5c).toEqual(chain)
  expect(await signer.sign(randomBytes(10))).toHaveLength(64)
})

test('a certificate of another key stops the signer', async () => {
  const root = await makeRoot(new Date())
  const { certificate } = await makeIssuingAuthority(root, northLake, new Date())
  const chains = new Map([[northLake.tag, [certificate]]])
  await expect(signers(chains).published(northLake.tag)).rejects.toThrow('for another key')
})

test('r‖s turned into DER, as KMS writes it, comes back unchanged', () => {
  const half = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(half, half, (r, s) => {
      const raw = Buffer.concat([r, s])
      expect(Buffer.from(derToRaw(rawToDer(raw)))).toEqual(raw)
    }),
    { numRuns: 500 },
  )
})

/** A valid DER signature with one bit of s turned over. */
function flipped(der: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(der)
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1
  return copy
}
