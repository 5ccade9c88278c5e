import * as z from 'zod'
import type { OutboxEvent } from '#core/outbox.ts'
import type { RecordItem, RecordKey } from '#core/records.ts'
import { recordLimits } from '#core/records.ts'
import type { OutboxStore } from '#core/store.ts'
import { at, keys } from './keys.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId, zSkillLevel, zTenant } from './z-items.ts'

const envelope = {
  id: zId('evt'),
  tenant: zTenant,
  at: zDate,
  seq: z.int().min(1),
  trace: z.string().exactOptional(),
}
const about = { awardId: zId('awd'), learnerId: zId('lrn') }
export const zAwardState = z.enum(['valid', 'suspended', 'revoked', 'superseded'])

const zEvent = z.discriminatedUnion('type', [
  z.object({ ...envelope, ...about, type: z.literal('award.made'), skills: z.array(zSkillLevel) }),
  z.object({ ...envelope, ...about, type: z.literal('award.status-changed'), state: zAwardState }),
  z.object({ ...envelope, ...about, type: z.literal('credential.issued'), credentialId: zId('crd') }),
  z.object({ ...envelope, ...about, type: z.literal('offer.opened'), offerId: zId('ofr') }),
  z.object({ ...envelope, type: z.literal('learner.statistics-choice'), learnerId: zId('lrn') }),
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

const zParked = z.object({
  parkedAt: zDate,
  refusedBy: z.array(z.string()),
  event: z.record(z.string(), z.unknown()),
})

/** Events wait here until every projection has applied them. */
export function outboxStore({ records, clock, random }: StoreParts): OutboxStore {
  const decode = (item: RecordItem): OutboxEvent | undefined => {
    try {
      return outboxEvent(item)
    } catch {
      return undefined
    }
  }

  const readOutbox: OutboxStore['readOutbox'] = async (tenant, limit, cursor) => {
    const page = await records.query({
      pk: keys.outbox(tenant),
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    })
    const read = page.items.map((item) => ({ sk: item.sk, event: decode(item) }))
    return {
      events: read.flatMap(({ event }) => event ?? []),
      unreadable: read.flatMap(({ sk, event }) => (event ? [] : [{ sk }])),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    }
  }

  return {
    readOutbox,

    async pendingEvents(tenant, limit) {
      return (await readOutbox(tenant, limit)).events
    },

    async acknowledgeEvents(events) {
      const size = recordLimits.writesPerTransaction
      for (let start = 0; start < events.length; start += size) {
        await records.transact(events.slice(start, start + size).map((event) => ({ delete: keyOf(event) })))
      }
    },

    async parkEvent(tenant, event, refusedBy) {
      const key = 'sk' in event ? { pk: keys.outbox(tenant), sk: event.sk } : keyOf(event)
      const item = await records.get(key)
      if (!item) return
      const data = { ...toData({ parkedAt: clock.now(), refusedBy }), event: item.data }
      const parked = { pk: keys.parked(tenant), sk: item.sk, version: 1, data }
      await records.transact([{ delete: key, if: { version: item.version } }, { put: parked }])
    },

    async parkedEvents(tenant, limit) {
      const { items } = await records.query({ pk: keys.parked(tenant), limit })
      return items.map((item) => {
        const { parkedAt, refusedBy } = fromItem(zParked, 'parked event', item)
        const event = decode({ ...item, data: eventData(item) })
        return { sk: item.sk, parkedAt, refusedBy, ...(event ? { event } : {}) }
      })
    },

    async replayEvent(tenant, { sk }) {
      const item = await records.get({ pk: keys.parked(tenant), sk })
      if (!item) return false
      const { ok } = await records.transact([
        { delete: { pk: item.pk, sk }, if: { version: item.version } },
        { put: { pk: keys.outbox(tenant), sk, version: 1, data: eventData(item) } },
      ])
      return ok
    },

    async holdOutbox(tenant, seconds) {
      // The holder is told apart by a random version: one whose time is over must not let go for another.
      const version = Buffer.from(random.bytes(4)).readUInt32BE()
      const key = keys.outboxHold(tenant)
      const ttl = Math.ceil(clock.now().getTime() / 1000) + seconds
      const taken = await records.transact([{ put: { ...key, version, ttl, data: {} }, if: 'absent' }])
      if (!taken.ok) return undefined
      return {
        async release() {
          await records.transact([{ delete: key, if: { version } }])
        },
      }
    },
  }
}

/** As it stood in the outbox, to the last digit. */
function eventData(parked: RecordItem): RecordItem['data'] {
  const { event } = parked.data
  return typeof event === 'object' && event !== null && !Array.isArray(event) ? event : {}
}
