import { base32 } from '#core/ids.ts'
import type { Signers } from '#core/ports.ts'
import type { Stage } from './queue.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** Job name and idempotency key of a run: says nothing about the learner to whoever sees the queue. */
export function jobKey(
  signers: Pick<Signers, 'mac'>,
  attemptId: string,
  stage: Stage,
  tryNumber: number,
): string {
  const mac = signers.mac('practical-job-key', bytes(`${attemptId}|${stage}|${tryNumber}`))
  return `ska-${base32(mac).slice(0, 24)}`
}

/** Signs one manifest and dies with its run: bound to the run's key and nonce. */
export function manifestKey(signers: Pick<Signers, 'mac'>, runKey: string, nonce: string): Uint8Array {
  return signers.mac('practical-manifest-key', bytes(`${runKey}|${nonce}`))
}

/** Chooses the task of a learner, where each gets another one: the same for every attempt, and nothing secret. */
export function taskSeed(signers: Pick<Signers, 'mac'>, who: string, practicalId: string): number {
  const mac = signers.mac('practical-task', bytes(`${who}|${practicalId}`))
  return new DataView(mac.buffer, mac.byteOffset, 4).getUint32(0)
}

/** Chooses the hidden inputs of an attempt: the same for every retry, and never shown to a work job. */
export function hiddenSeed(signers: Pick<Signers, 'mac'>, attemptId: string, specHash: string): number {
  const mac = signers.mac('practical-hidden-seed', bytes(`${attemptId}|${specHash}`))
  return new DataView(mac.buffer, mac.byteOffset, 4).getUint32(0)
}
