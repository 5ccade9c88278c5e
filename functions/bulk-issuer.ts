import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { stepBulkJobs } from '#core/bulk/step-bulk-jobs.ts'
import { zTenantTag } from './aws-settings.ts'
import { type LambdaContext, lambdaEntry } from './lambda-entry.ts'
import { kept } from './lambda-world.ts'
import { eachMessage, isBatch } from './sqs-batch.ts'

const zBell = z.strictObject({ tenant: zTenantTag })
const open = kept((world) => ({ ...world, worker: randomUUID() }))

/** Slices between two looks at the clock. */
const slicesAtOnce = 5
/** A slice of 200 rows takes far less than this. */
const reserveMs = 60_000

/**
 * On Lambda: does bulk jobs, rung by the queue when one begins and by the timetable each minute for what is left.
 * Two at once do no harm: a job is one worker's, by its lease.
 */
export const handler = lambdaEntry(open, async (world, input: unknown, context: LambdaContext) => {
  const { ports, worker } = world
  const work = async () => {
    while (context.getRemainingTimeInMillis() > reserveMs) {
      if ((await stepBulkJobs(ports, { name: worker, slices: slicesAtOnce })) === 0) return
    }
  }
  if (isBatch(input)) return eachMessage(input, zBell, world, work)
  await work()
  return undefined
})
