import * as z from 'zod'

/** What a work run hands over: what the script did on the shards anybody may see. The grader runs it again itself. */
export const zArtefact = z.strictObject({
  script: z.string().max(20_000),
  /** Lines that look like options and were none. */
  unheeded: z.array(z.int()).max(1000),
  box: z.enum(['bwrap', 'apptainer', 'none']),
  tasks: z
    .array(
      z.strictObject({
        task: z.int(),
        exitCode: z.int(),
        stopped: z.enum(['wall-time', 'output', 'signal']).optional(),
        wrote: z.array(z.string().max(300)).max(64),
        touched: z.array(z.string().max(300)).max(64),
        log: z.string().max(8000).optional(),
      }),
    )
    .max(16),
})
export type Artefact = z.output<typeof zArtefact>
