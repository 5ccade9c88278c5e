import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import type { RequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { requestOf } from '#core/requests.ts'
import { buildSupply } from './build-snapshot.ts'
import { privacyRules } from './cell-privacy.ts'
import { collectSupply } from './collect-supply.ts'
import { supplyCounter } from './count-supply.ts'
import { demandByRole } from './demand.ts'
import { type Snapshot, snapshotMethod } from './snapshot.ts'

/**
 * The snapshot job: counts verified supply as of now and publishes it with the demand. What it publishes
 * names no learner, and its private counts are read by nothing but the next run.
 * Refuses `state_conflict` when another snapshot was published meanwhile.
 */
export async function publishSnapshot(
  actor: Actor | undefined,
  { requestId }: { requestId: RequestId },
  ports: Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'settings'>,
): Promise<Snapshot> {
  authorise(actor, 'publishSnapshot', { tenant: platformTag })
  const { store, ontology } = ports
  const rules = privacyRules(ports.settings.snapshotThreshold)
  const now = ports.clock.now()
  const before = await store.findPrivateCounts()

  const counter = supplyCounter()
  for await (const supply of collectSupply(store, now)) counter.add(supply)
  const sectors = [...ontology.sectors.keys()].sort()
  const { supply, kept } = buildSupply(before?.counts, counter.counts(), sectors, rules)

  const snapshot: Snapshot = {
    id: ports.random.id(platformTag, 'snp'),
    publishedAt: now,
    ontology: { version: ontology.version, digest: ontology.digest },
    threshold: rules.threshold,
    method: snapshotMethod,
    demandSource: 'synthetic-sample',
    ...(before ? { previous: before.keptBy } : {}),
    demand: demandByRole(ontology, ontology.demandSample, rules),
    supply,
  }
  const request = requestOf(actor, 'publishSnapshot', platformTag, requestId, {})
  return store.saveSnapshotOnce(request, snapshot, kept)
}
