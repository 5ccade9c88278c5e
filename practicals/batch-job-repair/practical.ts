import * as z from 'zod'
import { faultyScript } from './faulty-script.ts'
import { readJobScript, scriptMaxCharacters } from './job-script.ts'

/** What the learner hands in: the script as it is, byte for byte. Refused as `sbatch` would, and with the line. */
const zConfiguration = z.strictObject({
  script: z
    .string()
    .max(scriptMaxCharacters)
    .superRefine((text, context) => {
      const read = readJobScript(text)
      if (!('what' in read)) return
      const place = read.line === 0 ? '' : `line ${read.line}: `
      context.addIssue({ code: 'custom', message: `${place}${read.what}` })
    }),
})

export const batchJobRepair = {
  zConfiguration,
  /** Every learner mends a script of their own. */
  exampleFor: (seed: number) => ({ script: faultyScript(seed) }),
  input: { kind: 'script', member: 'script' },
} as const
