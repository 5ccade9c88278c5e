import { isDeepStrictEqual } from 'node:util'
import type { Judgement } from '../kit/grade-run.ts'
import { expectedTraffic } from './all-reduce.ts'
import type { Artefact } from './artefact.ts'
import { frequencyLoss, hiddenText } from './corpus.ts'
import { lossOf, samplesIn } from './model.ts'
import { dataParallelScaling, type TrainingConfiguration } from './practical.ts'
import { type RankEnd, strongScaling, train } from './train-ranks.ts'

/**
 * Judges a parallel training: does it again, counts what its ranks send, holds both against what the artefact says
 * and against what must be so, and measures loss and scaling itself. Fewer rounds in tests.
 */
export async function judgeTraining(
  artefact: Artefact | undefined,
  handedIn: unknown,
  seed: number,
  rounds = 8,
): Promise<Judgement> {
  const configuration = dataParallelScaling.zConfiguration.parse(handedIn)
  const ends = await train(configuration)
  const efficiency = await strongScaling(configuration, rounds)
  const text = hiddenText(seed)
  const starts = Array.from({ length: samplesIn(text) }, (_, at) => at)
  const models = new Map(ends.map(({ digest, weights }) => [digest, weights]))
  const losses = [...models.values()].map((weights) => lossOf(weights, text, starts) / starts.length)
  const gain = frequencyLoss(text) - Math.max(...losses)
  return {
    sanity: checkTraining(artefact, configuration, ends),
    metrics: [
      // The worst rank counts: whoever trains apart has as many models as workers.
      // A training that ran away has no loss at all.
      { name: 'loss_gain', value: Number.isFinite(gain) ? Math.max(0, gain) : 0, unit: '1' },
      { name: 'strong_scaling_efficiency', value: efficiency, unit: '1' },
    ],
  }
}

/** What must be so of a training, whatever it learned. With fewer samples in tests. */
export function checkTraining(
  artefact: Artefact | undefined,
  configuration: TrainingConfiguration,
  ends: readonly RankEnd[],
  samples?: number,
): Judgement['sanity'] {
  const traffic = ends.map(({ messages, bytes }) => ({ messages, bytes }))
  const checks = {
    configuration_unchanged: isDeepStrictEqual(artefact?.configuration, configuration),
    several_ranks: ends.length >= 2,
    ranks_agree: ends.every(({ digest }) => digest === ends[0]?.digest),
    communication_counted:
      traffic.every(({ messages }) => messages > 0) &&
      isDeepStrictEqual(traffic, expectedTraffic(configuration, samples)),
    training_reproduced: isDeepStrictEqual(artefact?.ranks, ends.map(rankLine)),
  }
  return Object.entries(checks).map(([name, held]) => ({ name, held }))
}

/** What the artefact says of a rank. */
export const rankLine = ({ rank, steps, messages, bytes, digest }: RankEnd): Artefact['ranks'][number] => ({
  rank,
  steps,
  messages,
  bytes,
  digest,
})
