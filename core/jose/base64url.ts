import { Malformed } from './malformed.ts'

// Node's Buffer does this natively; a browser running the offline verifier has atob and btoa.
const buffer = (globalThis as { Buffer?: typeof Buffer }).Buffer

// A token has many small parts, and to make a buffer for each takes longer than to encode or decode it. What
// goes in here comes out as text in the same call.
const scratch = buffer?.alloc(32 * 1024)
const mostBytesPerCharacter = 3

/** RFC 4648 §5 without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return buffer
    ? buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
    : portableToBase64Url(bytes)
}

/** UTF-8 of a text, as base64url. */
export function textToBase64Url(text: string): string {
  if (!scratch || text.length * mostBytesPerCharacter > scratch.length) return toBase64Url(bytesOf(text))
  return scratch.toString('base64url', 0, scratch.write(text, 'utf8'))
}

/**
 * Reads base64url strictly: only its alphabet, no padding, no stray bits, so that one value has one
 * spelling (a second spelling of a signature or a disclosure would get past any look-up by text).
 * Throws `Malformed('not_base64url')`.
 */
export function fromBase64Url(text: string): Uint8Array {
  if (!buffer) return portableFromBase64Url(text)
  const bytes = buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) throw notBase64Url()
  return bytes
}

/**
 * The text that was put into base64url, as strict as `fromBase64Url`. Throws `Malformed('not_base64url')`,
 * and `Malformed('not_json')` when it is not UTF-8.
 */
export function textFromBase64Url(text: string): string {
  if (!scratch || text.length > scratch.length) return utf8(fromBase64Url(text))
  const length = scratch.write(text, 'base64url')
  if (scratch.toString('base64url', 0, length) !== text) throw notBase64Url()
  const decoded = scratch.toString('utf8', 0, length)
  // The mark of what was no UTF-8; it may also have been written by its author.
  return decoded.includes('\ufffd') ? utf8(fromBase64Url(text)) : decoded
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Strict UTF-8. Throws `Malformed('not_json')`: the only texts read this way are JSON. */
export function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Malformed('not_json', 'The bytes are not UTF-8.')
  }
}

/** ASCII or UTF-8 bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return buffer ? buffer.from(text, 'utf8') : encoder.encode(text)
}

/** The same as `toBase64Url` where there is no `Buffer`. */
export function portableToBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  }
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** The same as `fromBase64Url` where there is no `Buffer`. */
export function portableFromBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw notBase64Url()
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  if (portableToBase64Url(bytes) !== text) throw notBase64Url()
  return bytes
}

function notBase64Url(): Malformed {
  return new Malformed('not_base64url', 'A part is not canonical base64url.')
}
