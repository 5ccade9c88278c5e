import { bytesOf, fromBase64Url, textFromBase64Url, textToBase64Url, toBase64Url, utf8 } from './base64url.ts'
import { Malformed } from './malformed.ts'

export interface JwsHeader {
  alg: 'ES256'
  typ?: string
  kid?: string
  [member: string]: unknown
}

/** A compact JWS that was read but not verified. */
export interface ParsedJws {
  header: JwsHeader
  /** The payload as a JSON object. */
  payload: Record<string, unknown>
  /** r‖s, 64 bytes. */
  signature: Uint8Array
  /** What the signature covers: ASCII of `header.payload`. */
  signingInput: Uint8Array
}

/** Longest compact JWS read anywhere, in characters; the tightest place decides for itself below this. */
const maxJwsCharacters = 256 * 1024

/**
 * Reads a compact JWS (RFC 7515 §7.1) strictly and trusts nothing of it: canonical base64url, UTF-8 JSON
 * objects, `alg` exactly ES256 (so neither `none` nor an HMAC can be asked for by the token), no `crit`
 * (we understand no extension, §4.1.11), a signature of 64 bytes. `jku`, `x5u` and `jwk` are left alone:
 * who calls decides which key is right. Throws `Malformed`.
 */
export function parseJws(token: string, limits: { maxCharacters?: number } = {}): ParsedJws {
  if (token.length > (limits.maxCharacters ?? maxJwsCharacters)) {
    throw new Malformed('too_large', 'The token is too large.')
  }
  const parts = token.split('.', 4)
  const [header64, payload64, signature64] = parts
  if (parts.length !== 3 || !header64 || !payload64 || signature64 === undefined) {
    throw new Malformed('not_compact', 'The token is not a compact JWS of three parts.')
  }
  const header = parseHeader(parseObject(textFromBase64Url(header64)))
  const signature = fromBase64Url(signature64)
  if (signature.length !== 64) throw new Malformed('signature_length', 'An ES256 signature is 64 bytes.')
  const payload = parseObject(textFromBase64Url(payload64))
  return { header, payload, signature, signingInput: bytesOf(token.slice(0, token.lastIndexOf('.'))) }
}

function parseHeader(header: Record<string, unknown>): JwsHeader {
  if (header['alg'] !== 'ES256') {
    throw new Malformed('algorithm_not_allowed', 'The token is not signed with ES256.')
  }
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    throw new Malformed('critical_header', 'The token asks for an extension that is not supported.')
  }
  for (const member of ['typ', 'kid', 'cty'] as const) {
    if (header[member] !== undefined && typeof header[member] !== 'string') {
      throw new Malformed('header_invalid', `The header member ${member} is not a string.`)
    }
  }
  return header as JwsHeader
}

/** JSON of exactly one object. Throws `Malformed('not_json')`. */
export function jsonObject(bytes: Uint8Array): Record<string, unknown> {
  return parseObject(utf8(bytes))
}

function parseObject(json: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw new Malformed('not_json', 'A part of the token is not JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Malformed('not_json', 'A part of the token is not a JSON object.')
  }
  return value as Record<string, unknown>
}

/** A header that is already encoded: certificates make it long, and it is the same for every token of a key. */
export interface EncodedHeader {
  encoded: string
}

/** Encodes a header once for many tokens. */
export function encodeHeader(header: JwsHeader): EncodedHeader {
  return { encoded: textToBase64Url(JSON.stringify(header)) }
}

/**
 * Signs a compact JWS. `payload` is an object or JSON text that is already written. `sign` answers r‖s.
 */
export async function writeJws(
  header: JwsHeader | EncodedHeader,
  payload: object | string,
  sign: (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array,
): Promise<string> {
  const json = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const encoded =
    typeof header['encoded'] === 'string' ? header['encoded'] : encodeHeader(header as JwsHeader).encoded
  const signingInput = `${encoded}.${textToBase64Url(json)}`
  return `${signingInput}.${toBase64Url(await sign(bytesOf(signingInput)))}`
}
