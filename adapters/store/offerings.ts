import * as z from 'zod'
import type { LearnerId, OfferingId, TenantTag } from '#core/ids.ts'
import { type Enrolment, type Offering, targetGroups } from '#core/offerings/offering.ts'
import type { Json, RecordItem } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { OfferingStore } from '#core/store.ts'
import { changedMark } from './changed-mark.ts'
import { at, keys, tenantOfId } from './keys.ts'
import { writeOnce } from './once.ts'
import { allOf, pageOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId, zTenant } from './z-items.ts'

const zOffering = z.object({
  id: zId('ofg'),
  tenant: zTenant,
  moduleId: z.string(),
  startsOn: z.iso.date(),
  endsOn: z.iso.date(),
  language: z.string(),
  seats: z.int(),
  allowsLocalEvidence: z.boolean(),
}) satisfies z.ZodType<Offering>

const zEnrolment = z.object({
  learnerId: zId('lrn'),
  offeringId: zId('ofg'),
  enrolledAt: zDate,
  analyticsConsent: z.boolean(),
  purpose: z.literal('skills-gap-statistics'),
  country: z.string().exactOptional(),
  nuts1: z.string().exactOptional(),
  targetGroup: z.enum(targetGroups).exactOptional(),
  sector: z.string().exactOptional(),
  organisation: z.string().exactOptional(),
}) satisfies z.ZodType<Enrolment>

/** An enrolment without what the learner said of themselves: where they live and work, and for whom. */
export function withoutStated({
  learnerId,
  offeringId,
  enrolledAt,
  analyticsConsent,
  purpose,
}: RecordItem['data']) {
  const kept = { learnerId, offeringId, enrolledAt, analyticsConsent, purpose }
  return Object.fromEntries(
    Object.entries(kept).filter((pair): pair is [string, Json] => pair[1] !== undefined),
  )
}

const zSeats = z.object({ taken: z.int().min(0) })

const tries = 50
const enrolledTogether = 90

