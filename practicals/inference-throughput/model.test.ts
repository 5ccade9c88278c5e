import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { loadWeights } from './load-weights.ts'
import { lessons } from './model/corpus.ts'
import { heldOutTokens, unigramPerplexity } from './model/held-out.ts'
import { shape, viewTensors, weightCount } from './model/shape.ts'
import { encode, unknownToken } from './model/vocabulary.ts'
import { weightsDigest, weightsToBytes } from './model/weights.ts'
import { lossOf } from './training/forward-backward.ts'
import { perplexity, shippedPlan, trainModel } from './training/train-model.ts'
import card from './weights.json' with { type: 'json' }

const short = { ...shippedPlan, steps: 2, rows: 2, length: 24, lessons: 50 }

describe('the shipped model', () => {
  test('has at least 2 layers and 200,000 weights in at most 4 MiB', () => {
    expect(shape.layers).toBeGreaterThanOrEqual(2)
    expect(weightCount).toBeGreaterThanOrEqual(200_000)
    expect(card.bytes).toBeLessThanOrEqual(4 * 1024 * 1024)
  })

  test('is the file that the card, the spec and the plan in the sources name', () => {
    const bytes = readFileSync(new URL('weights.bin', import.meta.url))
    const spec = parseYaml(readFileSync(new URL('spec.yaml', import.meta.url), 'utf8'))
    expect(weightsDigest(bytes)).toBe(card.sha256)
    expect(spec.pins.weights).toBe(card.sha256)
    expect(card.plan).toEqual(shippedPlan)
    expect(card.shape).toEqual(shape)
  })

  test('has the stated perplexity on held-out text, far below guessing by frequency', () => {
    const part = heldOutTokens(60)
    const found = perplexity(loadWeights(), part)
    // The card states it over 200 lessons; these are the first 60 of them.
    expect(found).toBeGreaterThan(card.perplexity.heldOut * 0.9)
    expect(found).toBeLessThan(card.perplexity.heldOut * 1.1)
    expect(unigramPerplexity(part, shippedPlan.seed)).toBeGreaterThan(found * 50)
  })

  test('was trained on none of the held-out lessons, and knows their every word', () => {
    const training = new Set(lessons(shippedPlan.seed, shippedPlan.lessons, 'training'))
    const heldOut = lessons(77, 200, 'held-out')
    expect(heldOut.filter((text) => training.has(text))).toEqual([])
    expect(encode(heldOut.join(' '))).not.toContain(unknownToken)
  })
})

describe('training', () => {
  test('with the same seed gives the same SHA-256, with another seed another', () => {
    const digest = (plan: typeof short) => weightsDigest(weightsToBytes(trainModel(plan)))
    expect(digest(short)).toBe(digest(short))
    expect(digest({ ...short, seed: 7 })).not.toBe(digest(short))
  })

  test('lowers the loss', () => {
    const losses: number[] = []
    trainModel({ ...short, steps: 12, peakRate: 0.01 }, (_step, loss) => losses.push(loss))
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) - 0.5)
  })

  test('follows the true slope: gradients agree with finite differences', () => {
    const weights = trainModel(short)
    const text = encode(lessons(9, 5, 'training').join(' '))
    const batch = { tokens: Int32Array.from(text.slice(0, 26)), rows: 2, length: 12 }
    const gradients = new Float32Array(weightCount)
    lossOf(viewTensors(weights), batch, viewTensors(gradients))
    const step = 0.02
    for (let turn = 0; turn < 24; turn++) {
      const at = (turn * 245_489) % weightCount
      const before = weights[at] as number
      weights[at] = before + step
      const above = lossOf(viewTensors(weights), batch)
      weights[at] = before - step
      const below = lossOf(viewTensors(weights), batch)
      weights[at] = before
      const slope = (above - below) / (2 * step)
      expect(Math.abs((gradients[at] as number) - slope)).toBeLessThan(1e-3 + 0.05 * Math.abs(slope))
    }
  })
})
