import { type ParsedJws, parseJws } from '#core/jose/jws.ts'
import { Malformed, type MalformedReason } from '#core/jose/malformed.ts'
import { type ParsedSdJwt, parseSdJwt } from '#core/sd-jwt/sd-jwt.ts'
import { CheckFailure, type CheckName, type Outcome } from './verification.ts'

/** A credential that was read; nothing of it is believed yet. */
export type ReadCredential =
  | { format: 'dc+sd-jwt'; jws: ParsedJws; sdJwt: ParsedSdJwt }
  | { format: 'jwt_vc_json' | 'vc+jwt' | 'ob3'; jws: ParsedJws; sdJwt?: undefined }

/** Longest text taken from a page, an upload or the API, in characters (before white space is removed). */
const maxCredentialCharacters = 256 * 1024

/**
 * Reads any token. White space is removed first: mail programs wrap long lines. An SD-JWT is known by its
 * tildes, the data model 2.0 by a payload that is the credential itself; then `typ` tells the W3C's token from
 * an Open Badge's. Throws `CheckFailure` for `shape` or `algorithm`.
 */
export function readCredential(text: string): ReadCredential {
  if (text.length > maxCredentialCharacters) throw new CheckFailure('shape', 'too_large', 'unreadable')
  const token = text.replace(/\s+/g, '')
  if (token === '') throw new CheckFailure('shape', 'empty', 'unreadable')
  try {
    if (!token.includes('~')) {
      const jws = parseJws(token)
      if (jws.payload['vc'] !== undefined || jws.payload['@context'] === undefined)
        return { format: 'jwt_vc_json', jws }
      return { format: jws.header.typ === 'vc+jwt' ? 'vc+jwt' : 'ob3', jws }
    }
    const sdJwt = parseSdJwt(token)
    return { format: 'dc+sd-jwt', jws: sdJwt.jws, sdJwt }
  } catch (cause) {
    throw malformed(cause, { check: 'shape', outcome: 'unreadable' })
  }
}

// These two mean that the token asks to be checked in a way of its own choosing: the mark of a forgery.
const ofAlgorithm: readonly MalformedReason[] = ['algorithm_not_allowed', 'critical_header']

/** A reader's complaint as the failure of a check; anything else is a defect and goes on its way. */
export function malformed(cause: unknown, otherwise: { check: CheckName; outcome: Outcome }): unknown {
  if (!(cause instanceof Malformed)) return cause
  return ofAlgorithm.includes(cause.reason)
    ? new CheckFailure('algorithm', cause.reason, 'forged')
    : new CheckFailure(otherwise.check, cause.reason, otherwise.outcome)
}

/** Whether the payload is a credential of the W3C data model 2.0. */
export function isDataModel2({ format }: Pick<ReadCredential, 'format'>): boolean {
  return format === 'vc+jwt' || format === 'ob3'
}

/** Who it claims to come from: `iss`, or the issuer of the credential that is the payload. */
export function claimedIssuer({ format, jws: { payload } }: Pick<ReadCredential, 'jws' | 'format'>): unknown {
  if (!isDataModel2({ format })) return payload['iss']
  const { issuer } = payload
  const id = typeof issuer === 'object' && issuer !== null ? (issuer as { id?: unknown }).id : issuer
  return id ?? payload['iss']
}
