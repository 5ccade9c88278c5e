import * as z from 'zod'
import type { Json } from '#core/records.ts'

/** Samples one training may look at: more workers share them, they do not get more. */
const sampleBudget = 8192
export const mostWorkers = 4

/** What the learner hands in: how the training is spread over workers. Every member is a real switch. */
const zConfiguration = z.strictObject({
  workers: z.int().min(1).max(mostWorkers),
  /** Samples a worker looks at before the workers exchange; all workers together make one step. */
  batchPerWorker: z.int().min(4).max(512),
  learningRate: z.number().min(0.001).max(10),
  /** Steps over which the learning rate rises from nothing. */
  warmupSteps: z.int().min(0).max(500),
  /** How sums are made: round a ring in pieces, all at one worker, or not at all. */
  exchange: z.enum(['ring', 'gather', 'none']),
  /** 1: gradients at every step. More: workers go on alone and average their weights so often. */
  exchangeEvery: z.int().min(1).max(32),
})
export type TrainingConfiguration = z.output<typeof zConfiguration>

/** Steps so many samples are enough for. */
export const stepsOf = ({ workers, batchPerWorker }: TrainingConfiguration, samples = sampleBudget): number =>
  Math.max(1, Math.floor(samples / (workers * batchPerWorker)))

/** One worker, which trains well and is not parallel. */
const oneWorker: TrainingConfiguration = {
  workers: 1,
  batchPerWorker: 64,
  learningRate: 0.8,
  warmupSteps: 12,
  exchange: 'ring',
  exchangeEvery: 1,
}

/** What the academy needs to know of this practical beside its `spec.yaml`. */
export const dataParallelScaling = {
  zConfiguration,
  exampleFor: (): Json => oneWorker,
  input: { kind: 'json' },
} as const
