import * as z from 'zod'
import { dataParallelScaling, mostWorkers } from './practical.ts'

/** What a work run hands over: plain data, nothing that runs. */
export const zArtefact = z.strictObject({
  configuration: dataParallelScaling.zConfiguration,
  ranks: z
    .array(
      z.strictObject({
        rank: z.int().min(0),
        steps: z.int().min(0),
        messages: z.int().min(0),
        bytes: z.int().min(0),
        digest: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(mostWorkers),
  /** For the learner only; the grader measures for itself. */
  seconds: z.number(),
})
export type Artefact = z.output<typeof zArtefact>
