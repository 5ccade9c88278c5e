import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { answerOf, type SiteAnswer, zSiteQuestion } from '#adapters/lambda/site.ts'
import { driveSite, earliestLook } from '#core/practicals/drive-attempts.ts'
import type { SignedHint } from '#core/practicals/site.ts'
import { isSignedHint } from '#http/hint-signature.ts'
import { describeError } from '#http/log.ts'
import { needed } from './aws-settings.ts'
import { lambdaEntry } from './lambda-entry.ts'
import { publishMetrics } from './metrics.ts'
import { keptAtSite, type SiteWorld } from './own-site.ts'

/** What it leaves itself to do, once a hint was rightly signed. */
const zHinted = z.strictObject({ ask: z.literal('hinted') })
/** The timetable asks nothing; the other functions ask what only this one can reach. */
const zInput = z.union([zSiteQuestion, zHinted, z.strictObject({ ask: z.undefined().optional() })])
const open = keptAtSite()

/** The timetable calls every minute. */
const roundSeconds = 50
const shortestPauseMs = 1000

/**
 * On Lambda: looks after the jobs of one site, called by the timetable each minute. Looks again as soon as the next
 * one is due, as long as the minute lasts, and ends at once where there is nothing. Two at once do no harm.
 */
export const handler = lambdaEntry(
  open,
  async (world, input: unknown): Promise<SiteAnswer | { moved: number }> => {
    const question = zInput.parse(input)
    switch (question.ask) {
      case undefined:
        return lookAfter(world)
      case 'hinted':
        return { moved: await driveSite(world.site.profile.name, world.ports, { hinted: true }) }
      default:
        return answerOf(question, world.site, (hint) => takeHint(hint, world))
    }
  },
)

/**
 * Leaves what a hint tells of to another invocation of this function, since no time passes for one that has
 * answered: the site hears at once that it was heard, and waits for none of its own answers.
 */
async function takeHint(hint: SignedHint, { aws, site }: SiteWorld): Promise<boolean> {
  if (!isSignedHint(hint, site.hintSecret?.())) return false
  const { tellFunction } = await import('#adapters/lambda/client.ts')
  const itself = `${needed(aws.pollerFunctions, 'POLLER_FUNCTIONS')}${site.profile.name}`
  await tellFunction(itself, { ask: 'hinted' } satisfies z.output<typeof zHinted>)
  return true
}

async function lookAfter({ ports, log, aws, site }: SiteWorld): Promise<{ moved: number }> {
  const { name } = site.profile
  const now = () => ports.clock.now().getTime()
  const end = now() + roundSeconds * 1000
  // Before anything is done: how late it would have been without us.
  const due = await earliestLook(name, ports)
  const lagSeconds = due ? Math.max(0, Math.round((now() - due.getTime()) / 1000)) : 0
  publishMetrics(aws.deployment, now(), { DispatchLagSeconds: lagSeconds }, { site: name })
  for (let moved = 0; ; ) {
    try {
      moved += await driveSite(name, ports)
    } catch (error) {
      log({ level: 'error', event: 'site', site: name, error: describeError(error, false) })
    }
    const next = await earliestLook(name, ports)
    const wait = Math.max(shortestPauseMs, (next?.getTime() ?? Number.POSITIVE_INFINITY) - now())
    if (now() + wait > end) return { moved }
    await pause(wait)
  }
}
