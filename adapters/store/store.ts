import type { Store } from '#core/store.ts'
import { auditStore } from './audit.ts'
import { awardStore } from './awards.ts'
import { bulkStore } from './bulk-jobs.ts'
import { correctionStore } from './corrections.ts'
import { credentialStore } from './credentials.ts'
import { demandStore } from './demand-sets.ts'
import { forgetWordsStore } from './forget-words.ts'
import { institutionSettingsStore } from './institution-settings.ts'
import { institutionStore } from './institutions.ts'
import { learnerStore } from './learners.ts'
import { offeringStore } from './offerings.ts'
import { offerStore } from './offers.ts'
import { findAnswer } from './once.ts'
import { ontologyStore } from './ontologies.ts'
import { outboxStore } from './outbox.ts'
import { runStore } from './runs.ts'
import { shareLinkStore } from './share-links.ts'
import { signingKeyStore } from './signing-keys.ts'
import { siteAccountStore } from './site-accounts.ts'
import { siteControlStore } from './site-controls.ts'
import { snapshotStore } from './snapshots.ts'
import { statisticsStore } from './statistics.ts'
import { statusListStore } from './status-lists.ts'
import type { StoreParts } from './store-parts.ts'
import { streamStore } from './stream-places.ts'
import { supervisionStore } from './supervisions.ts'
import { usageStore } from './usage.ts'

/** The `Store` core asks for, written once over `Records`: one line per area. */
export function makeStore(parts: StoreParts): Store {
  return {
    ...institutionStore(parts),
    ...institutionSettingsStore(parts),
    ...learnerStore(parts),
    ...forgetWordsStore(parts),
    ...offeringStore(parts),
    ...awardStore(parts),
    ...correctionStore(parts),
    ...offerStore(parts),
    ...credentialStore(parts),
    ...statusListStore(parts),
    ...shareLinkStore(parts),
    ...signingKeyStore(parts),
    ...auditStore(parts),
    ...bulkStore(parts),
    ...outboxStore(parts),
    ...snapshotStore(parts),
    ...statisticsStore(parts),
    ...demandStore(parts),
    ...runStore(parts),
    ...supervisionStore(parts),
    ...siteAccountStore(parts),
    ...ontologyStore(parts),
    ...usageStore(parts),
    ...siteControlStore(parts),
    ...streamStore(parts),
    async wasAnswered(request) {
      return (await findAnswer(parts.records, request)) !== undefined
    },
  }
}
