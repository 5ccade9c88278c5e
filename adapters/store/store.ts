import type { Store } from '#core/store.ts'
import { awardStore } from './awards.ts'
import { institutionStore } from './institutions.ts'
import { learnerStore } from './learners.ts'
import { offeringStore } from './offerings.ts'
import { findAnswer } from './once.ts'
import { outboxStore } from './outbox.ts'
import { snapshotStore } from './snapshots.ts'
import type { StoreParts } from './store-parts.ts'

/** The `Store` core asks for, written once over `Records`: one line per area. */
export function makeStore(parts: StoreParts): Store {
  return {
    ...institutionStore(parts),
    ...learnerStore(parts),
    ...offeringStore(parts),
    ...awardStore(parts),
    ...outboxStore(parts),
    ...snapshotStore(parts),
    async wasAnswered(request) {
      return (await findAnswer(parts.records, request)) !== undefined
    },
  }
}
