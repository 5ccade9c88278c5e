import * as z from 'zod'
import { forgetFilesOf } from '#core/learners/forget-files.ts'
import { zId } from '#core/parse.ts'
import { kept } from './lambda-world.ts'
import { eachMessage } from './sqs-batch.ts'

const zWork = z.strictObject({ learnerId: zId('lrn') })
const open = kept((world) => world)

/** On Lambda: what is left of an erased learner in the files, a message of the queue each. */
export async function handler(input: unknown) {
  const { ports, log } = await open()
  return eachMessage(input, zWork, log, ({ learnerId }) => forgetFilesOf(learnerId, ports))
}
