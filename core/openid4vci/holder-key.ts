import { ECDH } from 'node:crypto'
import { fromBase64Url, toBase64Url } from '#core/jose/base64url.ts'
import { type PublicJwk, parsePublicJwk } from '#core/jose/jwk.ts'
import { jsonObject } from '#core/jose/jws.ts'
import { Malformed } from '#core/jose/malformed.ts'

const maxDidCharacters = 1000

/**
 * The key a `kid` of a proof names. Only methods whose identifier *is* the key: did:jwk and did:key. Any
 * other would make us fetch an address a stranger chose. Throws `Malformed('key_not_supported')`.
 */
export function keyOfDid(didUrl: string): PublicJwk {
  const [did = '', fragment] = didUrl.split('#', 2)
  if (didUrl.length > maxDidCharacters) throw notSupported()
  if (did.startsWith('did:jwk:')) {
    if (fragment !== undefined && fragment !== '0') throw notSupported()
    return parsePublicJwk(jsonObject(fromBase64Url(did.slice('did:jwk:'.length))))
  }
  if (did.startsWith('did:key:z')) {
    const multibase = did.slice('did:key:'.length)
    if (fragment !== undefined && fragment !== multibase) throw notSupported()
    return keyOfMultikey(multibase)
  }
  throw notSupported()
}

/** did:key of P-256: multicodec 0x1200 as varint, then the compressed point. */
function keyOfMultikey(multibase: string): PublicJwk {
  const bytes = fromBase58(multibase.slice(1))
  if (bytes.length !== 35 || bytes[0] !== 0x80 || bytes[1] !== 0x24) throw notSupported()
  let point: Uint8Array
  try {
    point = ECDH.convertKey(bytes.subarray(2), 'prime256v1', undefined, undefined, 'uncompressed') as Buffer
  } catch {
    throw notSupported()
  }
  return {
    kty: 'EC',
    crv: 'P-256',
    x: toBase64Url(point.subarray(1, 33)),
    y: toBase64Url(point.subarray(33)),
  }
}

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

// Short texts only: the work grows with the square of the length.
function fromBase58(text: string): Uint8Array {
  if (text.length > 60) throw notSupported()
  let value = 0n
  for (const character of text) {
    const digit = alphabet.indexOf(character)
    if (digit < 0) throw notSupported()
    value = value * 58n + BigInt(digit)
  }
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}

function notSupported(): Malformed {
  return new Malformed('key_not_supported', 'The key is not named by did:jwk or did:key of P-256.')
}
