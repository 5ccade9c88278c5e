import { hash } from 'node:crypto'
import * as z from 'zod'
import {
  type Credential,
  type CredentialFormat,
  type CredentialStore,
  credentialFormats,
  type IssuedCredential,
  type SaveCredentialResult,
} from '#core/credentials/credential.ts'
import type { AwardId, CredentialId } from '#core/ids.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { at, keys } from './keys.ts'
import { writeAboutLearner } from './learner-events.ts'
import { learnerKey } from './learner-key.ts'
import { openBytes, sealBytes } from './master-key.ts'
import { zAwardState } from './outbox.ts'
import { allOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId, zTenant } from './z-items.ts'

const zCredential = z.object({
  id: zId('crd'),
  tenant: zTenant,
  awardId: zId('awd'),
  learnerId: zId('lrn'),
  format: z.enum(credentialFormats),
  holderThumbprint: z.string(),
  status: z.object({ list: zId('stl'), index: z.int().min(0) }),
  signedWith: z.string(),
  issuedAt: zDate,
  expiresAt: zDate,
}) satisfies z.ZodType<Credential>

/** The signed text, AES-256-GCM under the learner's key, base64. */
const zSealed = z.object({ sealed: z.string() })
const zPointer = z.object({ credentialId: zId('crd') })
/** Empty for a decoy. */
const zAllocation = z.object({
  credentialId: zId('crd').exactOptional(),
  awardId: zId('awd').exactOptional(),
})
/** What a verification needs of an award: to read the whole one takes longer than the signature. */
const zStanding = z.object({ status: z.object({ state: zAwardState }) })

