import { isDataModel2, type ReadCredential } from './read-credential.ts'
import { CheckFailure } from './verification.ts'

/** Clocks differ a little: how far ahead of ours `iat` and `nbf` may be. `exp` gets none. */
const skewSeconds = 60

/** The type names of a credential, once `typ` and form are right. Throws `CheckFailure('type')`. */
export function readTypes(credential: ReadCredential): string[] {
  const { format, jws } = credential
  const { header, payload } = jws
  if (isDataModel2(credential)) return readTypes2(jws, format)
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
 * The W3C data model 2.0, as itself or as an Open Badge: the claims beside its members repeat them (VC-JOSE-COSE
 * §3.1.3, Open Badges 3.0 §8.2.5), so none may say otherwise.
 */
function readTypes2({ header, payload }: ReadCredential['jws'], format: string): string[] {
  // Open Badges 3.0 §8.2.3: "If present, MUST be set to JWT".
  if (format === 'ob3' && header.typ !== undefined && header.typ.toUpperCase() !== 'JWT')
    throw wrong('typ_wrong')
  if (payload['aud'] !== undefined) throw wrong('audience_unexpected')
  const { type, '@context': context, issuer, credentialSubject, id, iss, jti, sub } = payload
  if (!Array.isArray(context) || context[0] !== 'https://www.w3.org/ns/credentials/v2')
    throw wrong('context_wrong')
  const types: unknown[] = Array.isArray(type) ? type : [type]
  if (!types.every((name) => typeof name === 'string') || !types.includes('VerifiableCredential'))
    throw wrong('type_missing')
  if (iss !== undefined && iss !== (isRecord(issuer) ? issuer['id'] : issuer))
    throw wrong('issuer_contradiction')
  if (jti !== undefined && jti !== id) throw wrong('id_contradiction')
  const subjectId = isRecord(credentialSubject) ? credentialSubject['id'] : undefined
  if (sub !== undefined && sub !== subjectId) throw wrong('subject_contradiction')
  return types.filter((name) => name !== 'VerifiableCredential')
}

/**
 * `iat` and `nbf` not in the future, `exp` not reached (RFC 7519 §4.1.4). A W3C credential's own dates
 * count too: one that ends by `expirationDate` alone has ended all the same. Throws `CheckFailure('times')`.
 */
export function checkTimes(credential: ReadCredential, now: Date): void {
  const { payload } = credential.jws
  const seconds = Math.floor(now.getTime() / 1000)
  const vc = w3cMembers(credential)
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

/** The members of a W3C credential, wherever its data model puts them; none for an SD-JWT. */
function w3cMembers(credential: ReadCredential): Record<string, unknown> {
  const { payload } = credential.jws
  if (isDataModel2(credential)) return payload
  const vc = credential.format === 'jwt_vc_json' ? payload['vc'] : undefined
  return isRecord(vc) ? vc : {}
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
