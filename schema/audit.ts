import { authorise } from '#core/access/operations.ts'
import type { AuditEntry as AuditEntryShape } from '#core/audit/audit.ts'
import { Refusal } from '#core/refusal.ts'
import { builder } from './builder.ts'
import { connectStore, listCost, pageArgs } from './connections.ts'

const AuditEntry = builder.objectRef<AuditEntryShape>('AuditEntry')

AuditEntry.implement({
  description: 'A decision, in the institution’s log. Each line holds the hash of the one before.',
  fields: (t) => ({
    seq: t.exposeInt('seq', { description: 'From 1, without a gap.' }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    action: t.string({ resolve: ({ action }) => action }),
    by: t.exposeString('by', {
      description: 'Account that decided; the learner’s id where learners had themselves erased.',
    }),
    about: t.exposeString('about', { description: 'Id of the thing it is about.' }),
    detail: t.field({ type: 'JSON', description: 'Codes and counts.', resolve: ({ detail }) => detail }),
    previousHash: t.exposeString('previousHash'),
    hash: t.exposeString('hash', { description: 'SHA-256.' }),
  }),
})

const AuditConnection = builder.connectionObject({ type: AuditEntry, name: 'AuditConnection' })

builder.queryField('auditTrail', (t) =>
  t.field({
    type: AuditConnection,
    nullable: true,
    description: 'The log of the caller’s institution, newest first.',
    authScopes: { may: 'readAudit' },
    args: pageArgs,
    complexity: listCost,
    resolve: (_root, args, { actor, ports }) => {
      if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
      const { tenant } = actor
      authorise(actor, 'readAudit', { tenant })
      return connectStore(args, (page) => ports.store.auditTrail(tenant, page))
    },
  }),
)
