import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { Traffic } from './communicator.ts'
import { trainingText } from './corpus.ts'
import { stepsOf, type TrainingConfiguration } from './practical.ts'

/** What a rank says at the end of its training. */
export interface RankEnd extends Traffic {
  rank: number
  steps: number
  /** SHA-256 of its weights. */
  digest: string
  /** Mean loss of its own samples, step by step. */
  losses: number[]
  weights: Float32Array
}

interface Ranks {
  /** Lets every rank take so many steps; answers the seconds until the last one was there. */
  run(steps: number): Promise<number>
  /** Ends the ranks. */
  finish(): Promise<RankEnd[]>
}

/** Starts the workers of a training: one thread each, and a channel between each two. */
function startRanks(configuration: TrainingConfiguration, samples?: number): Ranks {
  const { workers } = configuration
  const steps = stepsOf(configuration, samples)
  const text = trainingText()
  const ports = Array.from({ length: workers }, () => new Map<number, MessagePort>())
  for (let a = 0; a < workers; a++) {
    for (let b = a + 1; b < workers; b++) {
      const { port1, port2 } = new MessageChannel()
      ports[a]?.set(b, port1)
      ports[b]?.set(a, port2)
    }
  }
  const ranks = ports.map(
    (own, rank) =>
      new Worker(new URL('rank.ts', import.meta.url), {
        workerData: { rank, configuration, steps, text, ports: [...own] },
        transferList: [...own.values()],
      }),
  )
  const ask = <T>(message: unknown) =>
    Promise.all(
      ranks.map(
        (rank) =>
          new Promise<T>((resolve, reject) => {
            rank.once('error', reject)
            rank.once('message', (answer: T) => {
              rank.off('error', reject)
              resolve(answer)
            })
            rank.postMessage(message)
          }),
      ),
    )
  return {
    async run(count) {
      const from = performance.now()
      await ask({ run: count })
      return (performance.now() - from) / 1000
    },
    finish: () => ask<RankEnd>('finish'),
  }
}

/** One whole training; with fewer samples in tests. */
export async function train(configuration: TrainingConfiguration, samples?: number): Promise<RankEnd[]> {
  const ranks = startRanks(configuration, samples)
  await ranks.run(stepsOf(configuration, samples))
  return ranks.finish()
}

/** Enough for a step to be timed, few enough for many rounds. */
const samplesPerRound = 256

/**
 * Time of one worker for a step, divided by the time of all workers for it times their number: 1 is perfect. Both
 * do the same step turn by turn, and the best of each counts, so that the machine's other work decides nothing.
 */
export async function strongScaling(configuration: TrainingConfiguration, rounds: number): Promise<number> {
  const { workers, batchPerWorker } = configuration
  const steps = Math.max(1, Math.round(samplesPerRound / (workers * batchPerWorker)))
  const alone = startRanks({ ...configuration, workers: 1, batchPerWorker: workers * batchPerWorker })
  const together = startRanks(configuration)
  const best = { alone: Number.POSITIVE_INFINITY, together: Number.POSITIVE_INFINITY }
  for (let round = 0; round < rounds; round++) {
    best.alone = Math.min(best.alone, await alone.run(steps))
    best.together = Math.min(best.together, await together.run(steps))
  }
  await Promise.all([alone.finish(), together.finish()])
  return best.alone / (workers * best.together)
}
