import * as z from 'zod'
import type { LearnerHistory } from '#core/gaps/facts-of.ts'
import type { ChangedLearner, FactsStore } from '#core/gaps/facts-store.ts'
import type { AwardId, LearnerId, OfferingId } from '#core/ids.ts'
import { isId, platformTag } from '#core/ids.ts'
import { type RecordItem, type RecordWrite, recordLimits } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { decodeAward } from './award-item.ts'
import { bucketKey, bucketOf, buckets, changed, changedMark } from './changed-mark.ts'
import { type Entry, packFacts, unpackFacts } from './facts-pack.ts'
import { at, keys, partition, tenantOfId } from './keys.ts'
import { writeAboutLearner, zLearnerItem } from './learner-events.ts'
import { decodeEnrolment, decodeOffering, withoutStated } from './offerings.ts'
import { allOf, pagesOf, type StoreParts } from './store-parts.ts'
import { zAssessment, zAward, zAwardInForce, zAwardStatus } from './z-award.ts'
import { fromItem, zSkillLevel } from './z-items.ts'

const facts = 'FACTS#'

/** Raised when facts are made otherwise: then all are made again. */
const shape = 1
const begun = { pk: partition(platformTag, 'STATS'), sk: `SHAPE#${shape}` }

/** What statistics ask of an award and of an assessment; the rest of them is large, and not read into types. */
const zAwarded = zAward.pick({ id: true, offeringId: true, validUntil: true }).extend({
  skills: z.array(zSkillLevel),
  status: zAwardStatus.pick({ state: true }),
})
const zAssessed = zAssessment.pick({ offeringId: true, outcome: true, recordedAt: true })
const zObjection = z.object({ objects: z.boolean() })
const objectionKey = (id: LearnerId) => ({ pk: keys.learnerPartition(id), sk: 'STATISTICS' })
const verifiedKey = (id: AwardId) => ({ pk: keys.award(id).pk, sk: 'VERIFIED' })

const marksAtOnce = 5000
const bytesPerPart = 100_000
const writesAtOnce = 20
/** Awards this process has noted; beyond it some are looked up once more. */
const mostNoted = 10_000

