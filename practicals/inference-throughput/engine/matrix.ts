import type { Precision } from './configuration.ts'

/**
 * A matrix ready for multiplying. JavaScript has no vector instructions, so low precision pays by packing:
 * a double holds integers up to 2^53 exactly, room for two 8-bit or three 4-bit weights whose sums of
 * products never touch. One multiplication then does the work of two or three.
 */
export interface Matrix {
  rows: number
  columns: number
  /** Weights of `perNumber` neighbouring rows in one double; [ceil(rows / perNumber) × columns]. */
  packed: Float64Array
  packedRows: number
  perNumber: 1 | 2 | 3
  /** Distance between packed weights, a power of two. */
  base: number
  /** Largest integer a weight or activation takes; 0 for floating point. */
  largest: number
  /** What an integer step of each row is worth. */
  rowScale: Float64Array
}

// |sum| ≤ 384 inputs · largest², which must stay below base / 2: 384 · 127² < 2^23 and 384 · 7² < 2^16.
const packings = {
  float32: { perNumber: 1, base: 1, largest: 0, scaleOver: 'row' },
  int8: { perNumber: 2, base: 2 ** 24, largest: 127, scaleOver: 'row' },
  // The naive form, one scale for a whole matrix: fast, small, and wrong too often to serve.
  int4: { perNumber: 3, base: 2 ** 17, largest: 7, scaleOver: 'matrix' },
} as const satisfies Record<
  Precision,
  Pick<Matrix, 'perNumber' | 'base' | 'largest'> & { scaleOver: 'row' | 'matrix' }
>

/** Rounds and packs a matrix stored [rows × columns]. */
export function packMatrix(
  values: Float32Array,
  rows: number,
  columns: number,
  precision: Precision,
): Matrix {
  const { perNumber, base, largest, scaleOver } = packings[precision]
  const packedRows = Math.ceil(rows / perNumber)
  const packed = new Float64Array(packedRows * columns)
  const rowScale = new Float64Array(rows).fill(1)
  for (let row = 0; row < rows; row++) {
    const from = values.subarray(row * columns, (row + 1) * columns)
    if (largest > 0) rowScale[row] = largestOf(scaleOver === 'row' ? from : values) / largest || 1
    const shift = base ** (row % perNumber)
    const start = Math.floor(row / perNumber) * columns
    for (let column = 0; column < columns; column++) {
      const value = from[column] as number
      const held = largest > 0 ? Math.round(value / (rowScale[row] as number)) : value
      packed[start + column] = (packed[start + column] as number) + held * shift
    }
  }
  return { rows, columns, packed, packedRows, perNumber, base, largest, rowScale }
}

function largestOf(values: ArrayLike<number>): number {
  let largest = 0
  for (let at = 0; at < values.length; at++) largest = Math.max(largest, Math.abs(values[at] as number))
  return largest
}

/** out[lane × rows] = x[lane × columns] · matrixᵀ for `lanes` inputs at once. */
export function multiply(matrix: Matrix, x: Float64Array, lanes: number, out: Float64Array): void {
  const { columns, packed, packedRows } = matrix
  const scales = new Float64Array(lanes).fill(1)
  const inputs = matrix.largest > 0 ? toIntegers(x, lanes, columns, matrix.largest, scales) : x
  const sums = new Float64Array(lanes * packedRows)
  let lane = 0
  for (; lane + 4 <= lanes; lane += 4) fourLanes(packed, packedRows, columns, inputs, lane, sums)
  for (; lane < lanes; lane++) oneLane(packed, packedRows, columns, inputs, lane, sums)
  unpack(matrix, sums, lanes, scales, out)
}

function toIntegers(x: Float64Array, lanes: number, columns: number, largest: number, scales: Float64Array) {
  const integers = new Float64Array(lanes * columns)
  for (let lane = 0; lane < lanes; lane++) {
    const start = lane * columns
    const scale = largestOf(x.subarray(start, start + columns)) / largest || 1
    scales[lane] = scale
    for (let at = start; at < start + columns; at++) integers[at] = Math.round((x[at] as number) / scale)
  }
  return integers
}

