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
  /** To the prompts of all groups, in order. */
  answers: number[][]
  /** What the configuration answered to the prompts it was warmed with. */
  warmAnswers: number[][]
}

/** How much to measure. Stops after `rounds` rounds or `budgetSeconds`, but not before every group was answered. */
export interface Effort {
  rounds: number
  budgetSeconds: number
}

/**
 * Runs a configuration and the reference turn by turn on the same groups of prompts, so that whatever else the
 * machine does meets both alike. Many short rounds and the best of each: on a busy machine some are undisturbed.
 */
export async function compareSpeed(
  weights: Float32Array,
  configuration: ServingConfiguration,
  prompts: { warm: readonly number[][]; groups: readonly (readonly number[][])[] },
  { rounds, budgetSeconds }: Effort,
): Promise<Comparison> {
  const serving = await startServing(weights, configuration)
  const reference = await startServing(weights, referenceConfiguration)
  try {
    // The first answers warm the engine's compiler and count for nothing.
    await reference.generate(prompts.warm)
    const warmAnswers = await serving.generate(prompts.warm)
    const started = performance.now()
    let best = 0
    let bestReference = 0
    const answers: number[][] = []
    const seconds = () => (performance.now() - started) / 1000
    let done = 0
    while (done < prompts.groups.length || (done < rounds && seconds() < budgetSeconds)) {
      const group = prompts.groups[done % prompts.groups.length] ?? []
      bestReference = Math.max(bestReference, (await timed(reference, group)).tokensPerSecond)
      const ours = await timed(serving, group)
      best = Math.max(best, ours.tokensPerSecond)
      if (done < prompts.groups.length) answers.push(...ours.answers)
      done++
    }
    return {
      tokensPerSecond: best,
      referenceTokensPerSecond: bestReference,
      ratio: best / bestReference,
      rounds: done,
      answers,
      warmAnswers,
    }
  } finally {
    await Promise.all([serving.close(), reference.close()])
  }
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
