import type { AwardState } from '#core/awards/award.ts'
import type { LearnerId, OfferingId, RunId } from '#core/ids.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import type { RecordedAssessment } from '#core/store.ts'
import { type AssessmentPorts, judge, moduleOf } from './judge.ts'

/** A practical's `grade` run that has ended, with what it measured. */
export interface GradedRun {
  runId: RunId
  learnerId: LearnerId
  offeringId: OfferingId
  /** The grader's score; a run whose outputs are wrong scores below every pass mark. */
  scorePercent: number
  evidence: PracticalEvidence
}

/**
 * Records the assessment that follows from a graded run, for modules whose rule says that the run alone
 * decides. Called by the collector of runs, not by a user; the run's id makes it safe to repeat.
 * `after-revocation`, and nothing is recorded: an award of this offering was taken from the learner, so a pass gives
 * it back by an assessor's word only.
 */
export async function recordGradedRun(
  run: GradedRun,
  ports: AssessmentPorts,
): Promise<RecordedAssessment | 'after-revocation'> {
  const { offering, module } = await moduleOf(run.offeringId, ports)
  if (!module.assessedByRun) {
    throw new Refusal('state_conflict', 'This module is decided by an assessor, not by a run.')
  }
  const { runId, learnerId, scorePercent, evidence } = run
  const decidedBy = 'graded-run'
  const recorded = judge(
    { offering, module, learnerId, scorePercent, decidedBy, gradedRunId: runId, evidence: [evidence] },
    ports,
  )
  const collector = { subject: decidedBy, tenant: offering.tenant }
  const request = requestOf(collector, 'recordGradedRun', offering.tenant, runId, run)
  // What a repeat finds revoked may be what its first time awarded.
  const isFirst = recorded.award && !(await ports.store.wasAnswered(request))
  if (isFirst && (await wasRevoked(run, ports))) return 'after-revocation'
  return ports.store.saveAssessmentOnce(request, recorded)
}

async function wasRevoked(
  { learnerId, offeringId }: GradedRun,
  { store }: Pick<AssessmentPorts, 'store'>,
): Promise<boolean> {
  const awards = (await store.awardsOf(learnerId)).filter((award) => award.offeringId === offeringId)
  const has = (state: AwardState) => awards.some(({ status }) => status.state === state)
  return has('revoked') && !has('valid') && !has('suspended')
}
