import { hash } from 'node:crypto'
import { textToBase64Url, toBase64Url } from '#core/jose/base64url.ts'
import { type JwsHeader, writeJws } from '#core/jose/jws.ts'

const hidden = Symbol('selectively disclosable')

/** A value the holder may hide. */
export interface Disclosable {
  [hidden]: true
  value: unknown
}

/** Marks a member's value or an array element as selectively disclosable; may hold further marked values. */
export function disclosable(value: unknown): Disclosable {
  return { [hidden]: true, value }
}

/** 128 bits (RFC 9901 §9.3 asks for at least that). */
const saltBytes = 16

/**
 * Writes and signs an SD-JWT (RFC 9901 §4), ending in `~`: no key binding, that is the holder's part.
 * Digests are sorted, so that their order tells nothing about the claims behind them; `decoys` random
 * digests are added to the top level. All salts come from one call of `random`.
 */
export async function writeSdJwt(
  sdJwt: { header: JwsHeader; payload: Record<string, unknown>; decoys?: number },
  random: (length: number) => Uint8Array,
  sign: (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array,
): Promise<string> {
  const decoys = sdJwt.decoys ?? 0
  const count = countDisclosable(sdJwt.payload)
  const salts = random((count + decoys) * saltBytes)
  let used = 0
  const nextSalt = () => toBase64Url(salts.subarray(used * saltBytes, ++used * saltBytes))
  const disclosures: string[] = []

  const hide = (parts: unknown[]): string => {
    const disclosure = textToBase64Url(JSON.stringify(parts))
    disclosures.push(disclosure)
    return hash('sha256', disclosure, 'base64url')
  }
  const writeValue = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map((element: unknown) =>
        isDisclosable(element)
          ? { '...': hide([nextSalt(), writeValue(element.value)]) }
          : writeValue(element),
      )
    }
    return typeof value === 'object' && value !== null ? writeObject(value) : value
  }
  const writeObject = (object: object): Record<string, unknown> => {
    const out: Record<string, unknown> = {}
    const digests: string[] = []
    for (const [name, value] of Object.entries(object)) {
      if (name === '_sd' || name === '...') throw new Error('a claim may not be called _sd or ...')
      if (isDisclosable(value)) digests.push(hide([nextSalt(), name, writeValue(value.value)]))
      else out[name] = writeValue(value)
    }
    if (digests.length > 0) out['_sd'] = digests.sort()
    return out
  }

  const payload = writeObject(sdJwt.payload)
  if (decoys > 0) {
    const digests = Array.from({ length: decoys }, () => hash('sha256', nextSalt(), 'base64url'))
    payload['_sd'] = [...((payload['_sd'] as string[] | undefined) ?? []), ...digests].sort()
  }
  if (count + decoys > 0) payload['_sd_alg'] = 'sha-256'
  const jws = await writeJws(sdJwt.header, payload, sign)
  return disclosures.length === 0 ? `${jws}~` : `${jws}~${disclosures.join('~')}~`
}

function isDisclosable(value: unknown): value is Disclosable {
  return typeof value === 'object' && value !== null && hidden in value
}

function countDisclosable(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  if (isDisclosable(value)) return 1 + countDisclosable(value.value)
  let count = 0
  for (const member of Object.values(value)) count += countDisclosable(member)
  return count
}
