import { publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import type { LearnerId, TenantTag } from '#core/ids.ts'
import { demoCohorts, entrySkills, type SeedPorts, seedCohort, waves } from './cohorts.ts'
import { demoInstitutions, northLake } from './institutions.ts'
import { type SeededOfferings, seedOfferings } from './offerings.ts'
import { seedManager } from './staff.ts'

/** Learners of the demo accounts: names as the embedded identity provider knows them. */
const demoLearners = [
  {
    account: 'learner',
    givenName: 'Ada',
    familyName: 'Lindqvist',
    readyFor: ['m-llm-inference', 'm-distributed-training'],
  },
  { account: 'learner2', givenName: 'Bruno', familyName: 'Keller', readyFor: [] },
]

/**
 * Fills an empty local academy with invented institutions, offerings, the demo accounts' learners and
 * cohorts, a month of them after the other, and publishes a snapshot of the gap for each month. Does nothing when
 * it was done before, and goes on where it was cut off.
 */
export async function seedAcademy(ports: SeedPorts): Promise<void> {
  const { store, ontology } = ports
  // The first account's learner is saved last: it says that all the rest is there.
  if (await store.findLearnerBySubject(northLake.tag, 'learner')) return
  for (const institution of demoInstitutions) await store.saveInstitutionOnce(institution)
  const offerings = await seedOfferings(ports)
  for (let wave = 0; wave < waves; wave++) {
    const then = { ...ports, clock: monthsAgo(waves - 1 - wave, ports) }
    await seedWave(wave, offerings, then)
    await publishSnapshot(seedManager, { requestId: `seed-snapshot-${wave}` }, then)
  }
  for (const { account, givenName, familyName, readyFor } of demoLearners.toReversed()) {
    await store.saveLearnerOnce(account, {
      id: ports.random.id(northLake.tag, 'lrn'),
      tenant: northLake.tag,
      rev: 0,
      person: { givenName, familyName, email: `${account}@${northLake.slug}.example` },
      recognisedSkills: entrySkills(readyFor, ontology),
    })
  }
}

/** One month of the demo cohorts at every institution. */
async function seedWave(wave: number, offerings: SeededOfferings, ports: SeedPorts): Promise<void> {
  for (const institution of demoInstitutions) {
    const seeded = new Set<LearnerId>()
    for (const cohort of demoCohorts) {
      for (const id of await seedCohort(institution, cohort, offerings, ports, wave)) seeded.add(id)
    }
    await forgetEvents(institution.tag, seeded, ports)
  }
}

function monthsAgo(months: number, { clock }: Pick<SeedPorts, 'clock'>): SeedPorts['clock'] {
  return {
    now() {
      const date = clock.now()
      // Days no month lacks: the 31st would slip into the next one.
      if (months > 0) date.setUTCMonth(date.getUTCMonth() - months, Math.min(28, date.getUTCDate()))
      return date
    },
  }
}

// Cohorts are history: nobody waits for a mail about an offer, and statistics read the records themselves.
async function forgetEvents(
  tenant: TenantTag,
  learners: ReadonlySet<LearnerId>,
  { store }: Pick<SeedPorts, 'store'>,
): Promise<void> {
  const events = await store.pendingEvents(tenant, 1000)
  await store.acknowledgeEvents(events.filter(({ learnerId }) => learners.has(learnerId)))
}
