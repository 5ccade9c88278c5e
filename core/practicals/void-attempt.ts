import type { Ports } from '#core/ports.ts'
import type { LiveAttempt } from './attempt.ts'
import { QueueError } from './queue.ts'
import type { Run } from './run.ts'

/**
 * Ends an attempt that cannot be judged because this deployment no longer has its practical as it was. It
 * costs the learner nothing, and frees them to start anew. True when it was written.
 */
export async function voidAttempt(
  attempt: LiveAttempt,
  run: Run,
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
  const { nextAt: _never, ...rest } = attempt
  return ports.store.saveStep({
    attempt: {
      ...rest,
      state: 'void',
      reason: 'practical-changed',
      endedAt: at,
      phases: [...attempt.phases, { phase: 'ended', at }],
    },
    runs: [],
    event: { at, run: run.number, type: 'tick', state: run.state, effects: [] },
  })
}
