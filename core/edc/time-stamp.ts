import { hash } from 'node:crypto'
import { Refusal } from '#core/refusal.ts'
import { type DerValue, derChildren, derInteger, derSequence, derTagged, NotDer, readDer } from './der.ts'

/** Object identifiers as DER content. */
const sha256Oid = Uint8Array.of(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01)
const signedDataOid = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02)
const tstInfoOid = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04)

/** A request for a time stamp and what its answer must match. */
export interface TimeStampRequest {
  /** TimeStampReq, DER (RFC 3161 §2.4.1). */
  der: Uint8Array
  imprint: Uint8Array
  nonce: Uint8Array
}

/** Asks that these bytes existed by now. `nonce` are 8 random bytes or more; the certificate is asked for too. */
export function timeStampRequest(bytes: Uint8Array, nonce: Uint8Array): TimeStampRequest {
  const imprint = hash('sha256', bytes, 'buffer')
  const algorithm = derSequence(derTagged(0x06, sha256Oid), derTagged(0x05))
  const der = derSequence(
    derInteger(Uint8Array.of(1)),
    derSequence(algorithm, derTagged(0x04, imprint)),
    derInteger(nonce),
    derTagged(0x01, Uint8Array.of(0xff)),
  )
  return { der, imprint, nonce }
}

/** What a time stamp token says. */
export interface TimeStampInfo {
  imprint: Uint8Array
  /** INTEGER as it stands; absent when the token carries none. */
  nonce?: Uint8Array
  /** Whole milliseconds. */
  at: Date
}

/** The token out of a TimeStampResp (RFC 3161 §2.4.2). Refuses `time_stamp_unavailable` when none was granted. */
export function grantedToken(response: Uint8Array): Uint8Array {
  try {
    const [statusInfo, token] = derChildren(readDer(response))
    const status = derChildren(statusInfo)[0]?.content
    // granted (0) or grantedWithMods (1); everything else has no token.
    if (status?.length === 1 && (status[0] ?? 9) <= 1 && token) return token.whole
  } catch (cause) {
    if (!(cause instanceof NotDer)) throw cause
    throw noStamp('its answer cannot be read', cause)
  }
  throw noStamp('it did not grant the request')
}

/** Reads a token; throws `NotDer`. Nothing is verified. */
export function readTimeStamp(token: Uint8Array): TimeStampInfo {
  const [type, content] = derChildren(readDer(token))
  const signedData = derChildren(derChildren(content)[0])
  const [eContentType, eContent] = derChildren(signedData[2])
  if (!same(type?.content, signedDataOid) || !same(eContentType?.content, tstInfoOid)) throw new NotDer()
  const octets = derChildren(eContent)[0]
  if (octets?.tag !== 0x04) throw new NotDer()
  const fields = derChildren(readDer(octets.content))
  const [algorithm, imprint] = derChildren(fields[2])
  if (!same(derChildren(algorithm)[0]?.content, sha256Oid) || imprint?.tag !== 0x04) throw new NotDer()
  const nonce = fields.slice(5).find(({ tag }) => tag === 0x02)
  return {
    imprint: imprint.content,
    at: generalizedTime(fields[4]),
    ...(nonce ? { nonce: nonce.content } : {}),
  }
}

/**
 * Whether a fresh token answers this request: the same imprint, the same nonce, a time near ours. Refuses
 * `time_stamp_unavailable`. Its signature is for `verifyTimeStamp`.
 */
export function checkTimeStamp(token: Uint8Array, request: TimeStampRequest, now: Date): TimeStampInfo {
  let info: TimeStampInfo
  try {
    info = readTimeStamp(token)
  } catch (cause) {
    throw noStamp('its token cannot be read', cause)
  }
  if (!same(info.imprint, request.imprint)) throw noStamp('its token is about something else')
  const sent = readDer(derInteger(request.nonce)).content
  if (!same(info.nonce, sent)) throw noStamp('its token answers another request')
  if (Math.abs(info.at.getTime() - now.getTime()) > clockToleranceMilliseconds) {
    throw noStamp('its clock and ours differ by more than five minutes')
  }
  return info
}

const clockToleranceMilliseconds = 300_000

// RFC 3161 §2.4.2: UTC, with a fraction only where it is not zero.
function generalizedTime(value: DerValue | undefined): Date {
  const text = value?.tag === 0x18 ? Buffer.from(value.content).toString('latin1') : ''
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/.exec(text)
  if (!parts) throw new NotDer()
  const [, year, month, day, hour, minute, second, fraction = ''] = parts
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}Z`)
  if (Number.isNaN(at.getTime())) throw new NotDer()
  return at
}

function same(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && Buffer.compare(left, right) === 0
}

function noStamp(why: string, cause?: unknown): Refusal {
  return new Refusal('time_stamp_unavailable', `The time stamp service gave no usable stamp: ${why}.`, {
    cause,
  })
}
