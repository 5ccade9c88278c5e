import type { Offering } from '#core/offerings/offering.ts'
import type { Attempt } from '#core/practicals/attempt.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'

/**
 * What an assessor's pass may rest on: the newest graded attempt of this offering that did not fail.
 * A local run is left out where the offering does not accept one. `attempts` come newest first.
 */
export function creditableEvidence(attempts: readonly Attempt[], offering: Offering): PracticalEvidence[] {
  for (const attempt of attempts) {
    if (attempt.offeringId !== offering.id || attempt.state !== 'graded') continue
    const { outcome, evidence } = attempt.graded
    if (outcome === 'failed') continue
    if (evidence.environment === 'local' && !offering.allowsLocalEvidence) continue
    return [evidence]
  }
  return []
}
