import { headWidth, shape, type Tensors, tensor, viewTensors } from '../model/shape.ts'
import type { Precision } from './configuration.ts'
import { type Matrix, multiply, packMatrix } from './matrix.ts'

const { width, hidden, heads, layers, context } = shape

export interface Decoder {
  embedding: Float32Array
  positions: Float32Array
  output: Matrix
  norm: Float32Array
  layers: {
    norm1: Float32Array
    norm2: Float32Array
    qkv: Matrix
    out: Matrix
    up: Matrix
    down: Matrix
  }[]
}

/** Keys and values of one text, per layer. */
export interface TextMemory {
  keys: Float64Array[]
  values: Float64Array[]
}

/** One token to run: which text it belongs to and where it stands there. */
export interface Lane {
  memory: TextMemory
  token: number
  position: number
}

/** Makes the model ready in one precision. Norms and look-ups stay in floating point. */
export function makeDecoder(weights: Float32Array, precision: Precision): Decoder {
  const parts: Tensors = viewTensors(weights)
  const matrix = (name: string, rows: number, columns: number) =>
    packMatrix(tensor(parts, name), rows, columns, precision)
  return {
    embedding: tensor(parts, 'embedding'),
    positions: tensor(parts, 'positions'),
    output: matrix('embedding', shape.vocabulary, width),
    norm: tensor(parts, 'norm'),
    layers: Array.from({ length: layers }, (_, layer) => ({
      norm1: tensor(parts, `${layer}.norm1`),
      norm2: tensor(parts, `${layer}.norm2`),
      qkv: matrix(`${layer}.qkv`, 3 * width, width),
      out: matrix(`${layer}.out`, width, width),
      up: matrix(`${layer}.up`, hidden, width),
      down: matrix(`${layer}.down`, width, hidden),
    })),
  }
}

export function makeMemory(): TextMemory {
  const room = () => Array.from({ length: layers }, () => new Float64Array(context * width))
  return { keys: room(), values: room() }
}

/**
 * Runs tokens through the model together and answers logits for the lanes in `wanted`. Lanes of one text
 * must come in the order of their positions, and earlier positions must have run before or run now.
 */
export function runLanes(decoder: Decoder, lanes: readonly Lane[], wanted: readonly number[]): Float64Array {
  const count = lanes.length
  const x = new Float64Array(count * width)
  for (const [at, { token, position }] of lanes.entries()) {
    for (let i = 0; i < width; i++) {
      x[at * width + i] =
        (decoder.embedding[token * width + i] as number) + (decoder.positions[position * width + i] as number)
    }
  }
  const normed = new Float64Array(count * width)
  const qkv = new Float64Array(count * 3 * width)
  const mixed = new Float64Array(count * width)
  const step = new Float64Array(count * width)
  const activated = new Float64Array(count * hidden)
  for (const [number, layer] of decoder.layers.entries()) {
    normalise(normed, x, layer.norm1)
    multiply(layer.qkv, normed, count, qkv)
    remember(lanes, number, qkv)
    for (const [at, lane] of lanes.entries()) attend(lane, number, qkv, at, mixed)
    multiply(layer.out, mixed, count, step)
    add(x, step)
    normalise(normed, x, layer.norm2)
    multiply(layer.up, normed, count, activated)
    for (let at = 0; at < activated.length; at++) if ((activated[at] as number) < 0) activated[at] = 0
    multiply(layer.down, activated, count, step)
    add(x, step)
  }
  const last = new Float64Array(wanted.length * width)
  for (const [to, from] of wanted.entries())
    last.set(x.subarray(from * width, (from + 1) * width), to * width)
  normalise(last, last, decoder.norm)
  const logits = new Float64Array(wanted.length * shape.vocabulary)
  multiply(decoder.output, last, wanted.length, logits)
  return logits
}

function normalise(out: Float64Array, x: Float64Array, gain: Float32Array): void {
  for (let start = 0; start < x.length; start += width) {
    let squares = 0
    for (let i = 0; i < width; i++) squares += (x[start + i] as number) ** 2
    const scale = 1 / Math.sqrt(squares / width + 1e-5)
    for (let i = 0; i < width; i++) out[start + i] = (x[start + i] as number) * scale * (gain[i] as number)
  }
}

function add(to: Float64Array, from: Float64Array): void {
  for (let at = 0; at < to.length; at++) to[at] = (to[at] as number) + (from[at] as number)
}

function remember(lanes: readonly Lane[], layer: number, qkv: Float64Array): void {
  for (const [at, { memory, position }] of lanes.entries()) {
    const start = at * 3 * width
    memory.keys[layer]?.set(qkv.subarray(start + width, start + 2 * width), position * width)
    memory.values[layer]?.set(qkv.subarray(start + 2 * width, start + 3 * width), position * width)
  }
}

const scores = new Float64Array(context)

function attend(lane: Lane, layer: number, qkv: Float64Array, at: number, mixed: Float64Array): void {
  const keys = lane.memory.keys[layer] as Float64Array
  const values = lane.memory.values[layer] as Float64Array
  const scale = 1 / Math.sqrt(headWidth)
  for (let head = 0; head < heads; head++) {
    const query = at * 3 * width + head * headWidth
    const offset = head * headWidth
    let highest = Number.NEGATIVE_INFINITY
    for (let position = 0; position <= lane.position; position++) {
      let score = 0
      const key = position * width + offset
      for (let i = 0; i < headWidth; i++) score += (qkv[query + i] as number) * (keys[key + i] as number)
      scores[position] = score * scale
      highest = Math.max(highest, score * scale)
    }
    const to = at * width + offset
    mixed.fill(0, to, to + headWidth)
    let sum = 0
    for (let position = 0; position <= lane.position; position++) {
      const weight = Math.exp((scores[position] as number) - highest)
      sum += weight
      const value = position * width + offset
      for (let i = 0; i < headWidth; i++) {
        mixed[to + i] = (mixed[to + i] as number) + weight * (values[value + i] as number)
      }
    }
    for (let i = 0; i < headWidth; i++) mixed[to + i] = (mixed[to + i] as number) / sum
  }
}
