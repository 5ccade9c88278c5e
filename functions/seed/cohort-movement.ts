import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import { type Cohort, demoCohorts, type SeedPorts, seedCohort } from './cohorts.ts'
import { demoInstitutions, institutDuPort } from './institutions.ts'
import { seedOfferings } from './offerings.ts'
import { seedRegistrar } from './staff.ts'

const moduleId = 'm-llm-inference'

/** The next cohort of each institution. */
const nextCohort: Cohort = {
  name: 'plant-next',
  sector: 'manufacturing',
  targetGroups: ['professionals'],
  learners: 20,
  modules: [{ moduleId, passed: 20 }],
}

/**
 * What happens between two snapshots of the demo: another cohort of each invented institution passes
 * `m-llm-inference`, and Institut du Port revokes the awards of its first one. Well above the threshold on
 * both sides, so that the published answer moves. Repeating it changes nothing.
 */
export async function moveCohorts(ports: SeedPorts): Promise<{ awarded: number; revoked: number }> {
  const offerings = await seedOfferings(ports)
  let awarded = 0
  for (const institution of demoInstitutions) {
    awarded += (await seedCohort(institution, nextCohort, offerings, ports)).length
  }
  let revoked = 0
  const first = demoCohorts[0]
  const passed = first?.modules.find((one) => one.moduleId === moduleId)?.passed ?? 0
  for (let number = 0; number < passed; number++) {
    const subject = `seed-${first?.name}-${number}`
    const learner = await ports.store.findLearnerBySubject(institutDuPort.tag, subject)
    const awards = learner ? await ports.store.awardsOf(learner.id) : []
    for (const { id: awardId } of awards.filter((award) => award.moduleId === moduleId)) {
      await changeAwardStatus(
        seedRegistrar(institutDuPort),
        'revoke',
        { requestId: `revoke-${subject}`, awardId, reason: 'The cohort was assessed with a wrong task.' },
        ports,
      )
      revoked++
    }
  }
  return { awarded, revoked }
}
