import * as z from 'zod'
import type { Institution } from '#core/institutions/institution.ts'
import { zSlug } from '#core/parse.ts'
import type { RecordItem } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import type { InstitutionStore } from '#core/store.ts'
import { keys } from './keys.ts'
import { allOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zTenant, zText } from './z-items.ts'

const zInstitution = z.object({
  tag: zTenant,
  slug: z.string(),
  name: zText,
  country: z.string(),
  legalIdentifier: z.string(),
  homepage: z.string(),
}) satisfies z.ZodType<Institution>

const decode = (item: RecordItem) => fromItem(zInstitution, 'institution', item)

/** Two items hold each institution: one under its own tag, one in the list under its slug. */
export function institutionStore({ records }: StoreParts): InstitutionStore {
  // An institution is written once and never changed, so what was found once is right for good.
  const known = new Map<string, Institution>()

  return {
    async findInstitution(tag) {
      const item = await records.get(keys.institution(tag))
      return item && decode(item)
    },

    async findInstitutionBySlug(slug) {
      const before = known.get(slug)
      if (before || !zSlug.safeParse(slug).success) return before
      const item = await records.get(keys.institutionSlug(slug))
      if (!item) return undefined
      const institution = decode(item)
      known.set(slug, institution)
      return institution
    },

    async listInstitutions() {
      return (await allOf(records, { pk: keys.institutionList })).map(decode)
    },

    async saveInstitutionOnce(institution) {
      const data = toData(institution)
      const answer = await records.transact([
        { put: { ...keys.institutionSlug(institution.slug), version: 1, data }, if: 'absent' },
        { put: { ...keys.institution(institution.tag), version: 1, data }, if: 'absent' },
      ])
      if (answer.ok || answer.found?.data['tag'] === institution.tag) return
      throw new Refusal('state_conflict', 'slug: another institution has it.', { field: 'slug' })
    },
  }
}
