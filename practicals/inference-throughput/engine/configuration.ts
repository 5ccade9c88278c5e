import * as z from 'zod'

/** What the learner hands in: how to serve the model. Every member is a real switch of the engine. */
export const zServingConfiguration = z.strictObject({
  /** Requests that share one pass over the weights; eight wait at a time. */
  batchSize: z.int().min(1).max(8),
  /** Worker threads, each with its own copy of the weights. */
  threads: z.int().min(1).max(8),
  /** Keep keys and values of earlier tokens, or compute the whole text again for each new one. */
  kvCache: z.boolean(),
  /** How weights and activations are held while multiplying. */
  precision: z.enum(['float32', 'int8', 'int4']),
  /** Words of answer per request. */
  maxNewTokens: z.int().min(1).max(48),
})
export type ServingConfiguration = z.output<typeof zServingConfiguration>
export type Precision = ServingConfiguration['precision']

/** What every speed is compared with, measured in the same run on the same machine. */
export const referenceConfiguration: ServingConfiguration = {
  batchSize: 1,
  threads: 1,
  kvCache: true,
  precision: 'float32',
  maxNewTokens: 48,
}