/** Offerings and who takes part in them. */
export function offeringStore(parts: StoreParts): OfferingStore {
  const { records } = parts

  async function findOffering(id: OfferingId): Promise<Offering | undefined> {
    const item = await records.get(keys.offering(id))
    return item && decodeOffering(item)
  }

  async function findEnrolment(learner: LearnerId, offering: OfferingId): Promise<Enrolment | undefined> {
    const item = await records.get(keys.enrolment(learner, offering))
    return item && decodeEnrolment(item)
  }

  /** One transaction for all who are not enrolled yet and find a seat; the others are answered. */
  async function enrolTogether(offering: Offering, asked: readonly Enrolment[]): Promise<LearnerId[]> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const seats = await records.get(keys.offeringSeats(offering.id))
      const taken = seats ? fromItem(zSeats, 'count of seats', seats).taken : 0
      const known = await Promise.all(asked.map(({ learnerId }) => findEnrolment(learnerId, offering.id)))
      const missing = asked.filter((_one, place) => !known[place])
      const free = Math.max(0, offering.seats - taken)
      const full = missing.slice(free).map(({ learnerId }) => learnerId)
      const seated = missing.slice(0, free)
      if (seated.length === 0) return full
      const answer = await records.transact([
        ...seated.map((one) => ({ put: enrolmentItem(one), if: 'absent' as const })),
        ...seated.flatMap((one) => (one.analyticsConsent ? [changedMark(one.learnerId)] : [])),
        {
          put: {
            ...keys.offeringSeats(offering.id),
            version: (seats?.version ?? 0) + 1,
            data: { taken: taken + seated.length },
          },
          if: seats ? { version: seats.version } : 'absent',
        },
      ])
      if (answer.ok) return full
    }
    throw new Refusal('storage_busy', 'Too many enrolments at once; try again.')
  }

  return {
    async saveOfferingOnce(request, offering) {
      const put: RecordItem = {
        ...keys.offering(offering.id),
        version: 1,
        gsi1: { pk: keys.offerings(offering.tenant), sk: `${offering.startsOn}#${offering.id}` },
        data: toData(offering),
      }
      const outcome = await writeOnce(records, parts.clock.now(), request, offering.id, [
        { put, if: 'absent' },
      ])
      if (outcome.outcome === 'written') return offering
      const id = outcome.outcome === 'repeated' ? zId('ofg').parse(outcome.result) : offering.id
      const stored = await findOffering(id)
      if (!stored) throw new Error('an answered offering is gone')
      return stored
    },

    findOffering,

    async listOfferings(tenant: TenantTag, page) {
      return pageOf(parts, tenant, { index: 'gsi1', pk: keys.offerings(tenant) }, page, decodeOffering)
    },

    async saveEnrolmentOnce(request, enrolment) {
      const { learnerId, offeringId } = enrolment
      const offering = await findOffering(offeringId)
      if (!offering) throw new Refusal('not_found', 'There is no such offering.')
      const put = enrolmentItem(enrolment)
      for (let attempt = 0; attempt < tries; attempt++) {
        // The count of seats is one small item of its own: two who want the last seat meet on it.
        const seats = await records.get(keys.offeringSeats(offeringId))
        const taken = seats ? fromItem(zSeats, 'count of seats', seats).taken : 0
        const version = (seats?.version ?? 0) + 1
        const outcome = await writeOnce(records, parts.clock.now(), request, null, [
          { put, if: 'absent' },
          taken < offering.seats
            ? {
                put: { ...keys.offeringSeats(offeringId), version, data: { taken: taken + 1 } },
                if: seats ? { version: seats.version } : 'absent',
              }
            : // Always fails; it stands after the enrolment, so that a repeat and "already enrolled" are told first.
              { check: keys.offering(offeringId), if: 'absent' },
          changedMark(learnerId),
        ])
        if (outcome.outcome === 'written') return enrolment
        if (outcome.outcome === 'repeated') {
          const stored = await findEnrolment(learnerId, offeringId)
          if (!stored) throw new Error('an answered enrolment is gone')
          return stored
        }
        if (outcome.failed === 0) throw new Refusal('already_enrolled', 'The learner is already enrolled.')
        if (taken >= offering.seats) throw new Refusal('offering_full', 'No seat is left in this offering.')
      }
      throw new Refusal('storage_busy', 'Too many enrolments at once; try again.')
    },

    async saveEnrolments(offeringId, enrolments) {
      const offering = await findOffering(offeringId)
      if (!offering) throw new Refusal('not_found', 'There is no such offering.')
      const full: LearnerId[] = []
      // Who consents leaves a mark for statistics besides.
      const size = enrolments.some((one) => one.analyticsConsent) ? enrolledTogether / 2 : enrolledTogether
      for (let start = 0; start < enrolments.length; start += size) {
        full.push(...(await enrolTogether(offering, enrolments.slice(start, start + size))))
      }
      return full
    },

    findEnrolment,

    async enrolmentsOf(learnerId) {
      const query = { pk: keys.learnerPartition(learnerId), sk: { beginsWith: 'ENR#' } }
      return (await allOf(records, query)).map(decodeEnrolment)
    },

    async participantsOf(offeringId, page) {
      const query = {
        index: 'gsi1' as const,
        pk: keys.offeringMembers(offeringId),
        sk: { beginsWith: 'ENR#' },
      }
      return pageOf(parts, tenantOfId(offeringId), query, page, decodeEnrolment)
    },
  }
}

function enrolmentItem(enrolment: Enrolment): RecordItem {
  const { learnerId, offeringId, enrolledAt } = enrolment
  return {
    ...keys.enrolment(learnerId, offeringId),
    version: 1,
    gsi1: { pk: keys.offeringMembers(offeringId), sk: `ENR#${at(enrolledAt)}#${learnerId}` },
    data: toData(enrolment),
  }
}

export const decodeOffering = (item: RecordItem) => fromItem(zOffering, 'offering', item)
export const decodeEnrolment = (item: RecordItem) => fromItem(zEnrolment, 'enrolment', item)