/** The heart of the engine: four packed rows by one input. Each weight read serves one product. */
function oneLane(
  packed: Float64Array,
  packedRows: number,
  columns: number,
  x: Float64Array,
  lane: number,
  sums: Float64Array,
): void {
  const start = lane * columns
  const whole = packedRows & ~3
  for (let row = 0; row < whole; row += 4) {
    let at = row * columns
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let column = start; column < start + columns; column++) {
      const value = x[column] as number
      s0 += (packed[at] as number) * value
      s1 += (packed[at + columns] as number) * value
      s2 += (packed[at + 2 * columns] as number) * value
      s3 += (packed[at + 3 * columns] as number) * value
      at++
    }
    const to = lane * packedRows + row
    sums[to] = s0
    sums[to + 1] = s1
    sums[to + 2] = s2
    sums[to + 3] = s3
  }
  for (let row = whole; row < packedRows; row++) {
    let sum = 0
    for (let c = 0; c < columns; c++) sum += (packed[row * columns + c] as number) * (x[start + c] as number)
    sums[lane * packedRows + row] = sum
  }
}

/** Two packed rows by four inputs: each weight read serves four products, which is why batches pay. */
function fourLanes(
  packed: Float64Array,
  packedRows: number,
  columns: number,
  x: Float64Array,
  lane: number,
  sums: Float64Array,
): void {
  const x0 = lane * columns
  const x1 = x0 + columns
  const x2 = x1 + columns
  const x3 = x2 + columns
  const to = lane * packedRows
  for (let row = 0; row < packedRows; row += 2) {
    const upper = row * columns
    // An odd last row is computed twice rather than branched on.
    const lower = Math.min(row + 1, packedRows - 1) * columns
    let a0 = 0
    let a1 = 0
    let a2 = 0
    let a3 = 0
    let b0 = 0
    let b1 = 0
    let b2 = 0
    let b3 = 0
    for (let c = 0; c < columns; c++) {
      const a = packed[upper + c] as number
      const b = packed[lower + c] as number
      const v0 = x[x0 + c] as number
      const v1 = x[x1 + c] as number
      const v2 = x[x2 + c] as number
      const v3 = x[x3 + c] as number
      a0 += a * v0
      a1 += a * v1
      a2 += a * v2
      a3 += a * v3
      b0 += b * v0
      b1 += b * v1
      b2 += b * v2
      b3 += b * v3
    }
    sums[to + row] = a0
    sums[to + packedRows + row] = a1
    sums[to + 2 * packedRows + row] = a2
    sums[to + 3 * packedRows + row] = a3
    const second = lower / columns
    sums[to + second] = b0
    sums[to + packedRows + second] = b1
    sums[to + 2 * packedRows + second] = b2
    sums[to + 3 * packedRows + second] = b3
  }
}

function unpack(matrix: Matrix, sums: Float64Array, lanes: number, scales: Float64Array, out: Float64Array) {
  const { rows, packedRows, perNumber, base, rowScale } = matrix
  for (let lane = 0; lane < lanes; lane++) {
    const scale = scales[lane] as number
    for (let packedRow = 0; packedRow < packedRows; packedRow++) {
      let rest = sums[lane * packedRows + packedRow] as number
      const row = packedRow * perNumber
      for (let part = 0; part < perNumber - 1; part++) {
        const higher = Math.round(rest / base)
        put(out, lane * rows, row + part, rows, (rest - higher * base) * scale, rowScale)
        rest = higher
      }
      put(out, lane * rows, row + perNumber - 1, rows, rest * scale, rowScale)
    }
  }
}

function put(
  out: Float64Array,
  start: number,
  row: number,
  rows: number,
  value: number,
  rowScale: Float64Array,
) {
  if (row < rows) out[start + row] = value * (rowScale[row] as number)
}
