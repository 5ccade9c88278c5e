import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { AuditBody } from '#core/audit/audit.ts'
import type { LearnerId, TenantTag } from '#core/ids.ts'
import type { Learner, Person } from '#core/learners/learner.ts'
import type { OutboxBody } from '#core/outbox.ts'
import type { Json, RecordItem } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { LearnerStore, Request } from '#core/store.ts'
import { keys, tenantOfId } from './keys.ts'
import { emailWrites, learnersOfEmail, macOfEmail } from './learner-email.ts'
import { type LearnerItem, writeAboutLearner, zLearnerItem } from './learner-events.ts'
import { learnerKey, personBinding, sealPerson } from './learner-key.ts'
import { openBytes } from './master-key.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, toData, zId } from './z-items.ts'

const zSubjectItem = z.object({ learnerId: zId('lrn') })
const zPerson = z.object({
  givenName: z.string(),
  familyName: z.string(),
  email: z.string(),
}) satisfies z.ZodType<Person>

/** Learners, their data keys and the map from an account's subject. */
export function learnerStore(parts: StoreParts): LearnerStore {
  const { records, masterKey, clock } = parts

  const subjectKey = (tenant: TenantTag, subject: string) => {
    const mac = masterKey.mac('subject', JSON.stringify([tenant, subject]))
    return { mac, key: keys.subject(tenant, mac) }
  }

  return {
    async saveLearnerOnce(subject, learner) {
      const { mac, key } = subjectKey(learner.tenant, subject)
      const dataKey = randomBytes(32)
      const wrapped = await masterKey.seal('learner-key', dataKey, learner.id)
      const emailMac = learner.person && macOfEmail(parts, learner.tenant, learner.person.email)
      const data: { [key: string]: Json } = {
        ...toData({ rev: learner.rev, recognisedSkills: learner.recognisedSkills }),
        subjectMac: mac,
        ...(emailMac === undefined ? {} : { emailMac }),
        ...(learner.person ? { person: sealPerson(dataKey, learner.id, learner.person) } : {}),
      }
      const answer = await records.transact([
        { put: { ...key, version: 1, data: { learnerId: learner.id } }, if: 'absent' },
        {
          put: { ...keys.learnerKey(learner.id), version: 1, data: { wrapped: base64(wrapped) } },
          if: 'absent',
        },
        { put: { ...keys.learner(learner.id), version: 1, data }, if: 'absent' },
        ...emailWrites(learner.id, undefined, emailMac),
      ])
      if (answer.ok) return learner
      const known = answer.failed === 0 && answer.found && fromItem(zSubjectItem, 'subject', answer.found)
      const stored = known && (await find(known.learnerId))
      if (!stored) throw new Error('a fresh learner id was taken')
      return stored
    },

    findLearner: find,

    async findLearnerBySubject(tenant, subject) {
      const item = await records.get(subjectKey(tenant, subject).key)
      return item && find(fromItem(zSubjectItem, 'subject', item).learnerId)
    },

    findLearnersByEmail: (tenant, email) => learnersOfEmail(parts, tenant, email),

    async saveRecognisedSkills(id, skills) {
      for (let attempt = 0; attempt < 10; attempt++) {
        const item = await records.get(keys.learner(id))
        if (!item || item.data['erasedAt']) throw new Refusal('not_found', 'There is no such learner.')
        const recognisedSkills = skills.map(({ skill, level }) => ({ skill, level }))
        const put = { ...item, version: item.version + 1, data: { ...item.data, recognisedSkills } }
        const answer = await records.transact([{ put, if: { version: item.version } }])
        if (answer.ok) return decode(id, put)
      }
      throw new Refusal('storage_busy', 'Too many changes of one learner at once; try again.')
    },

    eraseLearnerOnce: erase,

    async eraseLearnerAgain(id) {
      const item = await records.get(keys.learner(id))
      const stored = item && fromItem(zLearnerItem, 'learner', item)
      if (stored && !stored.erasedAt) {
        const at = clock.now().toISOString()
        const request = {
          tenant: tenantOfId(id),
          operation: 'eraseAgain',
          requestId: `${id} ${at}`,
          inputHash: '',
        }
        await erase(request, id)
        return true
      }
      const { ok } = await records.transact([{ delete: keys.learnerKey(id), if: 'present' }])
      return ok
    },
  }

  async function erase(request: Request, id: LearnerId, audit?: AuditBody): Promise<void> {
    const edit = (learner: LearnerItem, at: Date) => ({
      // The tombstone keeps the order of events and nothing that says who it was.
      learner: { rev: learner.rev, recognisedSkills: [], erasedAt: at },
      writes: [
        { delete: keys.learnerKey(id) },
        ...(learner.subjectMac === undefined
          ? []
          : [{ delete: keys.subject(tenantOfId(id), learner.subjectMac) }]),
        ...emailWrites(id, learner.emailMac, undefined),
      ],
    })
    const events: OutboxBody[] = [{ type: 'learner.erased', learnerId: id }]
    await writeAboutLearner(parts, { request, learnerId: id, result: null, writes: [], events, audit, edit })
  }

  async function find(id: LearnerId): Promise<Learner | undefined> {
    const item = await records.get(keys.learner(id))
    return item && decode(id, item)
  }

  async function decode(id: LearnerId, item: RecordItem): Promise<Learner> {
    const stored = fromItem(zLearnerItem, 'learner', item)
    return {
      id,
      tenant: tenantOfId(id),
      rev: stored.rev,
      person: stored.person === undefined ? undefined : await openPerson(id, stored.person),
      recognisedSkills: stored.recognisedSkills,
    }
  }

  async function openPerson(id: LearnerId, sealed: string): Promise<Person | undefined> {
    const dataKey = await learnerKey(parts, id)
    if (!dataKey) return undefined
    const opened = openBytes(dataKey, bytes(sealed), personBinding(id))
    if (!opened) throw new Error('a learner record does not open under its own key')
    return zPerson.parse(JSON.parse(Buffer.from(opened).toString()))
  }
}

const base64 = (value: Uint8Array) => Buffer.from(value).toString('base64')
const bytes = (text: string) => Buffer.from(text, 'base64')
