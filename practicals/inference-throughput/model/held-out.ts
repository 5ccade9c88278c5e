import { lessons } from './corpus.ts'
import { shape } from './shape.ts'
import { encode } from './vocabulary.ts'

/** The text on which perplexity is stated: lessons that the split keeps out of training. */
export const heldOutTokens = (count = 200): number[] => encode(lessons(77, count, 'held-out').join(' '))

/** Perplexity of guessing each word by how often it occurs in the training text, with one count added to each. */
export function unigramPerplexity(heldOut: readonly number[], trainingSeed: number): number {
  const counts = new Float64Array(shape.vocabulary).fill(1)
  const training = encode(lessons(trainingSeed, 6000, 'training').join(' '))
  for (const token of training) counts[token] = (counts[token] as number) + 1
  const total = training.length + shape.vocabulary
  const nats = heldOut.reduce((sum, token) => sum - Math.log((counts[token] as number) / total), 0)
  return Math.exp(nats / heldOut.length)
}