/** Issued credentials: the facts in the open, the signed text only under the learner's own key. */
export function credentialStore(parts: StoreParts): CredentialStore {
  const { records } = parts

  async function findCredential(id: CredentialId): Promise<Credential | undefined> {
    const item = await records.get(keys.credential(id))
    return item && fromItem(zCredential, 'credential', item)
  }

  async function findIssued(awardId: AwardId, format: CredentialFormat, holderThumbprint: string) {
    const pointer = await records.get(keys.awardCredential(awardId, format, holderThumbprint))
    return pointer && withText(fromItem(zPointer, 'credential pointer', pointer).credentialId)
  }

  async function withText(id: CredentialId): Promise<IssuedCredential | undefined> {
    const credential = await findCredential(id)
    const dataKey = credential && (await learnerKey(parts, credential.learnerId))
    const item = dataKey && (await records.get(keys.credentialText(id)))
    if (!item) return undefined
    const sealed = Buffer.from(fromItem(zSealed, 'text of a credential', item).sealed, 'base64')
    const text = openBytes(dataKey, sealed, bindingOf(id))
    if (!text) throw new Error('a stored credential does not open under its learner’s key')
    return { ...credential, text: Buffer.from(text).toString() }
  }

  /** The pointer to the credential of an award, format and key; what it pointed to before stays one of the award's. */
  async function pointerWrites(
    credential: Credential,
    replaces: CredentialId | undefined,
  ): Promise<RecordWrite[]> {
    const put = pointerItem(credential)
    if (replaces === undefined) return [{ put, if: 'absent' }]
    const before = await records.get(put)
    const stillIt = before && fromItem(zPointer, 'credential pointer', before).credentialId === replaces
    // Somebody was faster: a condition that cannot hold, so that theirs is answered.
    if (!stillIt) return [{ put, if: 'absent' }]
    return [
      { put: { ...put, version: before.version + 1 }, if: { version: before.version } },
      { put: { ...put, sk: `${put.sk}#${replaces}`, version: 1, data: { credentialId: replaces } } },
    ]
  }

  return {
    findCredential,
    findIssued,

    async findStanding({ list, index }) {
      const item = await records.get(keys.statusAllocation(list, index))
      if (!item) return undefined
      const { credentialId, awardId } = fromItem(zAllocation, 'status allocation', item)
      const award = awardId && (await records.get(keys.award(awardId)))
      if (!credentialId || !awardId || !award) return undefined
      return { credentialId, awardId, state: fromItem(zStanding, 'award', award).status.state }
    },

    async credentialsOfAward(awardId) {
      const query = { pk: keys.award(awardId).pk, sk: { beginsWith: 'CRED#' } }
      const pointers = await allOf(records, query)
      const found = await Promise.all(
        pointers.map((item) => findCredential(fromItem(zPointer, 'credential pointer', item).credentialId)),
      )
      return found.filter((credential) => credential !== undefined)
    },

    async countSignedWith(tenant, kid, most) {
      let count = 0
      let cursor: string | undefined
      do {
        const page = await records.query({
          index: 'gsi2',
          pk: keys.signedWith(tenant, kid),
          limit: Math.min(most - count, 1000),
          ...(cursor === undefined ? {} : { cursor }),
        })
        count += page.items.length
        cursor = page.cursor
      } while (cursor !== undefined && count < most)
      return count
    },

    async saveCredentialOnce(credential, awardVersion, replaces): Promise<SaveCredentialResult> {
      const { id, awardId, learnerId, format, holderThumbprint, status, tenant } = credential
      const dataKey = await learnerKey(parts, learnerId)
      if (!dataKey) return { outcome: 'award-changed' }
      const writes: RecordWrite[] = [
        { check: keys.award(awardId), if: { version: awardVersion } },
        ...(await pointerWrites(credential, replaces)),
        { put: textItem(credential, dataKey), if: 'absent' },
        { put: allocationItem(credential), if: 'absent' },
        { put: credentialItem(credential), if: 'absent' },
      ]
      const outcome = await writeAboutLearner(parts, {
        // What makes an issue the same issue is award, format and key; the caller needs no request id.
        request: {
          tenant,
          operation: 'issueCredential',
          requestId: hash(
            'sha256',
            JSON.stringify([awardId, format, holderThumbprint, ...(replaces ? [replaces] : [])]),
            'hex',
          ),
          inputHash: '',
        },
        learnerId,
        result: toData({ credential: id }),
        writes,
        events: [{ type: 'credential.issued', awardId, credentialId: id, learnerId }],
      })
      if (outcome.outcome === 'written') return { outcome: 'saved' }
      if (outcome.outcome === 'repeated' || outcome.failed === 1) {
        return { outcome: 'issued-before', credential: await findIssued(awardId, format, holderThumbprint) }
      }
      if (outcome.failed === 0) return { outcome: 'award-changed' }
      if (outcome.failed === writes.length - 2) return { outcome: 'index-taken' }
      throw new Error(`a fresh credential id was taken: ${status.list}`)
    },
  }
}

const bindingOf = (id: CredentialId) => `credential/${id}`

function pointerItem({ id, awardId, format, holderThumbprint }: Credential): RecordItem {
  return {
    ...keys.awardCredential(awardId, format, holderThumbprint),
    version: 1,
    data: { credentialId: id },
  }
}

function allocationItem({ id, awardId, status }: Credential): RecordItem {
  const data = { credentialId: id, awardId }
  return { ...keys.statusAllocation(status.list, status.index), version: 1, data }
}

function textItem({ id, text }: IssuedCredential, dataKey: Uint8Array): RecordItem {
  const sealed = sealBytes(dataKey, Buffer.from(text), bindingOf(id))
  return {
    ...keys.credentialText(id),
    version: 1,
    data: { sealed: Buffer.from(sealed).toString('base64') },
  }
}

function credentialItem({ text: _text, ...issued }: IssuedCredential): RecordItem {
  return {
    ...keys.credential(issued.id),
    version: 1,
    gsi1: { pk: keys.learnerPartition(issued.learnerId), sk: `CRED#${at(issued.issuedAt)}#${issued.id}` },
    gsi2: {
      pk: keys.signedWith(issued.tenant, issued.signedWith),
      sk: `${at(issued.issuedAt)}#${issued.id}`,
    },
    data: toData(issued),
  }
}
