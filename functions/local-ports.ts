import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { certificatePrinter } from '#adapters/certificate-pdf/certificate-printer.ts'
import { keyFolder, masterSecret } from '#adapters/file/key-folder.ts'
import { fileVault } from '#adapters/file/key-vault.ts'
import { folderFiles } from '#adapters/folder/files.ts'
import { nodePrimitives } from '#adapters/node-crypto/primitives.ts'
import { purposeMac } from '#adapters/node-crypto/purpose-mac.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { systemRandom } from '#adapters/node-platform/random.ts'
import type { Tracing } from '#adapters/opentelemetry/open.ts'
import { guardedFetch } from '#adapters/outbound/guarded-fetch.ts'
import { type MailOutbox, outboxMail } from '#adapters/outbox-mail/mail.ts'
import { badgePainter } from '#adapters/page-image/badge-painter.ts'
import { pagePainter } from '#adapters/page-image/page-painter.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { makeStore } from '#adapters/store/store.ts'
import { registeredSigners } from '#core/keys/registered-signers.ts'
import type { Ports } from '#core/ports.ts'
import type { Records } from '#core/records.ts'
import type { Store } from '#core/store.ts'
import { openOntologies, type ShippedOntology } from './ontologies.ts'
import { openEsco } from './open-esco.ts'
import { openGraph } from './open-graph.ts'
import { openMail } from './open-mail.ts'
import { openRecords } from './open-records.ts'
import { openSites } from './open-sites.ts'
import { readSeals } from './seals.ts'
import { batchedRecords } from './seed/batched-records.ts'
import type { Settings } from './settings.ts'
import { readTrustFile } from './trust-file.ts'

export interface LocalPorts {
  ports: Ports
  /** Where the mail is that no local server sends; absent where mail leaves. */
  outbox: MailOutbox | undefined
  /** Reads `SITES_FILE` again when it has changed; throws `BadSettings` for a version that is not in order. */
  reloadSites: () => boolean
  /** Does work of many writes in few transactions: for seeding, before anybody is served. */
  inBatches: (work: (ports: Ports) => Promise<void>) => Promise<void>
  close(): Promise<void>
}

/** The world of `npm start`: every port from an embedded adapter, everything kept below `DATA_DIR`, but records where `RECORDS` says. */
export function localPorts(
  settings: Settings,
  publicUrl: string,
  shipped: ShippedOntology,
  tracing?: Tracing,
): LocalPorts {
  const { dataDir } = settings
  const clock = systemClock
  const random = systemRandom
  const opened = openRecords(settings, clock)
  const records = tracing?.records(opened, settings.records) ?? opened
  const traced = tracing ? { trace: tracing.trace } : {}
  const keys = keyFolder(folder(dataDir, 'keys'))
  const secret = masterKey(masterSecret(keys))
  const storeOver = (engine: Records) =>
    makeStore({ records: engine, clock, random, masterKey: secret, ...traced })
  const store = storeOver(records)
  const findInstitution: Store['findInstitution'] = (tag) => store.findInstitution(tag)
  const inFiles = fileVault({ keys, publicUrl, clock, findInstitution })
  const vault = tracing?.vault(inFiles) ?? inFiles
  const files = folderFiles(folder(dataDir, 'files'))
  const open = openSites(settings, clock)
  const graph = openGraph(settings)
  const ontologies = openOntologies(() => shipped.ontology, store)
  const smtp = openMail(settings)
  const outbox = smtp ? undefined : outboxMail({ files, clock, random })
  const ports: Ports = {
    clock,
    random,
    store,
    files,
    mail: smtp ?? outbox ?? outboxMail({ files, clock, random }),
    signers: registeredSigners({ vault, store, clock, mac: purposeMac(masterSecret(keys)) }),
    keyVault: vault,
    outbound: guardedFetch({ now: () => clock.now() }),
    primitives: nodePrimitives(),
    trust: readTrustFile(settings.trustFile),
    get ontology() {
      return ontologies.ontology
    },
    ontologies,
    esco: openEsco(settings),
    graph,
    practicals: open.practicals,
    sites: tracing?.sites(open.sites) ?? open.sites,
    pages: pagePainter(),
    badges: badgePainter(),
    certificates: certificatePrinter(),
    seals: readSeals(settings.seal),
    settings: { publicUrl, ...settings.lifetimes },
    ...traced,
  }
  return {
    ports,
    outbox,
    reloadSites: () => open.reload(),
    async inBatches(work) {
      const batched = batchedRecords(records)
      await work({ ...ports, store: storeOver(batched) })
      await batched.flush()
    },
    async close() {
      await open.stop()
      await graph.close()
      records.close()
    },
  }
}

function folder(...parts: string[]): string {
  const path = join(...parts)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return path
}
