import type { Award } from '#core/awards/award.ts'
import { makeAward } from '#core/awards/make-award.ts'
import { openOffer } from '#core/credentials/open-offer.ts'
import type { AssessmentId, LearnerId, OfferingId, RunId } from '#core/ids.ts'
import type { Offering } from '#core/offerings/offering.ts'
import type { Ports } from '#core/ports.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import { Refusal } from '#core/refusal.ts'
import type { Module } from '#core/skills/ontology.ts'
import type { RecordedAssessment } from '#core/store.ts'
import type { Assessment } from './assessment.ts'

export type AssessmentPorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'signers' | 'settings'>

/** A result as it came in, before the pass mark is applied. */
export interface Result {
  offering: Offering
  module: Module
  learnerId: LearnerId
  scorePercent: number
  decidedBy: string
  gradedRunId?: RunId
  override?: Assessment['override']
  supersedes?: AssessmentId
  evidence: PracticalEvidence[]
  /** When it was achieved, if not now. */
  awardedAt?: Date
  validUntil?: Date
}

/** The offering and the module it runs; refuses `not_found`. */
export async function moduleOf(
  offeringId: OfferingId,
  ports: Pick<Ports, 'store' | 'ontology'>,
): Promise<{ offering: Offering; module: Module }> {
  const offering = await ports.store.findOffering(offeringId)
  if (!offering) throw new Refusal('not_found', 'There is no such record.')
  const module = ports.ontology.modules.get(offering.moduleId)
  if (!module) throw new Error('an offering names a module the ontology in force does not have')
  return { offering, module }
}

/** Applies the module's pass mark; on a pass builds the award and an open offer. Writes nothing. */
export function judge(result: Result, ports: AssessmentPorts): RecordedAssessment {
  const { offering, module, evidence } = result
  const { tenant } = offering
  refuseForeignEvidence(offering, evidence)
  const assessment: Assessment = {
    id: ports.random.id(tenant, 'asm'),
    tenant,
    offeringId: offering.id,
    moduleId: module.id,
    learnerId: result.learnerId,
    decidedBy: result.decidedBy,
    scorePercent: result.scorePercent,
    outcome: result.scorePercent >= module.passMarkPercent ? 'passed' : 'failed',
    ...(result.gradedRunId ? { gradedRunId: result.gradedRunId } : {}),
    ...(result.override ? { override: result.override } : {}),
    ...(result.supersedes ? { supersedes: result.supersedes } : {}),
    recordedAt: ports.clock.now(),
  }
  if (assessment.outcome === 'failed') return { assessment }
  const made = makeAward(
    ports.random.id(tenant, 'awd'),
    { assessment, module, offering, evidence },
    ports.ontology,
  )
  const { awardedAt = made.awardedAt, validUntil } = result
  const award: Award = { ...made, awardedAt, ...(validUntil ? { validUntil } : {}) }
  return { assessment, award, offer: openOffer(award, {}, ports) }
}

// A run on the local executor is measured on a machine nobody vouches for: only an offering that says so counts it.
function refuseForeignEvidence(offering: Offering, evidence: PracticalEvidence[]): void {
  if (!offering.allowsLocalEvidence && evidence.some(({ environment }) => environment === 'local')) {
    throw new Refusal('evidence_not_allowed', 'This offering does not accept a local run as evidence.')
  }
}
