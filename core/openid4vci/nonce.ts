import { hash, timingSafeEqual } from 'node:crypto'
import { fromBase64Url, toBase64Url } from '#core/jose/base64url.ts'
import type { Ports } from '#core/ports.ts'

const randomLength = 16
const macLength = 32
const bodyLength = 4 + randomLength

/**
 * A `c_nonce` (OpenID4VCI 1.0 §7) that carries its own end and a MAC: making one writes nothing, so nobody
 * can fill the records by asking for nonces. It is marked as spent when it is used.
 */
export function makeNonce({
  clock,
  random,
  signers,
  settings,
}: Pick<Ports, 'clock' | 'random' | 'signers' | 'settings'>): string {
  const body = new Uint8Array(bodyLength)
  const end = Math.floor(clock.now().getTime() / 1000) + settings.nonceLifetimeSeconds
  new DataView(body.buffer).setUint32(0, end)
  body.set(random.bytes(randomLength), 4)
  return toBase64Url(Buffer.concat([body, signers.mac('c-nonce', body)]))
}

/** End of a nonce we made that has not passed; `undefined` for any other text. Says nothing about being spent. */
export function nonceEnd(
  nonce: string,
  { clock, signers }: Pick<Ports, 'clock' | 'signers'>,
): Date | undefined {
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(nonce)) return undefined
  let bytes: Uint8Array
  try {
    bytes = fromBase64Url(nonce)
  } catch {
    return undefined
  }
  if (bytes.length !== bodyLength + macLength) return undefined
  const body = bytes.subarray(0, bodyLength)
  if (!timingSafeEqual(bytes.subarray(bodyLength), signers.mac('c-nonce', body))) return undefined
  const end = new Date(new DataView(body.buffer, body.byteOffset).getUint32(0) * 1000)
  return end > clock.now() ? end : undefined
}

/** Marks a nonce as spent; false when it was spent before. One conditional write. */
export async function spendNonce(
  nonce: string,
  end: Date,
  { store }: Pick<Ports, 'store'>,
): Promise<boolean> {
  return store.spendNonceOnce(hash('sha256', nonce, 'hex'), end)
}
