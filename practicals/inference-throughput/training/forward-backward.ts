import { headWidth, shape, type Tensors, tensor } from '../model/shape.ts'
import { causalSoftmax, causalSoftmaxBack, crossEntropy, normalise, normaliseBack } from './layers.ts'
import { multiplyAdd, rowsOf, transposed, type View } from './multiply.ts'

const { width, hidden, heads, layers } = shape
const scoreScale = 1 / Math.sqrt(headWidth)

/** `rows × (length + 1)` tokens: each row is a piece of text, its targets are the same text one token on. */
export interface Batch {
  tokens: Int32Array
  rows: number
  length: number
}

interface LayerMemory {
  input: Float32Array
  inverse1: Float32Array
  normed1: Float32Array
  qkv: Float32Array
  weights: Float32Array[]
  mixed: Float32Array
  middle: Float32Array
  inverse2: Float32Array
  normed2: Float32Array
  activated: Float32Array
}

/** y (+)= x · wᵀ for a matrix w of [outputs × inputs]. */
function linear(
  x: Float32Array,
  w: Float32Array,
  rows: number,
  inputs: number,
  outputs: number,
): Float32Array {
  const y = new Float32Array(rows * outputs)
  multiplyAdd(rowsOf(y, outputs), rowsOf(x, inputs), transposed(rowsOf(w, inputs)), rows, outputs, inputs)
  return y
}

/** Adds to dW what flows back through `linear`, and answers dX. */
function linearBack(
  dY: Float32Array,
  x: Float32Array,
  w: Float32Array,
  dW: Float32Array,
  rows: number,
  inputs: number,
  outputs: number,
): Float32Array {
  multiplyAdd(rowsOf(dW, inputs), transposed(rowsOf(dY, outputs)), rowsOf(x, inputs), outputs, inputs, rows)
  const dX = new Float32Array(rows * inputs)
  multiplyAdd(rowsOf(dX, inputs), rowsOf(dY, outputs), rowsOf(w, inputs), rows, inputs, outputs)
  return dX
}

/** Part `part` (0 query, 1 key, 2 value) of one head of one text inside the joint array. */
const headOf = (qkv: Float32Array, row: number, length: number, part: number, head: number): View => ({
  values: qkv,
  offset: row * length * 3 * width + part * width + head * headWidth,
  down: 3 * width,
  across: 1,
})
const mixedHead = (values: Float32Array, row: number, length: number, head: number): View => ({
  values,
  offset: row * length * width + head * headWidth,
  down: width,
  across: 1,
})

function add(to: Float32Array, from: Float32Array): void {
  for (let at = 0; at < to.length; at++) to[at] = (to[at] as number) + (from[at] as number)
}

function attend(memory: LayerMemory, rows: number, length: number): void {
  for (let row = 0; row < rows; row++) {
    for (let head = 0; head < heads; head++) {
      const scores = new Float32Array(length * length)
      const query = headOf(memory.qkv, row, length, 0, head)
      const key = headOf(memory.qkv, row, length, 1, head)
      multiplyAdd(rowsOf(scores, length), query, transposed(key), length, length, headWidth)
      causalSoftmax(scores, length, scoreScale)
      memory.weights.push(scores)
      const value = headOf(memory.qkv, row, length, 2, head)
      multiplyAdd(
        mixedHead(memory.mixed, row, length, head),
        rowsOf(scores, length),
        value,
        length,
        headWidth,
        length,
      )
    }
  }
}

function attendBack(memory: LayerMemory, dMixed: Float32Array, rows: number, length: number): Float32Array {
  const dQkv = new Float32Array(memory.qkv.length)
  for (let row = 0; row < rows; row++) {
    for (let head = 0; head < heads; head++) {
      const weights = memory.weights[row * heads + head] as Float32Array
      const dOut = mixedHead(dMixed, row, length, head)
      const value = headOf(memory.qkv, row, length, 2, head)
      multiplyAdd(
        headOf(dQkv, row, length, 2, head),
        transposed(rowsOf(weights, length)),
        dOut,
        length,
        headWidth,
        length,
      )
      const dScores = new Float32Array(length * length)
      multiplyAdd(rowsOf(dScores, length), dOut, transposed(value), length, length, headWidth)
      causalSoftmaxBack(dScores, weights, length, scoreScale)
      const query = headOf(memory.qkv, row, length, 0, head)
      const key = headOf(memory.qkv, row, length, 1, head)
      multiplyAdd(headOf(dQkv, row, length, 0, head), rowsOf(dScores, length), key, length, headWidth, length)
      multiplyAdd(
        headOf(dQkv, row, length, 1, head),
        transposed(rowsOf(dScores, length)),
        query,
        length,
        headWidth,
        length,
      )
    }
  }
  return dQkv
}