/** Facts for statistics and the marks that keep them up to date, in partitions of their own. */
export function statisticsStore(parts: StoreParts): FactsStore {
  const { records } = parts
  const noted = new Set<AwardId>()
  const modules = new Map<OfferingId, string>()

  return {
    async changedLearners(tenant) {
      const found: ChangedLearner[] = []
      for (const bucket of buckets) {
        // A bucket as far as it goes: the facts it holds are read once for all that changed in it.
        for await (const { sk, version } of pagesOf(
          records,
          { pk: bucketKey(tenant, bucket), sk: { beginsWith: changed } },
          1000,
        )) {
          const learnerId = sk.slice(changed.length)
          if (isId(learnerId, 'lrn')) found.push({ learnerId, mark: version })
          if (found.length >= marksAtOnce) return found
        }
      }
      return found
    },

    async markAllLearners(tenant) {
      const marked = new Set<LearnerId>()
      for await (const item of pagesOf(records, { index: 'gsi1', pk: keys.offerings(tenant) })) {
        const members = keys.offeringMembers(decodeOffering(item).id)
        const query = { index: 'gsi1' as const, pk: members, sk: { beginsWith: 'ENR#' } }
        for await (const member of pagesOf(records, query)) {
          const { learnerId } = decodeEnrolment(member)
          if (marked.has(learnerId)) continue
          marked.add(learnerId)
          await records.transact([changedMark(learnerId)])
        }
      }
    },

    async historyOf(learnerId): Promise<LearnerHistory> {
      const own = await allOf(records, { pk: keys.learnerPartition(learnerId) })
      const kind = (begin: string) => own.filter(({ sk }) => sk.startsWith(begin))
      const [meta] = kind('META')
      const [objection] = kind('STATISTICS')
      const enrolments = kind('ENR#').map(decodeEnrolment)
      const assessments = kind('ASM#').map((item) => fromItem(zAssessed, 'assessment', item))
      // To have practised says nothing of somebody who was assessed, and most were.
      const assessed = new Set(assessments.map(({ offeringId }) => offeringId))
      const mayOnlyHavePractised = enrolments.some(({ offeringId }) => !assessed.has(offeringId))
      // The award itself and what hangs on it are one partition, read as they are now.
      const awards = await Promise.all(
        kind('AWDOF#').map((item) =>
          allOf(records, { pk: keys.award(fromItem(zAwardInForce, 'award in force', item).award).pk }),
        ),
      )
      const made = awards.flatMap((items) => {
        const award = items.find(({ sk }) => sk === 'META')
        return award ? [{ award: fromItem(zAwarded, 'award', award), items }] : []
      })
      const having = (begin: string) =>
        new Set(
          made
            .filter(({ items }) => items.some(({ sk }) => sk.startsWith(begin)))
            .map(({ award }) => award.id),
        )
      return {
        tenant: tenantOfId(learnerId),
        left:
          meta === undefined ||
          fromItem(zLearnerItem, 'learner', meta).erasedAt !== undefined ||
          (objection !== undefined && fromItem(zObjection, 'objection', objection).objects),
        enrolments,
        assessments,
        awards: made.map(({ award }) => award),
        practised: mayOnlyHavePractised ? await practisedIn(learnerId) : new Set(),
        claimed: having('CRED#'),
        verified: having('VERIFIED'),
        moduleOf: new Map(
          await Promise.all(
            enrolments.map(async ({ offeringId }) => [offeringId, await moduleOf(offeringId)] as const),
          ),
        ),
      }
    },

    async saveFacts(tenant, changes) {
      const byBucket = Map.groupBy(changes, ({ learnerId }) => bucketOf(learnerId))
      for (const [bucket, some] of byBucket) {
        const pk = bucketKey(tenant, bucket)
        const stored = await allOf(records, { pk, sk: { beginsWith: facts } })
        const known = stored.map((item) => ({ item, entries: new Map(unpackFacts(item.data, tenant)) }))
        const touched = new Set<(typeof known)[number]>()
        const fresh: Entry[] = []
        for (const { learnerId, facts: made } of some) {
          const part = known.find(({ entries }) => entries.has(learnerId))
          if (part) {
            if (made) part.entries.set(learnerId, made)
            else part.entries.delete(learnerId)
            touched.add(part)
          } else if (made) fresh.push([learnerId, made])
        }
        for (const { item, entries } of touched) {
          await write([
            {
              put: { ...item, version: item.version + 1, data: packFacts(entries) },
              if: { version: item.version },
            },
          ])
        }
        await append(pk, known, fresh)
        const marks = some.map(({ learnerId, mark }) => ({
          delete: { pk, sk: `${changed}${learnerId}` },
          if: { version: mark },
        }))
        const together = recordLimits.writesPerTransaction
        await Promise.all(
          Array.from({ length: Math.ceil(marks.length / together) }, (_, group) =>
            takeAway(marks.slice(group * together, (group + 1) * together)),
          ),
        )
      }
    },

    async *readFacts(tenant) {
      for (const bucket of buckets) {
        for await (const { data } of pagesOf(
          records,
          { pk: bucketKey(tenant, bucket), sk: { beginsWith: facts } },
          20,
        )) {
          for (const [, one] of unpackFacts(data, tenant)) yield one
        }
      }
    },

    async factsBegun() {
      return (await records.get(begun)) !== undefined
    },

    async saveFactsBegun() {
      await records.transact([{ put: { ...begun, version: 1, data: { at: at(parts.clock.now()) } } }])
    },

    async saveObjectionOnce(request, learnerId, objects) {
      const enrolments = { pk: keys.learnerPartition(learnerId), sk: { beginsWith: 'ENR#' } }
      const forgotten = async () => (objects ? forgetStated(await allOf(records, enrolments)) : [])
      // More enrolments than one transaction holds: all but the last of them go before it.
      for (let some = await forgotten(); some.length > forgottenTogether; some = await forgotten())
        await records.transact(some.slice(0, forgottenTogether))
      // Two words at once are settled on the learner's own item, as everything that has an event is.
      await writeAboutLearner(parts, {
        request,
        learnerId,
        result: null,
        writes: [],
        events: [{ type: 'learner.statistics-choice', learnerId }],
        edit: async (learner) => ({
          learner,
          writes: [
            { put: { ...objectionKey(learnerId), version: learner.rev + 1, data: { objects } } },
            ...(await forgotten()),
          ],
        }),
      })
    },

    async objects(learnerId) {
      const item = await records.get(objectionKey(learnerId))
      return item !== undefined && fromItem(zObjection, 'objection', item).objects
    },

    async noteVerified(awardId) {
      if (noted.has(awardId)) return
      if (noted.size >= mostNoted) noted.clear()
      noted.add(awardId)
      try {
        const item = await records.get(keys.award(awardId))
        const award = item && decodeAward(item)
        const enrolment = award && (await records.get(keys.enrolment(award.learnerId, award.offeringId)))
        if (!enrolment || !decodeEnrolment(enrolment).analyticsConsent) return
        await records.transact([
          { put: { ...verifiedKey(awardId), version: 1, data: {} }, if: 'absent' },
          changedMark(award.learnerId),
        ])
      } catch (cause) {
        // Whoever verifies gets an answer whether or not it can be counted.
        if (!(cause instanceof Refusal)) throw cause
        noted.delete(awardId)
      }
    },
  }

  async function practisedIn(learnerId: LearnerId): Promise<Set<OfferingId>> {
    const attempts = {
      index: 'gsi1' as const,
      pk: keys.learnerPartition(learnerId),
      sk: { beginsWith: 'ATT#' },
    }
    return new Set((await allOf(records, attempts)).map(({ data }) => data['offeringId'] as OfferingId))
  }

  async function moduleOf(id: OfferingId): Promise<string> {
    const known = modules.get(id)
    if (known !== undefined) return known
    const item = await records.get(keys.offering(id))
    if (!item) throw new Error('an enrolment names an offering that is not there')
    const { moduleId } = decodeOffering(item)
    modules.set(id, moduleId)
    return moduleId
  }

  /** New learners fill the last part of the bucket, then parts of their own. */
  async function append(
    pk: string,
    known: { item: RecordItem; entries: Map<LearnerId, Entry[1]> }[],
    fresh: Entry[],
  ): Promise<void> {
    if (fresh.length === 0) return
    const last = known.at(-1)
    const room = last && JSON.stringify(last.item.data).length < bytesPerPart ? last : undefined
    const entries: Entry[] = [...(room?.entries ?? []), ...fresh]
    let number = room ? known.length - 1 : known.length
    const writes: RecordWrite[] = []
    for (const data of packed(entries)) {
      const sk = `${facts}${String(number).padStart(6, '0')}`
      const replaces = room !== undefined && writes.length === 0
      const version = replaces ? await versionOf(pk, sk) : 0
      writes.push({ put: { pk, sk, version: version + 1, data }, if: version === 0 ? 'absent' : { version } })
      number++
    }
    for (let from = 0; from < writes.length; from += writesAtOnce)
      await write(writes.slice(from, from + writesAtOnce))
  }

  async function versionOf(pk: string, sk: string): Promise<number> {
    return (await records.get({ pk, sk }))?.version ?? 0
  }

  /** Marks go together; where one was renewed meanwhile it stays, and the others go one by one. */
  async function takeAway(marks: readonly RecordWrite[]): Promise<void> {
    const { ok } = await records.transact([...marks])
    if (!ok && marks.length > 1) await Promise.all(marks.map((mark) => records.transact([mark])))
  }

  async function write(writes: RecordWrite[]): Promise<void> {
    const answer = await records.transact(writes)
    if (!answer.ok) throw new Refusal('state_conflict', 'Another snapshot is being made; try again.')
  }
}

/** As many parts as it takes, each well under the limit of an item. */
function* packed(entries: readonly Entry[]): Generator<RecordItem['data']> {
  // A learner takes about a hundred bytes; halves are halved again until they fit.
  const data = packFacts(entries)
  if (JSON.stringify(data).length <= 2 * bytesPerPart || entries.length < 2) {
    yield data
    return
  }
  const half = Math.ceil(entries.length / 2)
  yield* packed(entries.slice(0, half))
  yield* packed(entries.slice(half))
}

const forgottenTogether = 80

/** What was said at enrolling for statistics alone goes with the consent to them; that somebody took part stays. */
function forgetStated(enrolments: readonly RecordItem[]): RecordWrite[] {
  return enrolments.flatMap((item): RecordWrite[] => {
    const data = withoutStated(item.data)
    const said = Object.keys(item.data).some((name) => !Object.hasOwn(data, name))
    return said ? [{ put: { ...item, data }, if: { version: item.version }, forgets: true }] : []
  })
}
