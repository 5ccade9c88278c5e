import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { type LearnerId, platformTag, tenantOf } from '#core/ids.ts'
import { zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import { isAccountName } from './queue.ts'
import type { SiteProfile } from './site.ts'
import type { SiteAccount } from './site-account.ts'
import { wantsOwnAccount } from './site-options.ts'

type AccountPorts = Pick<Ports, 'store' | 'sites' | 'clock'>

const zSite = z.string().max(40)

/** What a learner says about their own account. */
export const zStateSiteAccount = z.strictObject({
  requestId: zRequestId,
  site: zSite,
  user: z.string().refine(isAccountName, 'must be up to 64 letters, digits, . _ or -'),
  /** That the academy runs practicals under it, and that the site's operator sees whose it is. */
  consent: z.literal(true),
})
/** Whose account an operator, or the learner, means. */
export const zSiteAccountOf = z.strictObject({ requestId: zRequestId, site: zSite, learnerId: zId('lrn') })
/** What is removed: with a user name only that one, as an operator decides about the one they were shown. */
export const zRemoveSiteAccount = zSiteAccountOf.extend({ userName: z.string().max(64).optional() })
/** What an operator confirms: the account under the user name they have compared. */
export const zConfirmSiteAccount = zSiteAccountOf.extend({ userName: z.string().max(64) })

/**
 * A learner names their own account at a site that wants one for each, and agrees to its use. It is used once an
 * operator has confirmed it. Others may have named the same: naming claims nothing. Refuses `not_found` for a site
 * that wants none, and `state_conflict` when one is named already.
 */
export async function stateSiteAccount(
  actor: Actor | undefined,
  { requestId, ...input }: z.output<typeof zStateSiteAccount>,
  ports: AccountPorts,
): Promise<SiteAccount> {
  const learnerId = ownId(actor)
  authorise(actor, 'nameSiteAccount', { tenant: actor?.tenant ?? platformTag, learnerId })
  siteOf(input.site, ports)
  const request = requestOf(actor, 'stateSiteAccount', actor.tenant, requestId, input)
  const before = await find(learnerId, input.site, ports)
  if (await ports.store.wasAnswered(request)) return before ?? gone()
  if (before)
    throw new Refusal('state_conflict', 'site: you have named an account there; take it back first.', {
      field: 'site',
    })
  await ports.store.saveSiteAccountOnce(
    request,
    {
      learnerId,
      site: input.site,
      user: input.user,
      state: 'stated',
      statedAt: ports.clock.now(),
      version: 0,
    },
    { action: 'site.account.state', by: learnerId, about: input.site, learnerId, detail: {} },
  )
  return (await find(learnerId, input.site, ports)) ?? gone()
}

/**
 * An operator says that the account they were shown is the learner's. Refuses `not_found`, and `state_conflict` when
 * it is confirmed already, as this learner's or another's, or the learner names another by now.
 */
export async function confirmSiteAccount(
  actor: Actor | undefined,
  { requestId, ...input }: z.output<typeof zConfirmSiteAccount>,
  ports: AccountPorts,
): Promise<SiteAccount> {
  authorise(actor, 'operateSites', { tenant: platformTag })
  const { learnerId, site, userName } = input
  const request = requestOf(actor, 'confirmSiteAccount', platformTag, requestId, input)
  const before = (await find(learnerId, site, ports)) ?? gone()
  if (await ports.store.wasAnswered(request)) return before
  if (before.state === 'confirmed')
    throw new Refusal('state_conflict', 'site: the account is confirmed already.', { field: 'site' })
  if (before.user !== userName) throw anotherByNow()
  await ports.store.saveSiteAccountOnce(
    request,
    { ...before, state: 'confirmed', confirmedAt: ports.clock.now() },
    { action: 'site.account.confirm', by: actor.subject, about: site, learnerId, detail: {} },
  )
  return (await find(learnerId, site, ports)) ?? gone()
}

/**
 * The learner takes the account back, or an operator does not know it as theirs. Nothing more is sent under it; a
 * job that is at the site goes on to its end, as the learner can stop it. Refuses `not_found`, and `state_conflict`
 * when another is named by now than was meant.
 */
export async function removeSiteAccount(
  actor: Actor | undefined,
  { requestId, ...input }: z.output<typeof zRemoveSiteAccount>,
  ports: AccountPorts,
): Promise<void> {
  const { learnerId, site, userName } = input
  const tenant = tenantOf(learnerId) ?? gone()
  const isOwn = actor?.learnerId === learnerId
  if (isOwn) authorise(actor, 'nameSiteAccount', { tenant, learnerId })
  else authorise(actor, 'operateSites', { tenant: platformTag })
  const at = isOwn ? tenant : platformTag
  const request = requestOf(actor, 'removeSiteAccount', at, requestId, input)
  if (await ports.store.wasAnswered(request)) return
  const account = (await find(learnerId, site, ports)) ?? gone()
  if (userName !== undefined && account.user !== userName) throw anotherByNow()
  await ports.store.removeSiteAccountOnce(request, account, {
    action: 'site.account.remove',
    // As in every line about what learners do themselves: their account in it would outlive an erasure.
    by: isOwn ? learnerId : actor.subject,
    about: site,
    learnerId,
    detail: { by: isOwn ? 'learner' : 'operator' },
  })
}

/** The sites that want learners' own accounts, with the caller's. */
export async function ownSiteAccounts(
  actor: Actor | undefined,
  { store, sites }: AccountPorts,
): Promise<{ profile: SiteProfile; account?: SiteAccount }[]> {
  const learnerId = ownId(actor)
  authorise(actor, 'nameSiteAccount', { tenant: actor?.tenant ?? platformTag, learnerId })
  const accounts = await store.siteAccountsOf(learnerId)
  const listed = sites.list().filter(wantsOwnAccount)
  const left = accounts.flatMap(({ site }) =>
    listed.some(({ name }) => name === site) ? [] : (sites.find(site)?.profile ?? []),
  )
  return [...listed, ...left].map((profile) => {
    const account = accounts.find(({ site }) => site === profile.name)
    return { profile, ...(account ? { account } : {}) }
  })
}

/** What an operator compares: the account, and who says that it is theirs. */
export interface NamedSiteAccount extends SiteAccount {
  /** As the learner's institution knows them; with their consent. */
  learnerName: string
  /** How many others have named the same account: only one of them can be right. */
  alsoNamedBy: number
}

/** Every account that learners have named at a site. For operators. */
export async function siteAccountsAt(
  actor: Actor | undefined,
  site: string,
  { store, sites }: AccountPorts,
): Promise<NamedSiteAccount[]> {
  authorise(actor, 'operateSites', { tenant: platformTag })
  if (!sites.find(site)) throw noSite()
  const accounts = await store.siteAccountsAt(site)
  const named = Map.groupBy(accounts, ({ user }) => user)
  return Promise.all(
    accounts.map(async (account) => {
      const person = (await store.findLearner(account.learnerId))?.person
      const learnerName = person ? `${person.givenName} ${person.familyName}` : ''
      return { ...account, learnerName, alsoNamedBy: (named.get(account.user)?.length ?? 1) - 1 }
    }),
  )
}

function ownId(actor: Actor | undefined): LearnerId {
  if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
  if (!actor.learnerId) throw new Refusal('not_allowed', 'Only a learner has accounts of their own.')
  return actor.learnerId
}

const anotherByNow = () =>
  new Refusal('state_conflict', 'userName: the learner names another account by now.', { field: 'userName' })
const noSite = () => new Refusal('not_found', 'site: there is no such site.', { field: 'site' })

function siteOf(name: string, { sites }: AccountPorts): SiteProfile {
  const profile = sites.find(name)?.profile
  if (!profile || !wantsOwnAccount(profile)) throw noSite()
  return profile
}

function gone(): never {
  throw new Refusal('not_found', 'There is no such record.')
}

async function find(learnerId: LearnerId, site: string, { store }: AccountPorts) {
  return (await store.siteAccountsOf(learnerId)).find((account) => account.site === site)
}
