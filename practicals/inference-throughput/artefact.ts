import * as z from 'zod'
import { zServingConfiguration } from './engine/configuration.ts'

/** What a work run hands over: plain data, nothing that runs. */
export const zArtefact = z.strictObject({
  /** The configuration as it was really used. */
  configuration: zServingConfiguration,
  answers: z.array(z.strictObject({ prompt: z.string().max(4000), answer: z.string().max(4000) })).max(100),
  /** For the learner only; the grader measures for itself. */
  timing: z.strictObject({ seconds: z.number(), tokensPerSecond: z.number() }),
  node: z.string().max(40),
})
export type Artefact = z.output<typeof zArtefact>
