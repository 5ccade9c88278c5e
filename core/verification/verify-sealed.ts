import { hash } from 'node:crypto'
import { NotDer } from '#core/edc/der.ts'
import { awardScheme } from '#core/edc/european-credential.ts'
import { readSealCertificate, type SealCertificate } from '#core/edc/issuer-certificate.ts'
import { readSeal, type SealSignature, sealedCredential } from '#core/edc/read-seal.ts'
import { findProblems } from '#core/edc/rules.ts'
import { readTimeStamp } from '#core/edc/time-stamp.ts'
import { verifySealSignature } from '#core/edc/verify-seal.ts'
import { timeStampStanding } from '#core/edc/verify-time-stamp.ts'
import { isId, tenantOf } from '#core/ids.ts'
import { type Institution, institutionUrl } from '#core/institutions/institution.ts'
import { bytesOf } from '#core/jose/base64url.ts'
import { thumbprintText } from '#core/jose/jwk.ts'
import { Refusal } from '#core/refusal.ts'
import { type ChainCache, verifyAnyChain } from './certificate-chain.ts'
import { checkRevocation, standingOf } from './issuer-key.ts'
import { malformed } from './read-credential.ts'
import type { RevocationStanding } from './revocation-list.ts'
import { readSealedFacts } from './sealed-facts.ts'
import { checkAwardState } from './status.ts'
import { type Check, CheckFailure, type VerifiedIssuer } from './verification.ts'
import type { Progress, VerifyOptions, VerifyPorts } from './verify-credential.ts'
import { parseCertificate } from './x509.ts'

const europeanType = 'EuropeanDigitalCredential'

/**
 * The checks of a sealed European credential, in the order of every other: the seal's certificate must lead to
 * one of our institutions or to an anchor that may seal such credentials; a time stamp, when there is one, must
 * be about this very seal. Status of our own is that of the award the credential names. Throws `CheckFailure`.
 */
export async function checkSealed(
  text: string,
  options: VerifyOptions,
  ports: VerifyPorts,
  { checks, result }: Progress,
  now: Date,
  cache?: ChainCache,
): Promise<void> {
  const passed = (name: (typeof checks)[number]['name']) => checks.push({ name, state: 'passed', code: 'ok' })
  const { credential, signatures, first } = read(text)
  passed('shape')
  passed('algorithm')
  result.format = 'edc'

  const stamp = stampOf(first, ports)
  const sealer = await findSealer(credential, first, { now, provenAt: stamp.trustedAt }, ports, cache)
  passed('issuer-key')
  result.issuer = sealer.issuer
  checkRevocation(sealer.revocation, checks)

  for (const signature of signatures) {
    if (!(await verifySealSignature(signature)))
      throw new CheckFailure('signature', 'signature_wrong', 'tampered')
  }
  passed('signature')
  if (stamp.state === 'failed') throw new CheckFailure('time-stamp', stamp.code, 'tampered')
  checks.push({ name: 'time-stamp', state: stamp.state, code: stamp.code })

  checkType(credential, sealer.institution !== undefined)
  passed('type')
  const facts = readSealedFacts(credential)
  try {
    checkDates(credential, now)
  } catch (cause) {
    if (sealer.entitled) result.facts = facts
    throw cause
  }
  passed('times')
  if (!sealer.entitled) throw new CheckFailure('issuer-entitled', 'type_not_allowed', 'not-entitled')
  passed('issuer-entitled')
  result.facts = facts
  passed('disclosures')
  if (options.holder) throw new CheckFailure('holder', 'binding_missing', 'holder-mismatch')
  checks.push({ name: 'holder', state: 'not-run', code: 'not_proven' })

  if (!sealer.institution) {
    checks.push(foreignStatus(credential, options))
    return
  }
  await checkOwnAward(credential, sealer.institution, ports)
  passed('status')
}

function read(text: string) {
  try {
    const sealed = readSeal(text)
    const [first] = sealed.signatures
    if (!first) throw new CheckFailure('shape', 'header_invalid', 'unreadable')
    return { credential: sealedCredential(sealed), signatures: sealed.signatures, first }
  } catch (cause) {
    throw malformed(cause, { check: 'shape', outcome: 'unreadable' })
  }
}

