import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { AuditBody } from '#core/audit/audit.ts'
import type { LearnerId, TenantTag } from '#core/ids.ts'
import type { Learner } from '#core/learners/learner.ts'
import { addressTaken, isAddressTaken } from '#core/learners/shared-address.ts'
import type { OutboxBody } from '#core/outbox.ts'
import type { Json, RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { LearnerStore, Request } from '#core/store.ts'
import { keys, tenantOfId } from './keys.ts'
import { emailWrites, learnersOfEmail, macOfEmail } from './learner-email.ts'
import { type LearnerItem, writeAboutLearner, zLearnerItem } from './learner-events.ts'
import { openPerson, sealPerson } from './learner-key.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, toData, zId } from './z-items.ts'

/** Position of the address among the writes of a new learner. */
const emailAt = 3
const zSubjectItem = z.object({ learnerId: zId('lrn') })

/** Learners, their data keys and the map from an account's subject. */
export function learnerStore(parts: StoreParts): Omit<LearnerStore, 'forgetWords'> {
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
      const email = await claimOf(learner, emailMac)
      // Somebody has the address: the very learner, when this was said before.
      const before = email ? undefined : await bySubject(learner.tenant, subject)
      if (before) return before
      if (!email) throw addressTaken()
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
        ...email,
      ])
      if (answer.ok) return learner
      if (answer.failed === emailAt) throw addressTaken()
      const stored = answer.failed === 0 && (await bySubject(learner.tenant, subject))
      if (!stored) throw new Error('a fresh learner id was taken')
      return stored
    },

    findLearner: find,

    findLearnerBySubject: bySubject,

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
    const edit = async (learner: LearnerItem, at: Date) => ({
      // The tombstone keeps the order of events and nothing that says who it was.
      learner: { rev: learner.rev, recognisedSkills: [], erasedAt: at },
      writes: [
        { delete: keys.learnerKey(id) },
        ...(learner.subjectMac === undefined
          ? []
          : [{ delete: keys.subject(tenantOfId(id), learner.subjectMac) }]),
        ...(await emailWrites(parts, id, learner.emailMac, undefined)),
      ],
    })
    const events: OutboxBody[] = [{ type: 'learner.erased', learnerId: id }]
    await writeAboutLearner(parts, { request, learnerId: id, result: null, writes: [], events, audit, edit })
  }

  async function claimOf({ id }: Learner, emailMac: string | undefined): Promise<RecordWrite[] | undefined> {
    try {
      return await emailWrites(parts, id, undefined, emailMac)
    } catch (error) {
      if (isAddressTaken(error)) return undefined
      throw error
    }
  }

  async function bySubject(tenant: TenantTag, subject: string): Promise<Learner | undefined> {
    const item = await records.get(subjectKey(tenant, subject).key)
    return item && find(fromItem(zSubjectItem, 'subject', item).learnerId)
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
      person: stored.person === undefined ? undefined : await openPerson(parts, id, stored.person),
      recognisedSkills: stored.recognisedSkills,
    }
  }
}

const base64 = (value: Uint8Array) => Buffer.from(value).toString('base64')
