const epsilon = 1e-5

/** out = gain · x / rms(x) for each row; keeps 1 / rms(x) per row for the way back. */
export function normalise(
  out: Float32Array,
  inverse: Float32Array,
  x: Float32Array,
  gain: Float32Array,
  width: number,
): void {
  for (let row = 0; row < inverse.length; row++) {
    const start = row * width
    let squares = 0
    for (let i = 0; i < width; i++) squares += (x[start + i] as number) ** 2
    const scale = 1 / Math.sqrt(squares / width + epsilon)
    inverse[row] = scale
    for (let i = 0; i < width; i++) out[start + i] = (x[start + i] as number) * scale * (gain[i] as number)
  }
}

/** Adds to dx and dGain what `normalise` passes back from dOut. */
export function normaliseBack(
  dx: Float32Array,
  dGain: Float32Array,
  dOut: Float32Array,
  x: Float32Array,
  gain: Float32Array,
  inverse: Float32Array,
  width: number,
): void {
  for (let row = 0; row < inverse.length; row++) {
    const start = row * width
    const scale = inverse[row] as number
    let along = 0
    for (let i = 0; i < width; i++) {
      along += (dOut[start + i] as number) * (gain[i] as number) * (x[start + i] as number)
    }
    const back = (along * scale * scale * scale) / width
    for (let i = 0; i < width; i++) {
      const at = start + i
      const d = dOut[at] as number
      const value = x[at] as number
      dGain[i] = (dGain[i] as number) + d * value * scale
      dx[at] = (dx[at] as number) + d * (gain[i] as number) * scale - value * back
    }
  }
}

/** Causal softmax of a square of scores in place: row t sees columns 0 to t, the rest become 0. */
export function causalSoftmax(scores: Float32Array, size: number, scale: number): void {
  for (let t = 0; t < size; t++) {
    const start = t * size
    let highest = Number.NEGATIVE_INFINITY
    for (let s = 0; s <= t; s++) highest = Math.max(highest, (scores[start + s] as number) * scale)
    let sum = 0
    for (let s = 0; s <= t; s++) {
      const e = Math.exp((scores[start + s] as number) * scale - highest)
      scores[start + s] = e
      sum += e
    }
    for (let s = 0; s < size; s++) scores[start + s] = s <= t ? (scores[start + s] as number) / sum : 0
  }
}

/** Turns dOut of `causalSoftmax` into the gradient of its input, in place. */
export function causalSoftmaxBack(d: Float32Array, out: Float32Array, size: number, scale: number): void {
  for (let t = 0; t < size; t++) {
    const start = t * size
    let along = 0
    for (let s = 0; s <= t; s++) along += (d[start + s] as number) * (out[start + s] as number)
    for (let s = 0; s < size; s++) {
      d[start + s] = s <= t ? (out[start + s] as number) * ((d[start + s] as number) - along) * scale : 0
    }
  }
}

/**
 * Mean cross-entropy in nats of `logits` against `targets`; the logits become their own gradient.
 */
export function crossEntropy(logits: Float32Array, targets: Int32Array, classes: number): number {
  let loss = 0
  for (let row = 0; row < targets.length; row++) {
    const start = row * classes
    let highest = Number.NEGATIVE_INFINITY
    for (let c = 0; c < classes; c++) highest = Math.max(highest, logits[start + c] as number)
    let sum = 0
    for (let c = 0; c < classes; c++) sum += Math.exp((logits[start + c] as number) - highest)
    const target = targets[row] as number
    loss += highest + Math.log(sum) - (logits[start + target] as number)
    for (let c = 0; c < classes; c++) {
      const share = Math.exp((logits[start + c] as number) - highest) / sum
      logits[start + c] = (share - (c === target ? 1 : 0)) / targets.length
    }
  }
  return loss / targets.length
}
