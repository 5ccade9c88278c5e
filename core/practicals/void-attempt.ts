import type { Ports } from '#core/ports.ts'
import type { LiveAttempt } from './attempt.ts'
import { release } from './attempt-budget.ts'
import { noCompute } from './compute.ts'
import { QueueError } from './queue.ts'
import type { Run } from './run.ts'
import { endAttempt } from './step-attempt.ts'

/**
 * Ends an attempt that cannot go on: this deployment no longer has its practical as it was (`practical-changed`)
 * or its site (`site-gone`), or no site takes it for too long (`site-unavailable`). It costs the learner nothing,
 * and frees them to start anew. True when it was written.
 */
export async function voidAttempt(
  attempt: LiveAttempt,
  run: Run,
  reason: 'practical-changed' | 'site-gone' | 'site-unavailable',
  ports: Pick<Ports, 'store' | 'clock' | 'sites'>,
): Promise<boolean> {
  const jobId = 'jobId' in run ? run.jobId : undefined
  try {
    if (jobId !== undefined) await ports.sites.find(attempt.site)?.queue.cancel(jobId)
  } catch (error) {
    // A site that cannot be asked ends the job by its own time limit.
    if (!(error instanceof QueueError)) throw error
  }
  const at = ports.clock.now()
  const budget = { ...attempt.budget, held: { work: noCompute, grade: noCompute } }
  return ports.store.saveStep({
    attempt: { ...endAttempt(attempt, at), budget, state: 'void', reason },
    runs: [],
    usage: [release(attempt, attempt.budget)],
    event: { at, run: run.number, type: 'tick', state: run.state, effects: [] },
  })
}
