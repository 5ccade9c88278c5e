import { type Actor, authorise } from '#core/access/operations.ts'
import type { SealStanding as StandingShape } from '#core/edc/certificate-watch.ts'
import { platformTag } from '#core/ids.ts'
import { builder } from './builder.ts'
import { Institution } from './institutions.ts'

const SealStanding = builder.objectRef<StandingShape>('SealCertificate')

SealStanding.implement({
  description: 'The certificate an institution seals European credentials with.',
  fields: (t) => ({
    institution: t.field({ type: Institution, resolve: ({ institution }) => institution.tag }),
    state: t.exposeString('state', { description: 'good, expiring (60 days or less) or unusable.' }),
    problem: t.exposeString('problem', { nullable: true }),
    organisation: t.exposeString('organisation'),
    source: t.exposeString('source', { description: 'trust-service or own-key.' }),
    claimsQualifiedSeal: t.exposeBoolean('claimsQualifiedSeal'),
    endsAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ endsAt }) => endsAt }),
    daysLeft: t.exposeInt('daysLeft', { nullable: true }),
  }),
})

builder.queryField('sealCertificates', (t) =>
  t.field({
    type: [SealStanding],
    nullable: true,
    description: 'Of a registrar’s institution; for an operator of the platform, of all.',
    authScopes: { may: 'readSeals' },
    complexity: { multiplier: 10 },
    resolve: async (_root, _args, { actor, ports }) => {
      authorise(actor, 'readSeals', { tenant: actor?.tenant ?? platformTag })
      const { sealStandings } = await import('#core/edc/certificate-watch.ts')
      return sealStandings(ports, tenantSeen(actor))
    },
  }),
)

/** All institutions for the platform, else one's own. */
function tenantSeen({ tenant }: Actor) {
  return tenant === platformTag ? undefined : tenant
}
