import { QueueError } from '#core/practicals/queue.ts'
import type { FirecrestAnswer } from './rest-call.ts'

/** An answer that says nothing but that the site is not well. */
export function siteFailed({ status, message }: FirecrestAnswer): boolean {
  if (status === 408 || status === 424) return true
  // 500 is also how FirecREST passes on what Slurm's programs said.
  return status >= 500 && !/Slurm command response/.test(message ?? '')
}

/** Slurm's own programs did not reach the controller, or did not hear its answer. */
const unheard = /connect failure|Socket timed out|temporarily unable|Zero Bytes|Connection refused/i

export function submitError({ status, message }: FirecrestAnswer): QueueError {
  if (status === 404) return new QueueError('rejected', 'the site does not know this system')
  // Turned away before anybody looked at it: it may be sent again, later.
  if (status === 429) return new QueueError('unavailable', 'the site asks us to wait')
  if (status === 403) {
    // A limit on how many jobs an account may have is one that passes.
    if (/limit/i.test(message ?? ''))
      return new QueueError('unavailable', 'the account has too many jobs now')
    return new QueueError('rejected', 'the account may not use this system')
  }
  // FirecREST found its scheduler unhealthy and did not ask it; any other 503 is somebody else's.
  if (status === 503 && message !== undefined)
    return new QueueError('unavailable', 'the scheduler of the site is not well')
  // 408: the command was under way and took too long.
  if (status >= 400 && status < 500 && status !== 408 && status !== 424)
    return new QueueError('rejected', 'the site does not take this request')
  const refused = /sbatch: error: Batch job submission failed/.test(message ?? '')
  if (status === 500 && refused && !unheard.test(message ?? ''))
    return new QueueError('rejected', 'the site refuses this job')
  return new QueueError('unconfirmed', 'the site may not have heard')
}

export function questionError({ status, message }: FirecrestAnswer): QueueError {
  if (/Access\/permission denied/.test(message ?? ''))
    return new QueueError('rejected', 'the job belongs to another account')
  if (status === 404 || status === 403 || status === 400)
    return new QueueError('rejected', 'the site does not take this request')
  return new QueueError('unavailable', 'the site cannot answer now')
}
