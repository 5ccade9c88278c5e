import { normal, type RandomSource } from '../inference-throughput/model/random.ts'

/**
 * A small model of language: the words before are looked up, joined, mixed once and turned into a guess of the next
 * one (after Bengio et al. 2003). All weights lie in one array, so that what workers exchange is one array too.
 */
export const shape = { words: 452, before: 3, width: 12, hidden: 32 } as const
const inputs = shape.before * shape.width

const sizes = {
  embedding: shape.words * shape.width,
  mix: shape.hidden * inputs,
  mixBias: shape.hidden,
  output: shape.words * shape.hidden,
  outputBias: shape.words,
}
export const weightCount = Object.values(sizes).reduce((sum, size) => sum + size, 0)

interface Parts {
  embedding: Float32Array
  mix: Float32Array
  mixBias: Float32Array
  output: Float32Array
  outputBias: Float32Array
}

function parts(flat: Float32Array): Parts {
  let from = 0
  const take = (size: number) => {
    from += size
    return flat.subarray(from - size, from)
  }
  return {
    embedding: take(sizes.embedding),
    mix: take(sizes.mix),
    mixBias: take(sizes.mixBias),
    output: take(sizes.output),
    outputBias: take(sizes.outputBias),
  }
}

/** Weights to begin with: the same for the same source, on every rank. */
export function firstWeights(random: RandomSource): Float32Array {
  const flat = new Float32Array(weightCount)
  const { embedding, mix, output } = parts(flat)
  for (const [part, spread] of [
    [embedding, 0.3],
    [mix, 1 / Math.sqrt(inputs)],
    [output, 1 / Math.sqrt(shape.hidden)],
  ] as const)
    for (let at = 0; at < part.length; at++) part[at] = normal(random) * spread
  return flat
}

/** A word and the ones before it: `before` tokens, then the one to guess. */
const sampleLength = shape.before + 1

/**
 * Sum of the cross-entropy (nats) of some samples of `text`, named by where they begin; adds their gradients to
 * `gradients` where it is given. Everything in one order, so that the same samples give the same bits.
 */
export function lossOf(
  flat: Float32Array,
  text: Int32Array,
  starts: ArrayLike<number>,
  gradients?: Float32Array,
): number {
  const { embedding, mix, mixBias, output, outputBias } = parts(flat)
  const g = gradients && parts(gradients)
  const { words, before, width, hidden } = shape
  const x = new Float64Array(inputs)
  const h = new Float64Array(hidden)
  const dh = new Float64Array(hidden)
  const p = new Float64Array(words)
  let loss = 0
  for (let sample = 0; sample < starts.length; sample++) {
    const start = starts[sample] as number
    for (let b = 0; b < before; b++) {
      const row = (text[start + b] as number) * width
      for (let i = 0; i < width; i++) x[b * width + i] = embedding[row + i] as number
    }
    for (let j = 0; j < hidden; j++) {
      let sum = mixBias[j] as number
      const row = j * inputs
      for (let i = 0; i < inputs; i++) sum += (mix[row + i] as number) * (x[i] as number)
      h[j] = Math.tanh(sum)
    }
    let highest = Number.NEGATIVE_INFINITY
    for (let word = 0; word < words; word++) {
      let sum = outputBias[word] as number
      const row = word * hidden
      for (let j = 0; j < hidden; j++) sum += (output[row + j] as number) * (h[j] as number)
      p[word] = sum
      if (sum > highest) highest = sum
    }
    let total = 0
    for (let word = 0; word < words; word++) total += p[word] = Math.exp((p[word] as number) - highest)
    const target = text[start + before] as number
    loss -= Math.log((p[target] as number) / total)
    if (!g) continue
    dh.fill(0)
    for (let word = 0; word < words; word++) {
      const d = (p[word] as number) / total - (word === target ? 1 : 0)
      g.outputBias[word] = (g.outputBias[word] as number) + d
      const row = word * hidden
      for (let j = 0; j < hidden; j++) {
        dh[j] = (dh[j] as number) + d * (output[row + j] as number)
        g.output[row + j] = (g.output[row + j] as number) + d * (h[j] as number)
      }
    }
    const dx = new Float64Array(inputs)
    for (let j = 0; j < hidden; j++) {
      const d = (dh[j] as number) * (1 - (h[j] as number) ** 2)
      g.mixBias[j] = (g.mixBias[j] as number) + d
      const row = j * inputs
      for (let i = 0; i < inputs; i++) {
        dx[i] = (dx[i] as number) + d * (mix[row + i] as number)
        g.mix[row + i] = (g.mix[row + i] as number) + d * (x[i] as number)
      }
    }
    for (let b = 0; b < before; b++) {
      const row = (text[start + b] as number) * width
      for (let i = 0; i < width; i++)
        g.embedding[row + i] = (g.embedding[row + i] as number) + (dx[b * width + i] as number)
    }
  }
  return loss
}

/** How many samples a text holds. */
export const samplesIn = (text: Int32Array): number => text.length - sampleLength + 1
