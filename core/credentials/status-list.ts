import { fromBase64Url } from '#core/jose/base64url.ts'
import { Malformed } from '#core/jose/malformed.ts'
import type { Primitives } from '#core/ports.ts'

/** Token Status List §4: entries of 1, 2, 4 or 8 bits. */
export type StatusBits = 1 | 2 | 4 | 8
export const statusBits: readonly number[] = [1, 2, 4, 8]

/** Token Status List §7.1 status types. */
export const statusValues = { valid: 0, invalid: 1, suspended: 2 } as const

/** Largest list we unpack, in bytes. */
const maxListBytes = 8 * 1024 * 1024

/** Value at an index of a Token Status List: index 0 stands in the lowest bits of byte 0 (§4.1). */
export function readStatus(list: Uint8Array, bits: StatusBits, index: number): number | undefined {
  if (!Number.isInteger(index) || index < 0) return undefined
  const perByte = 8 / bits
  const byte = list[Math.floor(index / perByte)]
  return byte === undefined ? undefined : (byte >> ((index % perByte) * bits)) & (2 ** bits - 1)
}

/** Sets the value at an index of a Token Status List in place. */
export function writeStatus(list: Uint8Array, bits: StatusBits, index: number, value: number): void {
  const perByte = 8 / bits
  const at = Math.floor(index / perByte)
  const byte = list[at]
  if (byte === undefined || value < 0 || value >= 2 ** bits) throw new Error('outside of the status list')
  const shift = (index % perByte) * bits
  list[at] = (byte & ~((2 ** bits - 1) << shift)) | (value << shift)
}

/** Bit at an index of a Bitstring Status List: index 0 is the leftmost bit (Recommendation §2.2). */
export function readBit(list: Uint8Array, index: number): boolean | undefined {
  if (!Number.isInteger(index) || index < 0) return undefined
  const byte = list[Math.floor(index / 8)]
  return byte === undefined ? undefined : ((byte >> (7 - (index % 8))) & 1) === 1
}

/** Sets a bit of a Bitstring Status List in place. */
export function writeBit(list: Uint8Array, index: number, value: boolean): void {
  const at = Math.floor(index / 8)
  const byte = list[at]
  if (byte === undefined) throw new Error('outside of the status list')
  const mask = 1 << (7 - (index % 8))
  list[at] = value ? byte | mask : byte & ~mask
}

/** Unpacks `status_list` of a Token Status List: `lst` is base64url of zlib. Throws `Malformed('list_invalid')`. */
export async function unpackTokenStatusList(
  statusList: unknown,
  primitives: Pick<Primitives, 'inflate'>,
): Promise<{ bits: StatusBits; list: Uint8Array }> {
  const { bits, lst } = (statusList ?? {}) as { bits?: unknown; lst?: unknown }
  if (typeof bits !== 'number' || !statusBits.includes(bits) || typeof lst !== 'string') throw invalid()
  const packed = fromBase64Url(lst)
  return { bits: bits as StatusBits, list: await unpack(() => primitives.inflate(packed, maxListBytes)) }
}

/**
 * Unpacks `encodedList` of a Bitstring Status List: multibase `u` + base64url of gzip, at least 131,072
 * entries (Recommendation §2.2, herd privacy). Throws `Malformed('list_invalid')`.
 */
export async function unpackBitstring(
  encodedList: unknown,
  primitives: Pick<Primitives, 'gunzip'>,
): Promise<Uint8Array> {
  if (typeof encodedList !== 'string' || !encodedList.startsWith('u')) throw invalid()
  const packed = fromBase64Url(encodedList.slice(1))
  const list = await unpack(() => primitives.gunzip(packed, maxListBytes))
  if (list.length * 8 < 131_072) throw invalid()
  return list
}

async function unpack(work: () => Uint8Array | Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await work()
  } catch {
    throw invalid()
  }
}

function invalid(): Malformed {
  return new Malformed('list_invalid', 'The status list cannot be unpacked.')
}
