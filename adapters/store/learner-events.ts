import * as z from 'zod'
import type { AuditBody } from '#core/audit/audit.ts'
import type { LearnerId } from '#core/ids.ts'
import type { OutboxBody, OutboxEvent } from '#core/outbox.ts'
import type { Json, RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { Request } from '#core/store.ts'
import { keptTrace } from '#core/trace.ts'
import { auditWrites } from './audit.ts'
import { changedMark } from './changed-mark.ts'
import { keys, tenantOfId } from './keys.ts'
import { lateEmailWrites, macOfEmail } from './learner-email.ts'
import { openPerson } from './learner-key.ts'
import { findAnswer, type OnceResult, writeOnce } from './once.ts'
import { outboxItem } from './outbox.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zSkillLevel } from './z-items.ts'

/** The learner's own item: a pseudonym, an order of events, and the person only as ciphertext. */
export const zLearnerItem = z.object({
  /** Raised by one for every event about this learner; the event's `seq`. */
  rev: z.int().min(0),
  /** Time of the newest event: events of one learner never run backwards, whatever a clock does. */
  lastEventAt: zDate.exactOptional(),
  /** AES-256-GCM under the learner's data key, base64; gone once erased. */
  person: z.string().exactOptional(),
  subjectMac: z.string().exactOptional(),
  emailMac: z.string().exactOptional(),
  recognisedSkills: z.array(zSkillLevel),
  erasedAt: zDate.exactOptional(),
})
export type LearnerItem = z.output<typeof zLearnerItem>

interface Edited {
  learner: LearnerItem
  writes: RecordWrite[]
}

const tries = 20

/**
 * One transaction: the request's idempotency item, the caller's writes, the learner's item with its `rev`
 * raised, and the events numbered by it. Two changes of one learner at once settle on the learner's item;
 * the loser reads it again. `edit` may change the learner's own data and add writes that depend on it.
 */
export async function writeAboutLearner(
  parts: StoreParts,
  change: {
    request: Request
    learnerId: LearnerId
    /** Kept with the request and answered to a repeat. */
    result: Json
    /** Made anew for each try where they depend on what the learner is by then. */
    writes: RecordWrite[] | ((learner: LearnerItem) => RecordWrite[])
    events: OutboxBody[]
    /** A line in the institution's log. */
    audit?: AuditBody | undefined
    edit?: (learner: LearnerItem, at: Date) => Promise<Edited>
  },
): Promise<OnceResult> {
  const { request, learnerId, events } = change
  for (let attempt = 0; attempt < tries; attempt++) {
    const item = await parts.records.get(keys.learner(learnerId))
    const stored = item && fromItem(zLearnerItem, 'learner', item)
    if (!stored || (stored.erasedAt && !mayFollowErasure(events))) {
      const before = await findAnswer(parts.records, request)
      if (before) return { outcome: 'repeated', result: before.result }
      throw new Refusal('not_found', 'There is no such learner.')
    }
    const now = parts.clock.now()
    const at = stored.lastEventAt && stored.lastEventAt > now ? stored.lastEventAt : now
    const writes = typeof change.writes === 'function' ? change.writes(stored) : change.writes
    const edited = (await change.edit?.(stored, at)) ?? { learner: stored, writes: [] }
    const { learner, writes: more } = await withEmail(parts, learnerId, edited)
    const lines = change.audit ? await auditWrites(parts, tenantOfId(learnerId), change.audit) : []
    const outcome = await writeOnce(parts.records, now, request, change.result, [
      ...writes,
      { put: raised(item, learner, events.length, at), if: { version: item.version } },
      ...more,
      ...events.map((body, position): RecordWrite => {
        const event = numbered(parts, learnerId, body, at, stored.rev + 1 + position)
        return { put: outboxItem(event), if: 'absent' }
      }),
      ...lines,
      changedMark(learnerId),
    ])
    if (outcome.outcome !== 'failed' || outcome.failed < writes.length) return outcome
  }
  throw new Refusal('storage_busy', 'Too many changes of one learner at once; try again.')
}

/** A learner stored before addresses were claimed claims theirs now, unless it is another account's. */
async function withEmail(parts: StoreParts, id: LearnerId, edited: Edited): Promise<Edited> {
  const { learner, writes } = edited
  if (learner.person === undefined || learner.emailMac !== undefined) return edited
  const person = await openPerson(parts, id, learner.person)
  if (!person) return edited
  const emailMac = macOfEmail(parts, tenantOfId(id), person.email)
  const late = await lateEmailWrites(parts, id, emailMac)
  return late.length === 0 ? edited : { learner: { ...learner, emailMac }, writes: [...writes, ...late] }
}

// A revocation of an erased learner's award must still reach the status lists.
function mayFollowErasure(events: OutboxBody[]): boolean {
  return events.length > 0 && events.every((event) => event.type === 'award.status-changed')
}

function raised(item: RecordItem, learner: LearnerItem, events: number, at: Date): RecordItem {
  const data = toData({ ...learner, rev: learner.rev + events, lastEventAt: at })
  return { ...item, version: item.version + 1, data }
}

function numbered(
  parts: StoreParts,
  learnerId: LearnerId,
  body: OutboxBody,
  at: Date,
  seq: number,
): OutboxEvent {
  const tenant = tenantOfId(learnerId)
  return { ...body, id: parts.random.id(tenant, 'evt'), tenant, at, seq, ...keptTrace(parts.trace) }
}
