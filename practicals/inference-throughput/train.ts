import { writeFileSync } from 'node:fs'
import { heldOutTokens, unigramPerplexity } from './model/held-out.ts'
import { shape, weightCount } from './model/shape.ts'
import { weightsDigest, weightsToBytes } from './model/weights.ts'
import { perplexity, shippedPlan, trainModel } from './training/train-model.ts'

// `npm run train`: makes `weights.bin` and `weights.json` anew. `-- --dry-run` only prints the digest.
const started = performance.now()
const seconds = () => ((performance.now() - started) / 1000).toFixed(0)
const weights = trainModel(shippedPlan, (step, loss) => {
  if (step % 50 === 0)
    console.log(`step ${step}/${shippedPlan.steps}  loss ${loss.toFixed(3)}  ${seconds()} s`)
})
const bytes = weightsToBytes(weights)
const heldOut = heldOutTokens()
const card = {
  sha256: weightsDigest(bytes),
  bytes: bytes.length,
  weights: weightCount,
  shape,
  plan: shippedPlan,
  perplexity: {
    heldOut: Number(perplexity(weights, heldOut).toFixed(4)),
    unigram: Number(unigramPerplexity(heldOut, shippedPlan.seed).toFixed(1)),
    uniform: shape.vocabulary,
  },
}
console.log(JSON.stringify(card, undefined, 2))
if (!process.argv.includes('--dry-run')) {
  writeFileSync(new URL('weights.bin', import.meta.url), bytes)
  writeFileSync(new URL('weights.json', import.meta.url), `${JSON.stringify(card, undefined, 2)}\n`)
}
