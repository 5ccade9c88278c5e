import { Malformed } from './malformed.ts'

/**
 * ECDSA signatures of P-256 in their two spellings: DER (what `node:crypto` and KMS give) and r‖s, 64
 * bytes (what RFC 7518 §3.4 puts into a JWS). Signing in DER and converting here is twice as fast as
 * asking `node:crypto` for r‖s.
 */
const half = 32

/** DER `SEQUENCE { INTEGER r, INTEGER s }` to r‖s. Strict: minimal lengths, positive integers, nothing behind. */
export function derToRaw(der: Uint8Array): Uint8Array {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) throw notDer()
  const raw = new Uint8Array(2 * half)
  const afterR = readInteger(der, 2, raw, 0)
  const end = readInteger(der, afterR, raw, half)
  if (end !== der.length) throw notDer()
  return raw
}

function readInteger(der: Uint8Array, at: number, raw: Uint8Array, offset: number): number {
  const length = der[at + 1]
  const first = der[at + 2]
  if (der[at] !== 0x02 || length === undefined || length === 0 || first === undefined) throw notDer()
  let start = at + 2
  const end = start + length
  if (end > der.length || first >= 0x80) throw notDer()
  if (first === 0 && length > 1) {
    // A leading zero is there only to keep the number positive.
    if ((der[start + 1] ?? 0) < 0x80) throw notDer()
    start += 1
  }
  if (end - start > half) throw notDer()
  for (let from = start, to = offset + half - (end - start); from < end; from++, to++) {
    raw[to] = der[from] as number
  }
  return end
}

/** r‖s to DER. */
export function rawToDer(raw: Uint8Array): Uint8Array {
  if (raw.length !== 2 * half) throw new Malformed('signature_length', 'An ES256 signature is 64 bytes.')
  const r = integer(raw, 0)
  const s = integer(raw, half)
  const der = new Uint8Array(2 + r.length + s.length)
  der[0] = 0x30
  der[1] = r.length + s.length
  der.set(r, 2)
  der.set(s, 2 + r.length)
  return der
}

function integer(raw: Uint8Array, offset: number): Uint8Array {
  let start = offset
  while (start < offset + half - 1 && raw[start] === 0) start++
  const pad = (raw[start] as number) >= 0x80 ? 1 : 0
  const length = offset + half - start
  const out = new Uint8Array(2 + pad + length)
  out[0] = 0x02
  out[1] = pad + length
  out.set(raw.subarray(start, offset + half), 2 + pad)
  return out
}

function notDer(): Malformed {
  return new Malformed('signature_length', 'The signature is not a DER ECDSA signature of P-256.')
}
