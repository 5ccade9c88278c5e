import { hash } from 'node:crypto'
import { textToBase64Url, toBase64Url } from '#core/jose/base64url.ts'
import { type EncodedHeader, type JwsHeader, writeJws } from '#core/jose/jws.ts'

const hidden = Symbol('selectively disclosable')
const rest = Symbol('its disclosure behind the salt')

/** A value the holder may hide. */
export interface Disclosable {
  [hidden]: unknown
  /** Base64url of what stands behind the salt, when it is the same in many credentials. */
  [rest]?: string
}

/** Marks a member's value or an array element as selectively disclosable; may hold further marked values. */
export function disclosable(value: unknown): Disclosable {
  return { [hidden]: value }
}

/** A plain value that many credentials share, encoded but for its salt; to be used as a member of this name only. */
export function sharedMember(name: string, value: unknown): Disclosable {
  return { [hidden]: value, [rest]: textToBase64Url(`${quote(name)},${JSON.stringify(value)}]`) }
}

/** The same as an element of an array. */
export function sharedElement(value: unknown): Disclosable {
  return { [hidden]: value, [rest]: textToBase64Url(`${JSON.stringify(value)}]`) }
}

/** 132 bits; RFC 9901 §9.3 asks for at least 128. */
const saltCharacters = 22
/** `["…", ` is a multiple of three bytes, so that it and what stands behind it are encoded each on their own. */
const headCharacters = ((saltCharacters + 5) / 3) * 4
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
  const writer = { disclosures: [], head: headSource(random) }
  const decoys = Array.from({ length: sdJwt.decoys ?? 0 }, () => hash('sha256', writer.head(), 'base64url'))
  const payload = writeObject(sdJwt.payload, writer, decoys, { members: sdJwt.members ?? '' })
  const jws = await writeJws(sdJwt.header, payload, sign)
  const { disclosures } = writer
  return disclosures.length === 0 ? `${jws}~` : `${jws}~${disclosures.join('~')}~`
}

interface Writer {
  disclosures: string[]
  head: () => string
}

/** Fresh salts as the encoded first part of a disclosure; many from one call for random bytes and two of the encoder. */
function headSource(random: (length: number) => Uint8Array): () => string {
  let heads = ''
  let at = 0
  return () => {
    if (at === heads.length) {
      const salts = toBase64Url(random((saltsAtOnce * saltCharacters * 3) / 4))
      let text = ''
      for (let from = 0; from < salts.length; from += saltCharacters) {
        text += `["${salts.slice(from, from + saltCharacters)}", `
      }
      heads = textToBase64Url(text)
      at = 0
    }
    at += headCharacters
    return heads.slice(at - headCharacters, at)
  }
}

function writeValue(value: unknown, writer: Writer): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  return Array.isArray(value) ? writeArray(value, writer) : writeObject(value, writer, [])
}

function writeArray(array: unknown[], writer: Writer): string {
  const elements = array.map((element) => {
    if (!isDisclosable(element)) return writeValue(element, writer)
    const shared = element[rest]
    const behind = shared ?? textToBase64Url(`${writeValue(element[hidden], writer)}]`)
    return `{"...":"${hide(behind, writer)}"}`
  })
  return `[${elements.join(',')}]`
}

function writeObject(object: object, writer: Writer, digests: string[], top?: { members: string }): string {
  // What hides nothing is written in one native call; one call for each member takes several times as long.
  let shown: Record<string, unknown> | undefined
  let others = top?.members ? `,${top.members}` : ''
  for (const [name, value] of Object.entries(object)) {
    if (name === '_sd' || name === '...') throw new Error('a claim may not be called _sd or ...')
    if (typeof value !== 'object' || value === null) {
      shown ??= Object.create(null) as Record<string, unknown>
      shown[name] = value
    } else if (isDisclosable(value)) {
      const shared = value[rest]
      const behind = shared ?? textToBase64Url(`${quote(name)},${writeValue(value[hidden], writer)}]`)
      digests.push(hide(behind, writer))
    } else others += `,${quote(name)}:${writeValue(value, writer)}`
  }
  if (digests.length > 0) others += `,"_sd":["${digests.sort().join('","')}"]`
  // Without anything hidden the member would be noise (§4.1.1: it is optional).
  if (top && (digests.length > 0 || writer.disclosures.length > 0)) others += ',"_sd_alg":"sha-256"'
  const text = shown ? JSON.stringify(shown) : '{}'
  return text === '{}' ? `{${others.slice(1)}}` : `${text.slice(0, -1)}${others}}`
}

function quote(name: string): string {
  return /^\w+$/.test(name) ? `"${name}"` : JSON.stringify(name)
}

/** Puts a salt before the rest of a disclosure and answers its digest. */
function hide(behind: string, writer: Writer): string {
  const text = writer.head() + behind
  writer.disclosures.push(text)
  return hash('sha256', text, 'base64url')
}

function isDisclosable(value: unknown): value is Disclosable {
  return typeof value === 'object' && value !== null && hidden in value
}
