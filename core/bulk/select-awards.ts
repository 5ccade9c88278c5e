import type { Award } from '#core/awards/award.ts'
import { isLive } from '#core/credentials/offer-credential.ts'
import type { AwardId, LearnerId, TenantTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import type { Page } from '#core/store.ts'
import type { AwardFilter } from './bulk-job.ts'
import { inParallel } from './row-work.ts'

type SelectPorts = Pick<Ports, 'store' | 'clock'>
type PageAsked = { limit: number; cursor?: string }

const atOnce = 32

/**
 * A page of an institution's awards that fit a filter. It looks at `limit` candidates of the narrowest list
 * there is (the awards or learners that are named, a bulk job, an offering, else all in order of time), so a
 * page may hold fewer than that, or none, and still have a cursor. Refuses nothing: what is foreign or
 * unknown does not fit.
 */
export async function selectAwards(
  tenant: TenantTag,
  where: AwardFilter,
  page: PageAsked,
  ports: SelectPorts,
): Promise<Page<Award>> {
  const candidates = await candidatesOf(tenant, where, page, ports)
  const fitting = await inParallel(candidates.items, atOnce, async (award) =>
    award.tenant === tenant && (await fits(award, where, ports)) ? award : undefined,
  )
  return { ...candidates, items: fitting.filter((award) => award !== undefined) }
}

const mostEmptyPages = 50

/** The same, but goes on while nothing fits: for people, who cannot do much with an empty page. */
export async function selectSomeAwards(
  tenant: TenantTag,
  where: AwardFilter,
  page: PageAsked,
  ports: SelectPorts,
): Promise<Page<Award>> {
  let found = await selectAwards(tenant, where, page, ports)
  for (let looked = 1; looked < mostEmptyPages && found.items.length === 0 && found.cursor; looked++) {
    found = await selectAwards(tenant, where, { ...page, cursor: found.cursor }, ports)
  }
  return found
}

/** Whether every part of a filter that needs no other list holds for an award. */
async function fits(award: Award, where: AwardFilter, ports: SelectPorts): Promise<boolean> {
  const day = award.awardedAt.toISOString().slice(0, 10)
  const plain =
    (where.awardIds === undefined || where.awardIds.includes(award.id)) &&
    (where.learnerIds === undefined || where.learnerIds.includes(award.learnerId)) &&
    (where.offeringId === undefined || where.offeringId === award.offeringId) &&
    (where.moduleId === undefined || where.moduleId === award.moduleId) &&
    (where.awardedFrom === undefined || where.awardedFrom <= day) &&
    (where.awardedTo === undefined || day <= where.awardedTo) &&
    (where.state === undefined || where.state === award.status.state)
  if (!plain || where.collected === undefined) return plain
  return (await isCollected(award, ports)) === where.collected
}

/** Whether a wallet has taken the award up from one of its offers. */
export async function isCollected(
  { id, learnerId }: Pick<Award, 'id' | 'learnerId'>,
  { store }: Pick<SelectPorts, 'store'>,
): Promise<boolean> {
  const offers = await store.offersOf(learnerId)
  return offers.some(({ awardId, issued }) => awardId === id && issued.length > 0)
}

/** Whether an offer of the award could still be taken up. */
export async function hasLiveOffer(
  { id, learnerId }: Pick<Award, 'id' | 'learnerId'>,
  { store, clock }: SelectPorts,
): Promise<boolean> {
  const now = clock.now()
  return (await store.offersOf(learnerId)).some((offer) => offer.awardId === id && isLive(offer, now))
}

async function candidatesOf(
  tenant: TenantTag,
  where: AwardFilter,
  page: PageAsked,
  { store }: SelectPorts,
): Promise<Page<Award>> {
  const { awardIds, learnerIds, bulkJobId, offeringId } = where
  if (awardIds) return pageOfList(awardIds, page, (id) => store.findAward(id).then(listed))
  if (learnerIds) return pageOfList(learnerIds, page, (id) => ofLearner(tenant, id, store))
  if (bulkJobId) {
    const rows = await store.listBulkRows(bulkJobId, page)
    const ids = rows.items.map(({ result }) => result?.awardId).filter((id) => id !== undefined)
    return { ...rows, items: await awardsNamed(ids, store) }
  }
  if (offeringId?.startsWith(`${tenant}-`)) {
    const participants = await store.participantsOf(offeringId, page)
    const awards = await inParallel(participants.items, atOnce, ({ learnerId }) =>
      ofLearner(tenant, learnerId, store),
    )
    return { ...participants, items: awards.flat() }
  }
  const { awardedFrom: from, awardedTo: to } = where
  const days = { ...(from ? { from } : {}), ...(to ? { to } : {}) }
  return store.listAwards(tenant, page, from || to ? days : undefined)
}

async function ofLearner(tenant: TenantTag, id: LearnerId, store: SelectPorts['store']): Promise<Award[]> {
  return id.startsWith(`${tenant}-`) ? store.awardsOf(id) : []
}

async function awardsNamed(ids: readonly AwardId[], store: SelectPorts['store']): Promise<Award[]> {
  const found = await inParallel(ids, atOnce, (id) => store.findAward(id))
  return found.filter((award) => award !== undefined)
}

const listed = (award: Award | undefined) => (award ? [award] : [])

/** A list that was named, page by page; its cursor is a position. */
async function pageOfList<T>(
  list: readonly T[],
  { limit, cursor = '0' }: PageAsked,
  find: (item: T) => Promise<Award[]>,
): Promise<Page<Award>> {
  const start = Number(cursor)
  const end = start + limit
  const items = (await inParallel(list.slice(start, end), atOnce, find)).flat()
  return { items, ...(end < list.length ? { cursor: String(end) } : {}) }
}
