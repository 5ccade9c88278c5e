import { referenceConfiguration, type ServingConfiguration } from './configuration.ts'
import { type Decoder, makeMemory, runLanes } from './decoder.ts'
import { likeliest } from './generate.ts'
import { type Serving, startServing } from './serve.ts'

export interface Comparison {
  /** Best of the rounds; interruptions by other work only ever slow a round down. */
  tokensPerSecond: number
  referenceTokensPerSecond: number
  ratio: number
  rounds: number
  answers: number[][]
  referenceAnswers: number[][]
}

/**
 * Runs a configuration and the reference turn by turn on the same prompts, so that whatever else the
 * machine does meets both alike. Stops after `rounds` rounds or `budgetSeconds`, but not before one round.
 */
export async function compareSpeed(
  weights: Float32Array,
  configuration: ServingConfiguration,
  prompts: readonly number[][],
  { rounds, budgetSeconds }: { rounds: number; budgetSeconds: number },
): Promise<Comparison> {
  const serving = await startServing(weights, configuration)
  const reference = await startServing(weights, referenceConfiguration)
  try {
    // The first answers warm the engine's compiler and count for nothing.
    await warmUp(reference, prompts, 3)
    await warmUp(serving, prompts, 3)
    const started = performance.now()
    let best = 0
    let bestReference = 0
    let answers: number[][] = []
    let referenceAnswers: number[][] = []
    let done = 0
    while (done < rounds && (done === 0 || performance.now() - started < budgetSeconds * 1000)) {
      const theirs = await timed(reference, prompts)
      const ours = await timed(serving, prompts)
      bestReference = Math.max(bestReference, theirs.tokensPerSecond)
      best = Math.max(best, ours.tokensPerSecond)
      referenceAnswers = theirs.answers
      answers = ours.answers
      done++
    }
    return {
      tokensPerSecond: best,
      referenceTokensPerSecond: bestReference,
      ratio: best / bestReference,
      rounds: done,
      answers,
      referenceAnswers,
    }
  } finally {
    await Promise.all([serving.close(), reference.close()])
  }
}

async function warmUp(serving: Serving, prompts: readonly number[][], seconds: number): Promise<void> {
  const started = performance.now()
  const some = prompts.slice(0, 4)
  for (let turn = 0; turn < 3 && performance.now() - started < seconds * 1000; turn++)
    await serving.generate(some)
}

/** One timed pass over the prompts; tokens are those of the answers. */
export async function timed(serving: Serving, prompts: readonly number[][]) {
  const started = performance.now()
  const answers = await serving.generate(prompts)
  const seconds = (performance.now() - started) / 1000
  const tokens = answers.reduce((sum, answer) => sum + answer.length, 0)
  return { answers, seconds, tokensPerSecond: tokens / seconds }
}

/**
 * Share (0 to 1) of answer words that the reference model itself would have chosen after the same text. Judged word by
 * word on the answer's own beginning, so one different choice does not condemn everything after it.
 */
export function agreement(
  reference: Decoder,
  prompts: readonly number[][],
  answers: readonly number[][],
): number {
  let same = 0
  let total = 0
  for (const [number, prompt] of prompts.entries()) {
    const answer = answers[number] ?? []
    const memory = makeMemory()
    const text = [...prompt, ...answer].slice(0, -1)
    const lanes = text.map((token, position) => ({ memory, token, position }))
    const wanted = answer.map((_, at) => prompt.length - 1 + at)
    const logits = runLanes(reference, lanes, wanted)
    for (const [at, token] of answer.entries()) if (likeliest(logits, at) === token) same++
    total += answer.length
  }
  return total === 0 ? 0 : same / total
}