interface Stamp {
  state: 'passed' | 'not-run' | 'unknown' | 'failed'
  code: string
  /** When the seal is proven to have existed by. */
  trustedAt?: Date
}

/** JAdES §5.3.4: each stamp is about the signature value as it stands in the file. */
function stampOf({ timeStamps, signatureText }: SealSignature, { seals }: VerifyPorts): Stamp {
  if (timeStamps.length === 0) return { state: 'not-run', code: 'no_time_stamp' }
  const imprint = hash('sha256', bytesOf(signatureText), 'buffer')
  let earliest: Date | undefined
  for (const token of timeStamps) {
    try {
      const { imprint: about, at } = readTimeStamp(token)
      if (Buffer.compare(about, imprint) !== 0) return { state: 'failed', code: 'time_stamp_wrong' }
      const standing = timeStampStanding(token, at, seals.timeStamps?.anchors ?? [])
      if (standing === 'wrong') return { state: 'failed', code: 'time_stamp_wrong' }
      if (standing === 'trusted' && (!earliest || at < earliest)) earliest = at
    } catch (cause) {
      if (!(cause instanceof NotDer)) throw cause
      return { state: 'failed', code: 'time_stamp_unreadable' }
    }
  }
  if (earliest) return { state: 'passed', code: 'ok', trustedAt: earliest }
  return { state: 'unknown', code: 'time_stamp_authority_unknown' }
}

interface Sealer {
  issuer: VerifiedIssuer
  institution?: Institution
  entitled: boolean
  revocation: RevocationStanding
}

async function findSealer(
  credential: Record<string, unknown>,
  signature: SealSignature,
  { now, provenAt }: { now: Date; provenAt: Date | undefined },
  ports: VerifyPorts,
  cache: ChainCache | undefined,
): Promise<Sealer> {
  const at = provenAt ?? now
  const { signers, seals, settings, store, trust } = ports
  const { x5c } = signature
  const certificate = certificateOf(x5c[0])
  const named = await institutionOf(credential, ports)
  // Whoever seals for one of ours states its legal identifier; without that the award's name proves nothing.
  const claimed = named?.legalIdentifier === certificate.legalIdentifier ? named : undefined
  const configured = claimed && (await seals.keys?.get(claimed.slug))
  if (claimed && configured && configured.x5c[0] === x5c[0]) {
    if (at < certificate.notBefore || at > certificate.notAfter)
      throw failure('certificate_outside_validity', 'forged')
    // The chain that is configured: a file whose chain was cut short would leave nobody to ask about its revocation.
    const certificates = () => configured.x5c.map(parseCertificate)
    return ownSealer(claimed, await standingOf(certificates, trust, now, provenAt))
  }
  const own = await verifyAnyChain(x5c, await signers.anchors(), at, 'seal', cache)
  if (typeof own !== 'string') {
    const prefix = institutionUrl(settings.publicUrl, '')
    const address = own.leaf.sanUris.find((uri) => uri.startsWith(prefix)) ?? ''
    const institution = await store.findInstitutionBySlug(address.slice(prefix.length))
    const kid = own.leaf.publicJwk && (await ports.primitives.sha256(thumbprintText(own.leaf.publicJwk)))
    const key = institution && kid ? await signers.find(institution.tag, kid) : undefined
    if (!institution || !key) throw failure('key_not_published', 'forged')
    if (key.state === 'revoked') throw failure('key_revoked', 'key-revoked')
    return ownSealer(institution, { state: 'passed', code: 'ok' })
  }
  const anchors = trust.anchors.map((one) => one.certificate)
  const chain = await verifyAnyChain(x5c, anchors, at, 'seal', cache)
  if (typeof chain === 'string') {
    if (own === 'certificate_outside_validity') throw failure(own, 'forged')
    throw failure(chain, claimed ? 'forged' : 'foreign-issuer')
  }
  const entitled = trust.anchors[chain.anchor]?.types.includes(europeanType) ?? false
  const revocation = await standingOf(() => chain.certificates, trust, now, provenAt)
  if (claimed && entitled) return ownSealer(claimed, revocation)
  const { organisation, country, legalIdentifier } = certificate
  const issuer: VerifiedIssuer = {
    id: legalIdentifier,
    name: { en: organisation, fr: organisation },
    country,
    trust: 'register',
  }
  return { issuer, entitled, revocation }
}

