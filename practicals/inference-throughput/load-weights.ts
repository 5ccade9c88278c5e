import { readFileSync } from 'node:fs'
import { bytesToWeights, weightsDigest } from './model/weights.ts'
import card from './weights.json' with { type: 'json' }

/** The shipped weights; throws when the file is not the one the model card names. */
export function loadWeights(): Float32Array {
  const bytes = readFileSync(new URL('weights.bin', import.meta.url))
  if (weightsDigest(bytes) !== card.sha256) throw new Error('the weights are not those of the model card')
  return bytesToWeights(bytes)
}
