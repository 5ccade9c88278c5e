import { recordGradedRun } from '#core/assessments/record-graded-run.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal, type RefusalCode } from '#core/refusal.ts'
import type { Attempt } from './attempt.ts'
import { endAttempt } from './step-attempt.ts'

type RecordPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'signers' | 'ontology' | 'settings'>
type Recording = Extract<Attempt, { state: 'recording' }>

/** Writes the assessment that follows, then ends the attempt. The run's id makes the first part safe to repeat. */
export async function recordAttempt(attempt: Recording, ports: RecordPorts): Promise<boolean> {
  const recorded = await recordAssessment(attempt, ports)
  const at = ports.clock.now()
  return ports.store.saveStep({
    attempt: { ...endAttempt(attempt, at), state: 'graded', recorded },
    runs: [],
    event: { at, run: attempt.runNumber, type: 'tick', state: 'DONE', effects: [] },
  })
}

// An offering that takes no local evidence, an award that is already there, a learner who was erased or left
// while the run went on: it stays on record, and trying again would change nothing.
const notCredited: readonly RefusalCode[] = [
  'evidence_not_allowed',
  'already_awarded',
  'not_found',
  'not_enrolled',
]

type Recorded = Extract<Attempt, { state: 'graded' }>['recorded']

async function recordAssessment(attempt: Recording, ports: RecordPorts): Promise<Recorded> {
  const module = ports.ontology.modules.get(attempt.moduleId)
  if (!module?.assessedByRun || attempt.graded.outcome === 'needs-review') return 'for-assessor'
  const { scorePercent, evidence } = attempt.graded
  const { runId, learnerId, offeringId } = attempt
  try {
    const recorded = await recordGradedRun({ runId, learnerId, offeringId, scorePercent, evidence }, ports)
    return recorded === 'after-revocation' ? recorded : 'assessment'
  } catch (error) {
    if (error instanceof Refusal && notCredited.includes(error.code)) return 'not-credited'
    throw error
  }
}
