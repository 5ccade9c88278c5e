import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'

const headerBytes = 44
const entryBytes = 20

/**
 * An OpenType font out of a WOFF 1.0 file (§4): the same tables, unpacked. The PDF writer reads tables again
 * for each letter, which takes long in a packed file.
 */
export function openTypeOf(file: string): Uint8Array {
  const woff = readFileSync(file)
  if (woff.toString('latin1', 0, 4) !== 'wOFF') throw new Error('not a WOFF font')
  const count = woff.readUInt16BE(12)
  const tables = Array.from({ length: count }, (_, position) => {
    const at = headerBytes + position * entryBytes
    const [offset, packed, length, checksum] = [4, 8, 12, 16].map((field) =>
      woff.readUInt32BE(at + field),
    ) as [number, number, number, number]
    const bytes = woff.subarray(offset, offset + packed)
    return { tag: woff.subarray(at, at + 4), checksum, bytes: packed < length ? inflateSync(bytes) : bytes }
  })
  const power = 2 ** Math.floor(Math.log2(count))
  const head = Buffer.alloc(12 + 16 * count)
  head.writeUInt32BE(woff.readUInt32BE(4), 0)
  for (const [position, value] of [count, power * 16, Math.log2(power), count * 16 - power * 16].entries())
    head.writeUInt16BE(value, 4 + 2 * position)
  const parts: Uint8Array[] = [head]
  let offset = head.length
  for (const [position, { tag, checksum, bytes }] of tables.entries()) {
    const at = 12 + 16 * position
    head.set(tag, at)
    for (const [field, value] of [checksum, offset, bytes.length].entries())
      head.writeUInt32BE(value, at + 4 + 4 * field)
    const padding = Buffer.alloc((4 - (bytes.length % 4)) % 4)
    parts.push(bytes, padding)
    offset += bytes.length + padding.length
  }
  return new Uint8Array(Buffer.concat(parts))
}