function layerForward(parts: Tensors, layer: number, input: Float32Array, rows: number, length: number) {
  const count = rows * length
  const memory: LayerMemory = {
    input,
    inverse1: new Float32Array(count),
    normed1: new Float32Array(count * width),
    qkv: new Float32Array(0),
    weights: [],
    mixed: new Float32Array(count * width),
    middle: new Float32Array(0),
    inverse2: new Float32Array(count),
    normed2: new Float32Array(count * width),
    activated: new Float32Array(0),
  }
  normalise(memory.normed1, memory.inverse1, input, tensor(parts, `${layer}.norm1`), width)
  memory.qkv = linear(memory.normed1, tensor(parts, `${layer}.qkv`), count, width, 3 * width)
  attend(memory, rows, length)
  memory.middle = linear(memory.mixed, tensor(parts, `${layer}.out`), count, width, width)
  add(memory.middle, input)
  normalise(memory.normed2, memory.inverse2, memory.middle, tensor(parts, `${layer}.norm2`), width)
  memory.activated = linear(memory.normed2, tensor(parts, `${layer}.up`), count, width, hidden)
  for (let at = 0; at < memory.activated.length; at++) {
    if ((memory.activated[at] as number) < 0) memory.activated[at] = 0
  }
  const output = linear(memory.activated, tensor(parts, `${layer}.down`), count, hidden, width)
  add(output, memory.middle)
  return { output, memory }
}

function layerBack(
  parts: Tensors,
  gradients: Tensors,
  layer: number,
  memory: LayerMemory,
  dOutput: Float32Array,
  rows: number,
  length: number,
): Float32Array {
  const count = rows * length
  const of = (name: string) =>
    [tensor(parts, `${layer}.${name}`), tensor(gradients, `${layer}.${name}`)] as const
  const [down, dDown] = of('down')
  const dActivated = linearBack(dOutput, memory.activated, down, dDown, count, hidden, width)
  for (let at = 0; at < dActivated.length; at++) if (memory.activated[at] === 0) dActivated[at] = 0
  const [up, dUp] = of('up')
  const dNormed2 = linearBack(dActivated, memory.normed2, up, dUp, count, width, hidden)
  const dMiddle = dOutput.slice()
  const [norm2, dNorm2] = of('norm2')
  normaliseBack(dMiddle, dNorm2, dNormed2, memory.middle, norm2, memory.inverse2, width)
  const [out, dOut] = of('out')
  const dMixed = linearBack(dMiddle, memory.mixed, out, dOut, count, width, width)
  const dQkv = attendBack(memory, dMixed, rows, length)
  const [qkv, dQkvWeights] = of('qkv')
  const dNormed1 = linearBack(dQkv, memory.normed1, qkv, dQkvWeights, count, width, 3 * width)
  const dInput = dMiddle.slice()
  const [norm1, dNorm1] = of('norm1')
  normaliseBack(dInput, dNorm1, dNormed1, memory.input, norm1, memory.inverse1, width)
  return dInput
}

/** Mean loss in nats per token of a batch; with `gradients`, also adds the gradient of every weight to it. */
export function lossOf(parts: Tensors, { tokens, rows, length }: Batch, gradients?: Tensors): number {
  const count = rows * length
  const inputs = new Int32Array(count)
  const targets = new Int32Array(count)
  const embedding = tensor(parts, 'embedding')
  const positions = tensor(parts, 'positions')
  let x: Float32Array = new Float32Array(count * width)
  for (let at = 0; at < count; at++) {
    const from = Math.floor(at / length) * (length + 1) + (at % length)
    inputs[at] = tokens[from] as number
    targets[at] = tokens[from + 1] as number
    for (let i = 0; i < width; i++) {
      x[at * width + i] =
        (embedding[(inputs[at] as number) * width + i] as number) +
        (positions[(at % length) * width + i] as number)
    }
  }

  const memories: LayerMemory[] = []
  for (let layer = 0; layer < layers; layer++) {
    const { output, memory } = layerForward(parts, layer, x, rows, length)
    memories.push(memory)
    x = output
  }
  const inverse = new Float32Array(count)
  const normed = new Float32Array(count * width)
  normalise(normed, inverse, x, tensor(parts, 'norm'), width)
  const logits = linear(normed, embedding, count, width, shape.vocabulary)
  const loss = crossEntropy(logits, targets, shape.vocabulary)
  if (!gradients) return loss

  const dEmbedding = tensor(gradients, 'embedding')
  const dNormed = linearBack(logits, normed, embedding, dEmbedding, count, width, shape.vocabulary)
  let dX: Float32Array = new Float32Array(count * width)
  normaliseBack(dX, tensor(gradients, 'norm'), dNormed, x, tensor(parts, 'norm'), inverse, width)
  for (let layer = layers - 1; layer >= 0; layer--) {
    dX = layerBack(parts, gradients, layer, memories[layer] as LayerMemory, dX, rows, length)
  }
  const dPositions = tensor(gradients, 'positions')
  for (let at = 0; at < count; at++) {
    for (let i = 0; i < width; i++) {
      const d = dX[at * width + i] as number
      const word = (inputs[at] as number) * width + i
      const place = (at % length) * width + i
      dEmbedding[word] = (dEmbedding[word] as number) + d
      dPositions[place] = (dPositions[place] as number) + d
    }
  }
  return loss
}
