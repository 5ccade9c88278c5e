import type { TenantTag } from '#core/ids.ts'
import { type Institution as InstitutionShape, institutionDid } from '#core/institutions/institution.ts'
import { builder } from './builder.ts'
import { languageArg, words } from './text.ts'

/** A field of this type resolves to the tenant's tag; each institution is read once a request. */
export const Institution = builder.loadableObjectRef<InstitutionShape, TenantTag>('Institution', {
  load: async (tags, { ports }) => {
    const found = await Promise.all(tags.map((tag) => ports.store.findInstitution(tag)))
    return found.map((institution) => institution ?? new Error('an institution of a record is missing'))
  },
})

Institution.implement({
  description: 'An awarding body. Public.',
  fields: (t) => ({
    slug: t.exposeString('slug'),
    name: t.string({ args: languageArg, resolve: ({ name }, args) => words(name, args) }),
    country: t.exposeString('country', { description: 'ISO 3166-1 alpha-2.' }),
    did: t.string({
      description: 'did:web of the institution.',
      resolve: ({ slug }, _args, { ports }) => institutionDid(ports.settings.publicUrl, slug),
    }),
  }),
})
