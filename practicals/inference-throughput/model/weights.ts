import { createHash } from 'node:crypto'
import { weightCount } from './shape.ts'

/** Weights as bytes: IEEE 754 single precision, little-endian, in the order of `tensors`, nothing else. */
export function weightsToBytes(flat: Float32Array): Uint8Array {
  const bytes = new Uint8Array(flat.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [at, value] of flat.entries()) view.setFloat32(at * 4, value, true)
  return bytes
}

/** Reads a weights file; throws when its length is not that of this model. */
export function bytesToWeights(bytes: Uint8Array): Float32Array {
  if (bytes.length !== weightCount * 4) throw new Error('the weights file has the wrong length')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Float32Array.from({ length: weightCount }, (_, at) => view.getFloat32(at * 4, true))
}

/** SHA-256 of the weights file, lower-case hex. */
export function weightsDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