function ownSealer(institution: Institution, revocation: RevocationStanding): Sealer {
  const { name, country, legalIdentifier } = institution
  return {
    institution,
    entitled: true,
    revocation,
    issuer: { id: legalIdentifier, name, country, trust: 'institution' },
  }
}

function certificateOf(base64: string | undefined): SealCertificate {
  try {
    return readSealCertificate(base64)
  } catch (cause) {
    if (cause instanceof Refusal) throw failure('certificate_unreadable', 'forged')
    throw cause
  }
}

/** The award a credential of ours says it is of. */
function awardIdOf(credential: Record<string, unknown>) {
  for (const one of [credential['identifier']].flat()) {
    const { schemeName, notation } = (one ?? {}) as { schemeName?: unknown; notation?: unknown }
    if (schemeName === awardScheme && typeof notation === 'string' && isId(notation, 'awd')) return notation
  }
  return undefined
}

async function institutionOf(
  credential: Record<string, unknown>,
  { store }: VerifyPorts,
): Promise<Institution | undefined> {
  const tenant = tenantOf(awardIdOf(credential) ?? '')
  return tenant && store.findInstitution(tenant)
}

/** Ours must conform to our own rules; of others only what they are is asked, since their profile may differ. */
function checkType(credential: Record<string, unknown>, isOwn: boolean): void {
  const types = [credential['type']].flat()
  if (!types.includes('VerifiableCredential') || !types.includes(europeanType))
    throw new CheckFailure('type', 'type_missing', 'wrong-type')
  if (isOwn && findProblems(credential).length > 0)
    throw new CheckFailure('type', 'not_conforming', 'wrong-type')
}

const skewMilliseconds = 60_000

function checkDates(credential: Record<string, unknown>, now: Date): void {
  const moment = (member: string) => {
    const value = credential[member]
    if (value === undefined) return undefined
    const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
    if (Number.isNaN(at)) throw new CheckFailure('times', 'time_invalid', 'unreadable')
    return at
  }
  const starts = ['issued', 'validFrom', 'issuanceDate'].map(moment)
  const ends = ['validUntil', 'expirationDate'].map(moment)
  if (starts.every((start) => start === undefined))
    throw new CheckFailure('times', 'start_missing', 'unreadable')
  if (starts.some((start) => start !== undefined && start > now.getTime() + skewMilliseconds))
    throw new CheckFailure('times', 'not_yet_valid', 'not-yet-valid')
  if (ends.some((end) => end !== undefined && end <= now.getTime()))
    throw new CheckFailure('times', 'expired', 'expired')
}

/**
 * Nothing ties the key of a foreign seal to whoever signs a list, so a status that it names cannot be found out,
 * and a status not found out is not the same as none.
 */
function foreignStatus(credential: Record<string, unknown>, { unknownStatus }: VerifyOptions): Check {
  if (credential['credentialStatus'] === undefined)
    return { name: 'status', state: 'not-run', code: 'status_not_published' }
  if (unknownStatus === 'accept') return { name: 'status', state: 'unknown', code: 'status_not_supported' }
  throw new CheckFailure('status', 'status_not_supported', 'status-unknown', 'unknown')
}

async function checkOwnAward(
  credential: Record<string, unknown>,
  institution: Institution,
  { store }: VerifyPorts,
): Promise<void> {
  const id = awardIdOf(credential)
  const award = id && tenantOf(id) === institution.tag ? await store.findAward(id) : undefined
  if (!award) throw new CheckFailure('status', 'not_on_record', 'status-unknown', 'unknown')
  checkAwardState(award.status.state)
  await store.noteVerified?.(award.id)
}

function failure(code: string, outcome: CheckFailure['outcome']): CheckFailure {
  return new CheckFailure('issuer-key', code, outcome)
}
