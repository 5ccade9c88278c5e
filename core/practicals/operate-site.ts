import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import { zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import type { SiteControl, SiteState } from './site-control.ts'

/** What an operator can do to a site, and the state it leads to. */
const siteActions = { pause: 'paused', resume: 'open', drain: 'draining', stop: 'stopped' } as const
export type SiteAction = keyof typeof siteActions

export const isSiteAction = (text: unknown): text is SiteAction =>
  typeof text === 'string' && Object.hasOwn(siteActions, text)

export const zOperateSite = z.strictObject({
  requestId: zRequestId,
  site: z.string().max(40),
  /** Shown to learners while the site takes no attempts, and kept with the account that gave it. */
  reason: z.string().trim().min(3).max(300),
})
export type OperateSite = z.output<typeof zOperateSite>

/**
 * Pauses, drains, stops or opens a site. Holds at once and after a restart. Refuses `state_conflict` when the site is
 * already so, when somebody else was faster, and when the kill switch of the file stands above.
 */
export async function operateSite(
  actor: Actor | undefined,
  action: SiteAction,
  { requestId, ...input }: OperateSite,
  ports: Pick<Ports, 'store' | 'sites' | 'clock'>,
): Promise<SiteControl> {
  authorise(actor, 'operateSites', { tenant: platformTag })
  const request = requestOf(actor, `${action}Site`, platformTag, requestId, input)
  const before = await ports.store.siteControl(input.site)
  if (await ports.store.wasAnswered(request)) return before
  const site = ports.sites.find(input.site)
  if (!site) throw new Refusal('not_found', 'site: there is no such site.', { field: 'site' })
  const state: SiteState = siteActions[action]
  if (site.profile.killSwitch !== false && action === 'resume') {
    throw new Refusal(
      'state_conflict',
      'site: its kill switch is on in the sites file; turn it off there first.',
      { field: 'site' },
    )
  }
  if (before.state === state)
    throw new Refusal('state_conflict', `site: is ${state} already.`, { field: 'site' })
  return ports.store.saveSiteControlOnce(request, action, {
    site: input.site,
    state,
    reason: input.reason,
    by: actor.subject,
    at: ports.clock.now(),
    version: before.version,
  })
}
