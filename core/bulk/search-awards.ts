import { type Actor, authorise } from '#core/access/operations.ts'
import type { Award } from '#core/awards/award.ts'
import { isId, type TenantTag } from '#core/ids.ts'
import type { Person } from '#core/learners/learner.ts'
import type { Ports } from '#core/ports.ts'
import type { Page } from '#core/store.ts'
import type { AwardFilter } from './bulk-job.ts'
import { inParallel } from './row-work.ts'
import { isCollected, selectAwards } from './select-awards.ts'

export interface FoundAward {
  award: Award
  /** Absent once the learner is erased. */
  person: Person | undefined
  collected: boolean
}

type SearchPorts = Pick<Ports, 'store' | 'clock'>

const atOnce = 32
/** Names are sealed one by one: looking into them has an end. */
const mostLookedInto = 1000

/**
 * A page of the institution's awards for people to choose from. `text` is an award's or a learner's id, an
 * account, or a part of a name or address; of names, at most the newest 1,000 awards that fit are looked into.
 */
export async function searchAwards(
  actor: Actor | undefined,
  { text, where }: { text: string; where: AwardFilter },
  page: { limit: number; cursor?: string },
  ports: SearchPorts,
): Promise<Page<FoundAward>> {
  const tenant = actor?.tenant ?? ('' as TenantTag)
  authorise(actor, 'listAwards', { tenant })
  const named = await namedBy(tenant, text, ports)
  const wanted = named ? '' : foldText(text)
  const filter = { ...where, ...named }
  const found: FoundAward[] = []
  let { cursor } = page
  let looked = 0
  do {
    const awards = await selectAwards(
      tenant,
      filter,
      { limit: page.limit, ...(cursor ? { cursor } : {}) },
      ports,
    )
    looked += page.limit
    const people = await inParallel(awards.items, atOnce, (award) => describe(award, ports))
    found.push(...people.filter(({ person }) => wanted === '' || holds(person, wanted)))
    cursor = awards.cursor
  } while (cursor !== undefined && found.length < page.limit && looked < mostLookedInto)
  return { items: found, ...(cursor === undefined ? {} : { cursor }) }
}

/** What an id or an account names, nothing for no text; `undefined` when the text is neither. */
export async function namedBy(
  tenant: TenantTag,
  text: string,
  { store }: Pick<Ports, 'store'>,
): Promise<AwardFilter | undefined> {
  if (text === '') return {}
  if (isId(text, 'awd')) return { awardIds: [text] }
  if (isId(text, 'lrn')) return { learnerIds: [text] }
  if (isId(text, 'blk')) return { bulkJobId: text }
  const learner = await store.findLearnerBySubject(tenant, text)
  return learner && { learnerIds: [learner.id] }
}

async function describe(award: Award, ports: SearchPorts): Promise<FoundAward> {
  const [learner, collected] = await Promise.all([
    ports.store.findLearner(award.learnerId),
    isCollected(award, ports),
  ])
  return { award, person: learner?.person, collected }
}

function holds(person: Person | undefined, wanted: string): boolean {
  if (!person) return false
  const { givenName, familyName, email } = person
  return [`${givenName} ${familyName}`, `${familyName} ${givenName}`, email].some((text) =>
    foldText(text).includes(wanted),
  )
}

/** How names are compared: without accents and case. */
function foldText(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trim()
}
