import * as z from 'zod'
import { forgetFilesOf } from '#core/learners/forget-files.ts'
import { zId } from '#core/parse.ts'
import { sweepRunFiles } from '#core/practicals/forget-attempts.ts'
import { lambdaEntry } from './lambda-entry.ts'
import { kept, sitesAsked } from './lambda-world.ts'
import { eachMessage, isBatch } from './sqs-batch.ts'

const zWork = z.strictObject({ learnerId: zId('lrn') })
const open = kept((world) => world, sitesAsked)

/**
 * On Lambda: removes what is left of an erased learner in the files and at the sites, a message of the queue each;
 * called by the timetable, the files of runs that are older than they are kept.
 */
export const handler = lambdaEntry(open, async (world, input: unknown) => {
  const { ports } = world
  if (!isBatch(input)) return { swept: await sweepRunFiles(ports) }
  return eachMessage(input, zWork, world, ({ learnerId }) => forgetFilesOf(learnerId, ports))
})
