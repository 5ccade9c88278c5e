import { createHmac, hkdfSync } from 'node:crypto'

/** HMAC-SHA256 under keys derived from one secret, one for each purpose (RFC 5869). */
export function purposeMac(secret: Uint8Array): (purpose: string, bytes: Uint8Array) => Uint8Array {
  const keys = new Map<string, Buffer>()
  return (purpose, bytes) => {
    let key = keys.get(purpose)
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), `academy/mac/${purpose}`, 32))
      keys.set(purpose, key)
    }
    return createHmac('sha256', key).update(bytes).digest()
  }
}
