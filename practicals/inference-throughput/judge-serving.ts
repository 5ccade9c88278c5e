import { isDeepStrictEqual } from 'node:util'
import type { Judgement } from '../kit/grade-run.ts'
import type { Artefact } from './artefact.ts'
import { zServingConfiguration } from './engine/configuration.ts'
import { makeDecoder } from './engine/decoder.ts'
import { agreement, compareSpeed, type Effort } from './engine/measure.ts'
import { answerLength, hiddenGroups, leastAgreement, publicPrompts } from './hidden.ts'
import { decode } from './model/vocabulary.ts'

/**
 * Judges a configuration: serves hidden prompts with it and with the reference, compares what they say and how fast
 * they say it. `effort` is for tests.
 */
export async function judgeServing(
  weights: Float32Array,
  artefact: Artefact | undefined,
  handedIn: unknown,
  seed: number,
  effort: Effort = { rounds: 16, budgetSeconds: 4 },
): Promise<Judgement> {
  const configuration = zServingConfiguration.parse(handedIn)
  const warm = publicPrompts()
  const groups = hiddenGroups(seed)
  const speed = await compareSpeed(weights, configuration, { warm, groups }, effort)
  const agreed = agreement(makeDecoder(weights, 'float32'), groups.flat(), speed.answers)
  const reproduced = warm.map((prompt, at) => ({
    prompt: decode(prompt),
    answer: decode(speed.warmAnswers[at] ?? []),
  }))
  const checks = {
    configuration_unchanged: isDeepStrictEqual(artefact?.configuration, configuration),
    artefact_reproduced: isDeepStrictEqual(artefact?.answers, reproduced),
    answers_complete: speed.answers.every((answer) => answer.length === answerLength),
    outputs_match_reference: agreed >= leastAgreement,
  }
  return {
    sanity: Object.entries(checks).map(([name, held]) => ({ name, held })),
    metrics: [
      { name: 'tokens_per_second_ratio', value: speed.ratio, unit: '1' },
      { name: 'tokens_per_second', value: speed.tokensPerSecond, unit: '/s' },
      { name: 'reference_tokens_per_second', value: speed.referenceTokensPerSecond, unit: '/s' },
      { name: 'agreement', value: agreed, unit: '1' },
    ],
  }
}
