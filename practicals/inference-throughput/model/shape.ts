import { vocabulary } from './vocabulary.ts'

/** Sizes of the model: a decoder-only transformer with normalisation before each part and no biases. */
export const shape = {
  layers: 2,
  width: 96,
  heads: 4,
  hidden: 384,
  context: 96,
  vocabulary: vocabulary.length,
} as const
export const headWidth = shape.width / shape.heads

/** Every tensor of the weights file in its order: name, rows, columns. Matrices are stored [outputs × inputs]. */
export const tensors: readonly { name: string; rows: number; columns: number }[] = [
  // Also the output layer: the same matrix reads words in and writes them out.
  { name: 'embedding', rows: shape.vocabulary, columns: shape.width },
  { name: 'positions', rows: shape.context, columns: shape.width },
  ...Array.from({ length: shape.layers }, (_, layer) => [
    { name: `${layer}.norm1`, rows: 1, columns: shape.width },
    { name: `${layer}.qkv`, rows: 3 * shape.width, columns: shape.width },
    { name: `${layer}.out`, rows: shape.width, columns: shape.width },
    { name: `${layer}.norm2`, rows: 1, columns: shape.width },
    { name: `${layer}.up`, rows: shape.hidden, columns: shape.width },
    { name: `${layer}.down`, rows: shape.width, columns: shape.hidden },
  ]).flat(),
  { name: 'norm', rows: 1, columns: shape.width },
]

export const weightCount = tensors.reduce((sum, { rows, columns }) => sum + rows * columns, 0)

export type Tensors = ReadonlyMap<string, Float32Array>

/** Names the parts of one flat array; the parts share its memory. */
export function viewTensors(flat: Float32Array): Tensors {
  if (flat.length !== weightCount) throw new Error(`expected ${weightCount} weights, found ${flat.length}`)
  let offset = 0
  return new Map(
    tensors.map(({ name, rows, columns }) => {
      const part = flat.subarray(offset, offset + rows * columns)
      offset += rows * columns
      return [name, part]
    }),
  )
}

/** One part by its name. */
export function tensor(parts: Tensors, name: string): Float32Array {
  const part = parts.get(name)
  if (!part) throw new Error(`the model has no tensor ${name}`)
  return part
}
