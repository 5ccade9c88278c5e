import { hash } from 'node:crypto'
import type { Award } from '#core/awards/award.ts'
import type { AwardId, CredentialId } from '#core/ids.ts'
import { toBase64Url } from '#core/jose/base64url.ts'
import { type PublicJwk, thumbprintInput } from '#core/jose/jwk.ts'
import { parseJws } from '#core/jose/jws.ts'
import type { Ports, Signer, VerifyKey } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type CredentialFormat, type IssuedCredential, noHolder, type StatusIndex } from './credential.ts'
import { type CredentialContent, learnerNumber } from './formats/credential-content.ts'
import { writeDcSdJwt } from './formats/dc-sd-jwt.ts'
import { writeJwtVcJson } from './formats/jwt-vc-json.ts'
import { writeOb3Jwt, writeVcJwt } from './formats/vc-jwt.ts'
import type { WalletFormat } from './offer.ts'

export type IssuePorts = Pick<
  Ports,
  'store' | 'signers' | 'clock' | 'random' | 'settings' | 'primitives' | 'ontology'
>

/** Formats this module writes; the European edition is sealed elsewhere. */
export type TokenFormat = Exclude<CredentialFormat, 'edc'>

/** Wallets name a key; what is handed out as a file has none. */
type Asked =
  | { awardId: AwardId; format: WalletFormat; holderKey: PublicJwk }
  | { awardId: AwardId; format: Exclude<TokenFormat, 'jwt_vc_json'>; holderKey?: undefined }

// Lists are at most half full, so that twenty draws in a row hit taken places once in a million.
const draws = 20

/**
 * Issues an award in one format to one key of its learner, or to none. The same award, format and key again
 * answers the credential of the first time: nothing is issued twice, but for one whose signing key was revoked.
 * Credential, status index and event are one
 * transaction, conditional on the award still being what was read.
 * Refuses `not_found`, `award_not_valid`, and `storage_busy` when no index could be drawn.
 */
export async function issueCredential(asked: Asked, ports: IssuePorts): Promise<IssuedCredential> {
  const { awardId, format, holderKey } = asked
  const holderThumbprint = holderKey ? hash('sha256', thumbprintInput(holderKey), 'base64url') : noHolder
  const before = await ports.store.findIssued(awardId, format, holderThumbprint)
  let replaces: CredentialId | undefined
  if (before) {
    // An answer that was lost may be asked for again, but nobody is handed what does not hold any more.
    const { tenant } = await readValidAward(awardId, ports)
    const key = await ports.signers.find(tenant, before.signedWith)
    if (key?.state !== 'revoked' && before.expiresAt > ports.clock.now()) return before
    // Nobody believes its key any more, or its time is over: whoever asks gets one of today.
    replaces = before.id
  }

  for (let attempt = 0; attempt < draws; attempt++) {
    const { award, ...about } = await readAward(awardId, ports)
    const status = await ports.store.drawStatusIndex(award.tenant, ports.settings.statusListSize)
    const issuedAt = ports.clock.now()
    const content: CredentialContent = {
      ...about,
      award,
      ...(holderKey ? { holderKey } : {}),
      status,
      learnerNumber: learnerNumber(award.learnerId, ports.signers),
      jti: toBase64Url(ports.random.bytes(16)),
      issuedAt,
      expiresAt: expiryOf(award, issuedAt, ports.settings.credentialLifetimeDays),
      publicUrl: ports.settings.publicUrl,
      ontology: ports.ontology,
    }
    const credential = await makeCredential(content, format, holderThumbprint, ports)
    const saved = await ports.store.saveCredentialOnce(credential, award.version, replaces)
    if (saved.outcome === 'saved') return credential
    if (saved.outcome === 'issued-before') {
      if (saved.credential) return saved.credential
      throw new Refusal('award_not_valid', 'The learner of this award has been erased.')
    }
    // Another request took the index, or the award changed: read and draw again.
  }
  throw new Refusal('storage_busy', 'No status index could be drawn; try again.')
}

async function readValidAward(awardId: AwardId, { store }: Pick<IssuePorts, 'store'>): Promise<Award> {
  const award = await store.findAward(awardId)
  if (!award) throw new Refusal('not_found', 'There is no such award.')
  if (award.status.state !== 'valid') {
    throw new Refusal('award_not_valid', `The award is ${award.status.state}: nothing is issued of it.`)
  }
  return award
}

async function readAward(awardId: AwardId, { store, signers }: IssuePorts) {
  const award = await readValidAward(awardId, { store })
  const [institution, learner, signer] = await Promise.all([
    store.findInstitution(award.tenant),
    store.findLearner(award.learnerId),
    signers.active(award.tenant),
  ])
  if (!institution) throw new Error('an award without its institution')
  if (!learner?.person) throw new Refusal('award_not_valid', 'The learner of this award has been erased.')
  return { award, institution, person: learner.person, signer }
}

async function makeCredential(
  content: CredentialContent,
  format: TokenFormat,
  holderThumbprint: string,
  ports: IssuePorts,
): Promise<IssuedCredential> {
  const { award, signer, status, issuedAt, expiresAt } = content
  const text = await writeCredential(content, format, ports)
  await verifyOwnSignature(text, signer, ports)
  return {
    id: ports.random.id(award.tenant, 'crd'),
    tenant: award.tenant,
    awardId: award.id,
    learnerId: award.learnerId,
    format,
    holderThumbprint,
    status: status satisfies StatusIndex,
    signedWith: signer.kid,
    issuedAt,
    expiresAt,
    text,
  }
}

/** Writes and signs one credential; nothing is stored. */
export async function writeCredential(
  content: CredentialContent,
  format: TokenFormat,
  { random }: Pick<Ports, 'random'>,
): Promise<string> {
  switch (format) {
    case 'dc+sd-jwt':
      return writeDcSdJwt(content, (length) => random.bytes(length))
    case 'jwt_vc_json': {
      const { holderKey } = content
      if (!holderKey) throw new Error('a W3C JWT credential needs the key of its holder')
      return writeJwtVcJson({ ...content, holderKey })
    }
    case 'vc+jwt':
      return writeVcJwt(content)
    case 'ob3':
      return writeOb3Jwt(content)
  }
}

const verifyKeys = new WeakMap<Signer, VerifyKey>()

// A key service that answers nonsense, or the wrong key, must not put a dead credential into a wallet.
async function verifyOwnSignature(text: string, signer: Signer, { primitives }: IssuePorts): Promise<void> {
  const { signature, signingInput } = parseJws(text.split('~', 1)[0] ?? '')
  const key = verifyKeys.get(signer) ?? (await primitives.importEs256(signer.publicJwk))
  verifyKeys.set(signer, key)
  if (!(await primitives.verifyEs256(key, signingInput, signature))) {
    throw new Error('the signing key answered a signature that does not verify')
  }
}

function expiryOf(award: Award, issuedAt: Date, lifetimeDays: number): Date {
  const byLifetime = issuedAt.getTime() + lifetimeDays * 86_400_000
  return new Date(Math.min(byLifetime, award.validUntil?.getTime() ?? byLifetime))
}
