import { textFromBase64Url } from '#core/jose/base64url.ts'
import { type ParsedJws, parseJws } from '#core/jose/jws.ts'
import { Malformed } from '#core/jose/malformed.ts'

/** One disclosure as it was sent: `[salt, name, value]` for a member, `[salt, value]` for an array element. */
export interface Disclosure {
  /** The base64url text; its digest is what the payload names. */
  text: string
  /** Absent for an array element. */
  name?: string
  value: unknown
}

/** An SD-JWT that was read but not verified (RFC 9901 §4). */
export interface ParsedSdJwt {
  jws: ParsedJws
  disclosures: Disclosure[]
  /** The key binding JWT behind the last `~`, read but not verified. */
  keyBinding?: ParsedJws
  /** What `sd_hash` of the key binding JWT covers: everything up to and including the last `~` (§4.3.1). */
  boundText: string
}

const sdJwtLimits = {
  /** Longest SD-JWT with disclosures and key binding, in characters. */
  characters: 256 * 1024,
  disclosures: 500,
  /** Nesting of objects and arrays after disclosure. */
  depth: 24,
} as const

/** Reads `<issuer-signed JWT>~<disclosure>~…~[<KB-JWT>]`. Throws `Malformed`. */
export function parseSdJwt(token: string): ParsedSdJwt {
  if (token.length > sdJwtLimits.characters) throw new Malformed('too_large', 'The credential is too large.')
  const parts = token.split('~')
  if (parts.length < 2) throw new Malformed('not_compact', 'An SD-JWT has at least one tilde.')
  if (parts.length - 2 > sdJwtLimits.disclosures) {
    throw new Malformed('too_large', 'The credential has too many disclosures.')
  }
  const last = parts.at(-1)
  return {
    jws: parseJws(parts[0] ?? ''),
    disclosures: parts.slice(1, -1).map(parseDisclosure),
    ...(last ? { keyBinding: parseJws(last, { maxCharacters: 8192 }) } : {}),
    boundText: token.slice(0, token.lastIndexOf('~') + 1),
  }
}

function parseDisclosure(text: string): Disclosure {
  let array: unknown
  try {
    array = JSON.parse(textFromBase64Url(text))
  } catch {
    throw new Malformed('disclosure_invalid', 'A disclosure is not base64url of a JSON array.')
  }
  if (!Array.isArray(array) || typeof array[0] !== 'string') {
    throw new Malformed('disclosure_invalid', 'A disclosure does not begin with its salt.')
  }
  if (array.length === 2) return { text, value: array[1] }
  const name: unknown = array[1]
  if (array.length !== 3 || typeof name !== 'string') {
    throw new Malformed('disclosure_invalid', 'A disclosure has neither two nor three parts.')
  }
  // RFC 9901 §7.1 3.c.ii.2: the claim name must not be `_sd` or `...`.
  if (name === '_sd' || name === '...') {
    throw new Malformed('reserved_name', 'A disclosure uses a reserved claim name.')
  }
  return { text, name, value: array[2] }
}

export interface DisclosedClaims {
  /** The payload with every disclosed value in its place and every trace of hiding removed. */
  claims: Record<string, unknown>
  /** Paths of the values that came from disclosures, dotted; array elements as numbers of the result. */
  disclosed: string[]
  /** How many digests had no disclosure (hidden values and decoys). */
  hidden: number
}

/**
 * Puts the disclosed values into the payload (RFC 9901 §7.1 step 3): each disclosure must match exactly
 * one digest, no digest may stand twice, a disclosed name may not already be there, and only SHA-256 is
 * accepted. Works through nested (recursive) disclosures. `sha256` answers base64url. Throws `Malformed`.
 */
