import type { ReadCredential } from './read-credential.ts'
import { CheckFailure } from './verification.ts'

/** Clocks differ a little: how far ahead of ours `iat` and `nbf` may be. `exp` gets none. */
const skewSeconds = 60

/** The type names of a credential, once `typ` and form are right. Throws `CheckFailure('type')`. */
export function readTypes({ format, jws }: ReadCredential): string[] {
  const { header, payload } = jws
  if (format === 'dc+sd-jwt') {
    // SD-JWT VC §3.2.1; the older `vc+sd-jwt` is not accepted: it clashes with the W3C's type.
    if (header.typ !== 'dc+sd-jwt') throw wrong('typ_wrong')
    const { vct } = payload
    if (typeof vct !== 'string' || vct === '') throw wrong('vct_missing')
    // `aka_vcts` is not looked at: an issuer could name a type it may issue beside the one it may not.
    return [vct]
  }
  if (header.typ !== undefined && header.typ.toUpperCase() !== 'JWT') throw wrong('typ_wrong')
  // A token meant for somebody is no credential: nobody may pass off the one as the other.
  if (payload['aud'] !== undefined) throw wrong('audience_unexpected')
  const vc = payload['vc']
  if (!isRecord(vc)) throw wrong('vc_missing')
  const { type, '@context': context, issuer, credentialSubject } = vc
  if (!Array.isArray(context) || context[0] !== 'https://www.w3.org/2018/credentials/v1')
    throw wrong('context_wrong')
  if (!Array.isArray(type) || !type.every((name) => typeof name === 'string')) throw wrong('type_missing')
  if (!type.includes('VerifiableCredential')) throw wrong('type_missing')
  // VC 1.1 §6.3.1: a member that repeats a claim must not say otherwise.
  const issuerId = isRecord(issuer) ? issuer['id'] : issuer
  if (issuerId !== undefined && issuerId !== payload['iss']) throw wrong('issuer_contradiction')
  const subjectId = isRecord(credentialSubject) ? credentialSubject['id'] : undefined
  if (subjectId !== undefined && payload['sub'] !== undefined && subjectId !== payload['sub']) {
    throw wrong('subject_contradiction')
  }
  return type.filter((name) => name !== 'VerifiableCredential')
}

/**
 * `iat` and `nbf` not in the future, `exp` not reached (RFC 7519 §4.1.4). A W3C credential's own dates
 * count too: one that ends by `expirationDate` alone has ended all the same. Throws `CheckFailure('times')`.
 */
export function checkTimes({ format, jws: { payload } }: ReadCredential, now: Date): void {
  const seconds = Math.floor(now.getTime() / 1000)
  const vc = format === 'jwt_vc_json' && isRecord(payload['vc']) ? payload['vc'] : {}
  const starts = [
    numericDate(payload['iat']),
    numericDate(payload['nbf']),
    dateTime(vc['issuanceDate']),
    dateTime(vc['validFrom']),
  ]
  const ends = [numericDate(payload['exp']), dateTime(vc['expirationDate']), dateTime(vc['validUntil'])]
  if (starts.every((start) => start === undefined))
    throw new CheckFailure('times', 'start_missing', 'unreadable')
  if (starts.some((start) => start !== undefined && start > seconds + skewSeconds)) {
    throw new CheckFailure('times', 'not_yet_valid', 'not-yet-valid')
  }
  if (ends.some((end) => end !== undefined && end <= seconds)) {
    throw new CheckFailure('times', 'expired', 'expired')
  }
}

function numericDate(value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new CheckFailure('times', 'time_invalid', 'unreadable')
  return value
}

function dateTime(value: unknown): number | undefined {
  if (value === undefined) return undefined
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(parsed)) throw new CheckFailure('times', 'time_invalid', 'unreadable')
  return parsed / 1000
}

function wrong(code: string): CheckFailure {
  return new CheckFailure('type', code, 'wrong-type')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
