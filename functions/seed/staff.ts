import type { Actor } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'

/** The accounts seeding acts as, so that every seeded record went through the rules of the academy. */
export function seedRegistrar({ tag }: Institution): Actor {
  return { subject: 'seed-registrar', tenant: tag, roles: ['registrar'] }
}

export function seedAssessor({ tag }: Institution): Actor {
  return { subject: 'seed-assessor', tenant: tag, roles: ['assessor'] }
}

export const seedManager: Actor = {
  subject: 'seed-manager',
  tenant: platformTag,
  roles: ['programme-manager'],
}
