/** A matrix inside a flat array: element (i, j) is at `offset + i * down + j * across`. */
export interface View {
  values: Float32Array
  offset: number
  down: number
  across: number
}

/** Whole arrays as matrices, plain or transposed. */
export const rowsOf = (values: Float32Array, columns: number): View => ({
  values,
  offset: 0,
  down: columns,
  across: 1,
})
export const transposed = ({ values, offset, down, across }: View): View => ({
  values,
  offset,
  down: across,
  across: down,
})

/**
 * out (rows × columns) += a (rows × depth) · b (depth × columns). Sums are carried in double precision and
 * in one fixed order, so the result is the same on every machine. Works in 4 × 4 blocks held in registers.
 */
export function multiplyAdd(out: View, a: View, b: View, rows: number, columns: number, depth: number): void {
  const wholeRows = rows & ~3
  const wholeColumns = columns & ~3
  for (let i = 0; i < wholeRows; i += 4) {
    for (let j = 0; j < wholeColumns; j += 4) block(out, a, b, i, j, depth)
    for (let j = wholeColumns; j < columns; j++) {
      for (let row = i; row < i + 4; row++) single(out, a, b, row, j, depth)
    }
  }
  for (let i = wholeRows; i < rows; i++) {
    for (let j = 0; j < columns; j++) single(out, a, b, i, j, depth)
  }
}

function single(out: View, a: View, b: View, i: number, j: number, depth: number): void {
  let sum = 0
  for (let p = 0; p < depth; p++) {
    sum +=
      (a.values[a.offset + i * a.down + p * a.across] as number) *
      (b.values[b.offset + p * b.down + j * b.across] as number)
  }
  const at = out.offset + i * out.down + j * out.across
  out.values[at] = (out.values[at] as number) + sum
}

function block(out: View, a: View, b: View, i: number, j: number, depth: number): void {
  const left = a.values
  const right = b.values
  const leftDown = a.down
  const rightAcross = b.across
  let leftAt = a.offset + i * leftDown
  let rightAt = b.offset + j * rightAcross
  let s00 = 0,
    s01 = 0,
    s02 = 0,
    s03 = 0
  let s10 = 0,
    s11 = 0,
    s12 = 0,
    s13 = 0
  let s20 = 0,
    s21 = 0,
    s22 = 0,
    s23 = 0
  let s30 = 0,
    s31 = 0,
    s32 = 0,
    s33 = 0
  for (let p = 0; p < depth; p++) {
    const a0 = left[leftAt] as number
    const a1 = left[leftAt + leftDown] as number
    const a2 = left[leftAt + 2 * leftDown] as number
    const a3 = left[leftAt + 3 * leftDown] as number
    const b0 = right[rightAt] as number
    const b1 = right[rightAt + rightAcross] as number
    const b2 = right[rightAt + 2 * rightAcross] as number
    const b3 = right[rightAt + 3 * rightAcross] as number
    s00 += a0 * b0
    s01 += a0 * b1
    s02 += a0 * b2
    s03 += a0 * b3
    s10 += a1 * b0
    s11 += a1 * b1
    s12 += a1 * b2
    s13 += a1 * b3
    s20 += a2 * b0
    s21 += a2 * b1
    s22 += a2 * b2
    s23 += a2 * b3
    s30 += a3 * b0
    s31 += a3 * b1
    s32 += a3 * b2
    s33 += a3 * b3
    leftAt += a.across
    rightAt += b.down
  }
  addRow(out, i, j, s00, s01, s02, s03)
  addRow(out, i + 1, j, s10, s11, s12, s13)
  addRow(out, i + 2, j, s20, s21, s22, s23)
  addRow(out, i + 3, j, s30, s31, s32, s33)
}

function addRow(out: View, i: number, j: number, s0: number, s1: number, s2: number, s3: number): void {
  const { values, across } = out
  const at = out.offset + i * out.down + j * across
  values[at] = (values[at] as number) + s0
  values[at + across] = (values[at + across] as number) + s1
  values[at + 2 * across] = (values[at + 2 * across] as number) + s2
  values[at + 3 * across] = (values[at + 3 * across] as number) + s3
}
