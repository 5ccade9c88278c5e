import type { SealOptions } from '#core/edc/seal-credential.ts'
import type { Settings } from './settings.ts'

/** How European credentials are sealed on AWS: with the institutions' keys in KMS, and a time stamp where one is set. */
export async function awsSeals({
  signingTime,
  statusEntries,
  timeStamps,
}: Settings['seal']): Promise<SealOptions> {
  return {
    signingTime,
    ...(statusEntries ? { statusEntries } : {}),
    ...(timeStamps ? { timeStamps: (await import('./time-stamps.ts')).timeStampsOf(timeStamps) } : {}),
  }
}
