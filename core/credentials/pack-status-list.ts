import { deflateSync, gzipSync } from 'node:zlib'
import { toBase64Url } from '#core/jose/base64url.ts'
import type { StatusBits } from './status-list.ts'

// Level 9 takes fifteen times as long for the last percent.
const level = 6

/** `status_list` of a Token Status List from its bytes: zlib, then base64url. */
export function packTokenStatusList(bits: StatusBits, list: Uint8Array): { bits: StatusBits; lst: string } {
  return { bits, lst: toBase64Url(deflateSync(list, { level })) }
}

/** `encodedList` of a Bitstring Status List from its bytes: `u` + base64url of gzip. */
export function packBitstring(list: Uint8Array): string {
  return `u${toBase64Url(gzipSync(list, { level }))}`
}
