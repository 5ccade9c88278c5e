import * as z from 'zod'
import {
  identityChecks,
  presences,
  type Supervision,
  type SupervisionStore,
} from '#core/practicals/supervision.ts'
import type { RecordItem } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { writeAudited } from './audit.ts'
import { at, keys } from './keys.ts'
import { allOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId } from './z-items.ts'

const zSupervision = z.object({
  learnerId: zId('lrn'),
  offeringId: zId('ofg'),
  from: zDate,
  until: zDate,
  identity: z.enum(identityChecks),
  presence: z.enum(presences),
  by: z.string(),
}) satisfies z.ZodType<Supervision>

/** Assessors' words that a learner was who they are and was watched. None is ever changed. */
export function supervisionStore(parts: StoreParts): SupervisionStore {
  const { records } = parts
  return {
    async saveSupervisionOnce(request, supervision) {
      const { learnerId, offeringId, from, until, identity, presence, by } = supervision
      const key = keys.supervision(learnerId, offeringId, at(from))
      const outcome = await writeAudited(
        parts,
        request,
        at(from),
        [{ put: { ...key, version: 1, data: toData(supervision) }, if: 'absent' }],
        {
          action: 'practical.supervise',
          by,
          about: offeringId,
          learnerId,
          detail: { identity, presence, minutes: Math.round((until.getTime() - from.getTime()) / 60_000) },
        },
      )
      if (outcome.outcome === 'written') return supervision
      if (outcome.outcome === 'failed') throw new Refusal('storage_busy', 'Said twice at once; try again.')
      const first = z.string().parse(outcome.result)
      const stored = await records.get(keys.supervision(learnerId, offeringId, first))
      if (!stored) throw new Error('an answered statement is gone')
      return decode(stored)
    },

    async supervisionsOf(learnerId, offeringId) {
      const { pk, sk } = keys.supervision(learnerId, offeringId, '')
      return (await allOf(records, { pk, sk: { beginsWith: sk } })).map(decode)
    },
  }
}

const decode = (item: RecordItem) => fromItem(zSupervision, 'supervision', item)
