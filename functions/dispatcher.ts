import * as z from 'zod'
import { sendDue } from '#core/practicals/drive-attempts.ts'
import { lambdaEntry } from './lambda-entry.ts'
import { keptAtSite } from './own-site.ts'
import { eachMessage } from './sqs-batch.ts'

const zBell = z.strictObject({})
const open = keptAtSite()

/**
 * On Lambda: sends what was started for one site, rung by the queue. A bell that rings twice finds nothing more to
 * do; one that is lost leaves it to the poller.
 */
export const handler = lambdaEntry(open, (world, input: unknown) =>
  eachMessage(input, zBell, world, async () => {
    await sendDue(world.site.profile.name, world.ports)
  }),
)
