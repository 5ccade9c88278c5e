import { publishDueSnapshot } from '#core/gaps/publish-snapshot.ts'
import { lambdaEntry } from './lambda-entry.ts'
import { kept } from './lambda-world.ts'

const open = kept((world) => world)

/**
 * On Lambda: publishes a snapshot when one is due. One that does not come to an end has brought the facts of some
 * learners up to date, so the next begins further on.
 */
export const handler = lambdaEntry(open, async ({ ports, settings, log }) => {
  const snapshot = await publishDueSnapshot(ports, settings.snapshotEveryDays)
  if (snapshot) log({ level: 'info', event: 'snapshot-published', snapshot: snapshot.id })
  return { published: snapshot?.id }
})
