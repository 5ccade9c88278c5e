import * as z from 'zod'
import type { OutboxEvent } from '#core/outbox.ts'
import type { RecordItem, RecordKey } from '#core/records.ts'
import { recordLimits } from '#core/records.ts'
import type { OutboxStore } from '#core/store.ts'
import { at, keys } from './keys.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId, zSkillLevel, zTenant } from './z-items.ts'

const envelope = { id: zId('evt'), tenant: zTenant, at: zDate, seq: z.int().min(1) }
const about = { awardId: zId('awd'), learnerId: zId('lrn') }
export const zAwardState = z.enum(['valid', 'suspended', 'revoked', 'superseded'])

const zEvent = z.discriminatedUnion('type', [
  z.object({ ...envelope, ...about, type: z.literal('award.made'), skills: z.array(zSkillLevel) }),
  z.object({ ...envelope, ...about, type: z.literal('award.status-changed'), state: zAwardState }),
  z.object({ ...envelope, ...about, type: z.literal('credential.issued'), credentialId: zId('crd') }),
  z.object({ ...envelope, ...about, type: z.literal('offer.opened'), offerId: zId('ofr') }),
  z.object({ ...envelope, type: z.literal('learner.erased'), learnerId: zId('lrn') }),
]) satisfies z.ZodType<OutboxEvent>

/** Sorts by time, then by the learner's own order: events of one learner never overtake each other. */
function keyOf(event: OutboxEvent): RecordKey {
  const order = String(event.seq).padStart(10, '0')
  return { pk: keys.outbox(event.tenant), sk: `${at(event.at)}#${order}#${event.id}` }
}

/** The item to write in the transaction of the change the event tells of. */
export function outboxItem(event: OutboxEvent): RecordItem {
  return { ...keyOf(event), version: 1, data: toData(event) }
}

/** The event an item holds. */
export function outboxEvent(item: RecordItem): OutboxEvent {
  return fromItem(zEvent, 'outbox event', item)
}

/** Events wait here until every projection has applied them. */
export function outboxStore({ records }: StoreParts): OutboxStore {
  return {
    async pendingEvents(tenant, limit) {
      const { items } = await records.query({ pk: keys.outbox(tenant), limit })
      return items.map(outboxEvent)
    },

    async acknowledgeEvents(events) {
      const size = recordLimits.writesPerTransaction
      for (let start = 0; start < events.length; start += size) {
        await records.transact(events.slice(start, start + size).map((event) => ({ delete: keyOf(event) })))
      }
    },
  }
}
