import { lessons } from '../inference-throughput/model/corpus.ts'
import { encode } from '../inference-throughput/model/vocabulary.ts'
import { shape } from './model.ts'

/** The text everybody trains on. */
export const trainingText = (): Int32Array => Int32Array.from(encode(lessons(11, 1500, 'training').join(' ')))

/** Text of one attempt that no training has seen, from a seed only the grade run is told. */
export const hiddenText = (seed: number): Int32Array =>
  Int32Array.from(encode(lessons((seed ^ 0x10ad) >>> 0, 60, 'held-out').join(' ')))

/** Loss in nats per word of guessing by how often a word occurs in the training text, with one count added to each. */
export function frequencyLoss(text: Int32Array): number {
  const counts = new Float64Array(shape.words).fill(1)
  const training = trainingText()
  for (const word of training) counts[word] = (counts[word] as number) + 1
  const total = training.length + shape.words
  return text.reduce((sum, word) => sum - Math.log((counts[word] as number) / total), 0) / text.length
}
