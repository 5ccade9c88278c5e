import type { AssessmentId, LearnerId, OfferingId, RunId, TenantTag } from '#core/ids.ts'
import type { OverrideReason } from '#core/practicals/override.ts'

/** Append-only. A correction is a new assessment that names the one it supersedes. */
export interface Assessment {
  id: AssessmentId
  tenant: TenantTag
  offeringId: OfferingId
  moduleId: string
  learnerId: LearnerId
  /** Account that decided, or `graded-run` when the module's rule decided from a graded practical. */
  decidedBy: string
  scorePercent: number
  outcome: 'passed' | 'failed'
  gradedRunId?: RunId
  /** Where an assessor decided about a graded run; `confirmedBy` is the second one, where the module asks for two. */
  override?: { runId: RunId; reasonCode: OverrideReason; confirmedBy?: string }
  recordedAt: Date
  supersedes?: AssessmentId
}
