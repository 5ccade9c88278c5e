import { hash } from 'node:crypto'
import { textToBase64Url, toBase64Url } from '#core/jose/base64url.ts'
import { type EncodedHeader, type JwsHeader, writeJws } from '#core/jose/jws.ts'

const hidden = Symbol('selectively disclosable')
const json = Symbol('written as JSON')

/** A value the holder may hide. */
export interface Disclosable {
  [hidden]: unknown
}

/** A value that is JSON text already and holds nothing to hide. */
export interface Written {
  [json]: string
}

/** Marks a member's value or an array element as selectively disclosable; may hold further marked values. */
export function disclosable(value: unknown): Disclosable {
  return { [hidden]: value }
}

/** A value that was written before: what many credentials share is kept as text. */
export function written(text: string): Written {
  return { [json]: text }
}

/** 144 bits; RFC 9901 §9.3 asks for at least 128. A multiple of three, so that all are encoded in one go. */
const saltBytes = 18
const saltCharacters = 24
const saltsAtOnce = 24

/**
 * Writes and signs an SD-JWT (RFC 9901 §4), ending in `~`: no key binding, that is the holder's part.
 * Digests are sorted, so that their order tells nothing about the claims behind them; `decoys` random
 * digests are added to the top level. The payload is written as text in one pass; `members` are further
 * plain members of the top level, as text without braces.
 */
export async function writeSdJwt(
  sdJwt: {
    header: JwsHeader | EncodedHeader
    payload: Record<string, unknown>
    members?: string
    decoys?: number
  },
  random: (length: number) => Uint8Array,
  sign: (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array,
): Promise<string> {
  const writer = { disclosures: [], salt: saltSource(random) }
  const decoys = Array.from({ length: sdJwt.decoys ?? 0 }, () => hash('sha256', writer.salt(), 'base64url'))
  const payload = writeObject(sdJwt.payload, writer, decoys, { members: sdJwt.members ?? '' })
  const jws = await writeJws(sdJwt.header, payload, sign)
  const { disclosures } = writer
  return disclosures.length === 0 ? `${jws}~` : `${jws}~${disclosures.join('~')}~`
}

interface Writer {
  disclosures: string[]
  salt: () => string
}

/** Fresh salts, many from one call for random bytes and one call of the encoder. */
function saltSource(random: (length: number) => Uint8Array): () => string {
  let text = ''
  let at = 0
  return () => {
    if (at === text.length) {
      text = toBase64Url(random(saltsAtOnce * saltBytes))
      at = 0
    }
    at += saltCharacters
    return text.slice(at - saltCharacters, at)
  }
}

function writeValue(value: unknown, writer: Writer): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (json in value) return value[json] as string
  return Array.isArray(value) ? writeArray(value, writer) : writeObject(value, writer, [])
}

function writeArray(array: unknown[], writer: Writer): string {
  const elements = array.map((element) => {
    if (!isDisclosable(element)) return writeValue(element, writer)
    const value = writeValue(element[hidden], writer)
    return `{"...":"${hide(`["${writer.salt()}",${value}]`, writer)}"}`
  })
  return `[${elements.join(',')}]`
}

function writeObject(object: object, writer: Writer, digests: string[], top?: { members: string }): string {
  // What hides nothing is written in one native call; one call for each member takes several times as long.
  const shown = Object.create(null) as Record<string, unknown>
  let others = top?.members ? `,${top.members}` : ''
  for (const [name, value] of Object.entries(object)) {
    if (name === '_sd' || name === '...') throw new Error('a claim may not be called _sd or ...')
    if (typeof value !== 'object' || value === null) shown[name] = value
    else if (isDisclosable(value)) {
      const text = writeValue(value[hidden], writer)
      digests.push(hide(`["${writer.salt()}",${quote(name)},${text}]`, writer))
    } else others += `,${quote(name)}:${writeValue(value, writer)}`
  }
  if (digests.length > 0) others += `,"_sd":["${digests.sort().join('","')}"]`
  // Without anything hidden the member would be noise (§4.1.1: it is optional).
  if (top && (digests.length > 0 || writer.disclosures.length > 0)) others += ',"_sd_alg":"sha-256"'
  const text = JSON.stringify(shown)
  return text === '{}' ? `{${others.slice(1)}}` : `${text.slice(0, -1)}${others}}`
}

function quote(name: string): string {
  return /^\w+$/.test(name) ? `"${name}"` : JSON.stringify(name)
}

function hide(disclosure: string, writer: Writer): string {
  const text = textToBase64Url(disclosure)
  writer.disclosures.push(text)
  return hash('sha256', text, 'base64url')
}

function isDisclosable(value: unknown): value is Disclosable {
  return typeof value === 'object' && value !== null && hidden in value
}
