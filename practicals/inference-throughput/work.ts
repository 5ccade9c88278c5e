import { readFileSync, writeFileSync } from 'node:fs'
import type { Artefact } from './artefact.ts'
import { zServingConfiguration } from './engine/configuration.ts'
import { timed } from './engine/measure.ts'
import { startServing } from './engine/serve.ts'
import { publicPrompts } from './hidden.ts'
import { loadWeights } from './load-weights.ts'
import { decode } from './model/vocabulary.ts'

// The learner's run: serves the model as their configuration says and hands over what came out. Works in the
// current folder, knows no secret, and is given nothing of the learner but this one file of data.
const configuration = zServingConfiguration.parse(JSON.parse(readFileSync('configuration.json', 'utf8')))
const prompts = publicPrompts()
const serving = await startServing(loadWeights(), configuration)
const { answers, seconds, tokensPerSecond } = await timed(serving, prompts)
await serving.close()
const artefact: Artefact = {
  configuration,
  answers: prompts.map((prompt, at) => ({ prompt: decode(prompt), answer: decode(answers[at] ?? []) })),
  timing: { seconds, tokensPerSecond },
  node: process.version,
}
writeFileSync('out/artefact.json', JSON.stringify(artefact, undefined, 2))
console.log(`answered ${answers.length} prompts at ${tokensPerSecond.toFixed(0)} words per second`)
