import { lessons } from '../model/corpus.ts'
import { normal, type RandomSource, seededRandom } from '../model/random.ts'
import { shape, tensors, viewTensors, weightCount } from '../model/shape.ts'
import { encode } from '../model/vocabulary.ts'
import { type Batch, lossOf } from './forward-backward.ts'

export interface TrainingPlan {
  seed: number
  steps: number
  rows: number
  length: number
  lessons: number
  peakRate: number
}

/** How the shipped weights were made. Changing anything here changes their digest. */
export const shippedPlan: TrainingPlan = {
  seed: 20261123,
  steps: 600,
  rows: 6,
  length: shape.context,
  lessons: 6000,
  peakRate: 3e-3,
}

/** Trains from nothing. One thread, one order of every sum: the same plan gives the same weights, bit for bit. */
export function trainModel(
  plan: TrainingPlan,
  report: (step: number, loss: number) => void = () => undefined,
): Float32Array {
  const random = seededRandom(plan.seed)
  const weights = firstWeights(random)
  const gradients = new Float32Array(weightCount)
  const text = Int32Array.from(encode(lessons(plan.seed, plan.lessons, 'training').join(' ')))
  const parts = viewTensors(weights)
  const gradientParts = viewTensors(gradients)
  const step = adam(weights, gradients)
  for (let number = 1; number <= plan.steps; number++) {
    gradients.fill(0)
    const loss = lossOf(parts, drawBatch(random, text, plan), gradientParts)
    clip(gradients, 1)
    step(rateAt(number, plan))
    report(number, loss)
  }
  return weights
}

/** exp(mean loss) over held-out lessons, in pieces of the model's context. */
export function perplexity(weights: Float32Array, text: readonly number[]): number {
  const parts = viewTensors(weights)
  const { context } = shape
  const pieces = Math.floor((text.length - 1) / context)
  let sum = 0
  for (let piece = 0; piece < pieces; piece++) {
    const tokens = Int32Array.from(text.slice(piece * context, (piece + 1) * context + 1))
    sum += lossOf(parts, { tokens, rows: 1, length: context })
  }
  return Math.exp(sum / pieces)
}

function firstWeights(random: RandomSource): Float32Array {
  const weights = new Float32Array(weightCount)
  let offset = 0
  for (const { name, rows, columns } of tensors) {
    const part = weights.subarray(offset, offset + rows * columns)
    offset += part.length
    if (rows === 1) part.fill(1)
    else {
      // The parts that write into the running sum start smaller, so that depth does not inflate it.
      const spread = /out|down/.test(name) ? 0.02 / Math.sqrt(2 * shape.layers) : 0.05
      for (let at = 0; at < part.length; at++) part[at] = normal(random) * spread
    }
  }
  return weights
}

function drawBatch(random: RandomSource, text: Int32Array, { rows, length }: TrainingPlan): Batch {
  const tokens = new Int32Array(rows * (length + 1))
  for (let row = 0; row < rows; row++) {
    const start = Math.floor(random() * (text.length - length - 1))
    tokens.set(text.subarray(start, start + length + 1), row * (length + 1))
  }
  return { tokens, rows, length }
}

/** Straight warm-up over the first twentieth, then straight down to a hundredth of the peak. */
function rateAt(step: number, { steps, peakRate }: TrainingPlan): number {
  const warm = Math.max(1, Math.floor(steps / 20))
  if (step <= warm) return (peakRate * step) / warm
  return peakRate * (0.01 + (0.99 * (steps - step)) / (steps - warm))
}

function clip(gradients: Float32Array, longest: number): void {
  let squares = 0
  for (let at = 0; at < gradients.length; at++) squares += (gradients[at] as number) ** 2
  const length = Math.sqrt(squares)
  if (length <= longest) return
  const scale = longest / length
  for (let at = 0; at < gradients.length; at++) gradients[at] = (gradients[at] as number) * scale
}

/** Adam (Kingma and Ba 2015) with its usual constants. */
function adam(weights: Float32Array, gradients: Float32Array) {
  const first = new Float32Array(weights.length)
  const second = new Float32Array(weights.length)
  let firstPower = 1
  let secondPower = 1
  return (rate: number) => {
    firstPower *= 0.9
    secondPower *= 0.98
    for (let at = 0; at < weights.length; at++) {
      const g = gradients[at] as number
      const m = 0.9 * (first[at] as number) + 0.1 * g
      const v = 0.98 * (second[at] as number) + 0.02 * g * g
      first[at] = m
      second[at] = v
      const direction = m / (1 - firstPower) / (Math.sqrt(v / (1 - secondPower)) + 1e-8)
      weights[at] = (weights[at] as number) - rate * direction
    }
  }
}
