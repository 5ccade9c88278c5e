import type { AssessmentPorts } from '#core/assessments/judge.ts'
import { publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import type { LearnerId, TenantTag } from '#core/ids.ts'
import { demoCohorts, entrySkills, seedCohort } from './cohorts.ts'
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
 * cohorts, and publishes the first snapshot of the gap. Does nothing when it was done before, and
 * goes on where it was cut off.
 */
export async function seedAcademy(ports: AssessmentPorts): Promise<void> {
  const { store, ontology } = ports
  // The first account's learner is saved last: it says that all the rest is there.
  if (await store.findLearnerBySubject(northLake.tag, 'learner')) return
  for (const institution of demoInstitutions) await store.saveInstitutionOnce(institution)
  const offerings = await seedOfferings(ports)
  await seedCohorts(offerings, ports)
  await publishSnapshot(seedManager, { requestId: 'seed-snapshot' }, ports)
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

/** The demo cohorts at every institution. */
async function seedCohorts(offerings: SeededOfferings, ports: AssessmentPorts): Promise<void> {
  for (const institution of demoInstitutions) {
    const seeded = new Set<LearnerId>()
    for (const cohort of demoCohorts) {
      for (const id of await seedCohort(institution, cohort, offerings, ports)) seeded.add(id)
    }
    await forgetEvents(institution.tag, seeded, ports)
  }
}

// Cohorts are history: nobody waits for a mail about an offer, and statistics read the records themselves.
async function forgetEvents(
  tenant: TenantTag,
  learners: ReadonlySet<LearnerId>,
  { store }: AssessmentPorts,
): Promise<void> {
  const events = await store.pendingEvents(tenant, 1000)
  await store.acknowledgeEvents(events.filter(({ learnerId }) => learners.has(learnerId)))
}
