import * as z from 'zod'
import type { LearnerId } from '#core/ids.ts'
import type { Person } from '#core/learners/learner.ts'
import { keys } from './keys.ts'
import { openBytes, sealBytes } from './master-key.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem } from './z-items.ts'

const zPerson = z.object({
  givenName: z.string(),
  familyName: z.string(),
  email: z.string(),
}) satisfies z.ZodType<Person>
const zLearnerKey = z.object({ wrapped: z.string() })

/** The learner's own data key; `undefined` once they are erased. */
export async function learnerKey(
  { records, masterKey }: Pick<StoreParts, 'records' | 'masterKey'>,
  id: LearnerId,
): Promise<Uint8Array | undefined> {
  const item = await records.get(keys.learnerKey(id))
  if (!item) return undefined
  const wrapped = Buffer.from(fromItem(zLearnerKey, 'learner key', item).wrapped, 'base64')
  const key = await masterKey.open('learner-key', wrapped, id)
  if (!key) throw new Error('a learner key does not open: is this the master key it was made with?')
  return key
}

const personBinding = (id: LearnerId) => `person/${id}`

/** Name and address as they are stored: AES-256-GCM under the learner's own key, base64. */
export function sealPerson(dataKey: Uint8Array, id: LearnerId, person: Person): string {
  const sealed = sealBytes(dataKey, Buffer.from(JSON.stringify(person)), personBinding(id))
  return Buffer.from(sealed).toString('base64')
}

/** The person again; `undefined` once they are erased. */
export async function openPerson(
  parts: Pick<StoreParts, 'records' | 'masterKey'>,
  id: LearnerId,
  sealed: string,
): Promise<Person | undefined> {
  const dataKey = await learnerKey(parts, id)
  if (!dataKey) return undefined
  const opened = openBytes(dataKey, Buffer.from(sealed, 'base64'), personBinding(id))
  if (!opened) throw new Error('a learner record does not open under its own key')
  return zPerson.parse(JSON.parse(Buffer.from(opened).toString()))
}