export async function discloseClaims(
  payload: Record<string, unknown>,
  disclosures: Disclosure[],
  sha256: (text: string) => string | Promise<string>,
): Promise<DisclosedClaims> {
  const { _sd_alg: algorithm, _sd: digests, ...members } = payload
  if (algorithm !== undefined && algorithm !== 'sha-256') {
    throw new Malformed('hash_not_supported', 'The credential hides its claims with an unknown hash.')
  }
  const byDigest = new Map<string, Disclosure>()
  for (const disclosure of disclosures) {
    const digest = sha256(disclosure.text)
    // Node answers at once, and to wait all the same would cost as much as the hash.
    byDigest.set(typeof digest === 'string' ? digest : await digest, disclosure)
  }
  if (byDigest.size !== disclosures.length) {
    throw new Malformed('disclosure_duplicate', 'A disclosure was sent twice.')
  }
  const walk: Walk = { byDigest, seen: new Set(), used: 0, disclosed: [] }
  const claims = openMembers(members, digests, '', 0, walk)
  if (walk.used !== byDigest.size) {
    throw new Malformed('disclosure_unmatched', 'A disclosure matches nothing in the credential.')
  }
  return { claims, disclosed: walk.disclosed, hidden: walk.seen.size - walk.used }
}

interface Walk {
  byDigest: Map<string, Disclosure>
  /** Every digest met so far, matched or not. */
  seen: Set<string>
  used: number
  disclosed: string[]
}

/** `parent` and `name` make the path of the value, which is only put together where somebody may ask for it. */
function openValue(value: unknown, parent: string, name: string, depth: number, walk: Walk): unknown {
  if (depth > sdJwtLimits.depth) throw new Malformed('too_deep', 'The credential is nested too deeply.')
  if (typeof value !== 'object' || value === null) return value
  const path = join(parent, name)
  if (Array.isArray(value)) return openArray(value, path, depth, walk)
  // A copy made with `...` has its own members only, so a claim called `__proto__` stays a harmless claim.
  const { _sd: digests, ...members } = value as Record<string, unknown>
  return openMembers(members, digests, path, depth, walk)
}

/** Opens what is hidden in and below `members`, in place. */
function openMembers(
  members: Record<string, unknown>,
  digests: unknown,
  path: string,
  depth: number,
  walk: Walk,
): Record<string, unknown> {
  for (const name of Object.keys(members)) {
    // RFC 9901 §4.1: `...` may stand only as the one member of an array element.
    if (name === '...') throw new Malformed('reserved_name', 'The credential uses a reserved claim name.')
    const value = members[name]
    const opened = openValue(value, path, name, depth + 1, walk)
    if (opened !== value) setOwn(members, name, opened)
  }
  if (digests === undefined) return members
  if (!Array.isArray(digests)) throw new Malformed('disclosure_invalid', 'A list of digests is not an array.')
  for (const digest of digests) {
    const disclosure = take(digest, walk)
    if (!disclosure) continue
    const { name } = disclosure
    if (name === undefined)
      throw new Malformed('disclosure_invalid', 'A member is disclosed without its name.')
    if (Object.hasOwn(members, name))
      throw new Malformed('disclosure_duplicate', 'A disclosed claim is already there.')
    walk.disclosed.push(join(path, name))
    setOwn(members, name, openValue(disclosure.value, path, name, depth + 1, walk))
  }
  return members
}

function openArray(array: unknown[], path: string, depth: number, walk: Walk): unknown[] {
  const out: unknown[] = []
  for (const element of array) {
    const at = String(out.length)
    if (!isDigestElement(element)) {
      out.push(openValue(element, path, at, depth + 1, walk))
      continue
    }
    if (Object.keys(element).length !== 1) {
      throw new Malformed('reserved_name', 'A hidden array element has further members.')
    }
    const disclosure = take(element['...'], walk)
    if (!disclosure) continue
    if (disclosure.name !== undefined) {
      throw new Malformed('disclosure_invalid', 'An array element is disclosed with a name.')
    }
    walk.disclosed.push(join(path, at))
    out.push(openValue(disclosure.value, path, at, depth + 1, walk))
  }
  return out
}

// Assigning would reach the setter of `__proto__`.
function setOwn(members: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') members[name] = value
  else Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true })
}

function isDigestElement(element: unknown): element is { '...': unknown } {
  return typeof element === 'object' && element !== null && Object.hasOwn(element, '...')
}

function take(digest: unknown, walk: Walk): Disclosure | undefined {
  if (typeof digest !== 'string') throw new Malformed('disclosure_invalid', 'A digest is not a string.')
  if (walk.seen.has(digest)) throw new Malformed('disclosure_duplicate', 'A digest stands twice.')
  walk.seen.add(digest)
  const disclosure = walk.byDigest.get(digest)
  if (disclosure) walk.used += 1
  return disclosure
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
