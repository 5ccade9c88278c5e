import type { Ports } from '#core/ports.ts'
import type { Log } from '#http/log.ts'
import { awsPorts } from './aws-ports.ts'
import { type AwsSettings, readAwsSettings } from './aws-settings.ts'
import { lambdaLog } from './lambda-log.ts'
import { readSettings, type Settings } from './settings.ts'

/** Everything a function has. */
export interface LambdaWorld {
  ports: Ports
  settings: Settings
  aws: AwsSettings
  log: Log
}

/**
 * What a function makes with its first event and keeps for the next ones. When it cannot be made that event
 * fails, and the next one tries again.
 */
export function kept<T>(
  make: (world: LambdaWorld) => T | Promise<T>,
  own?: () => Promise<Partial<Ports>>,
): () => Promise<T> {
  let made: Promise<T> | undefined
  const open = async () => {
    const settings = readSettings(process.env)
    const aws = readAwsSettings(process.env)
    const ports = await awsPorts(settings, aws, lambdaLog, await own?.())
    return make({ ports, settings, aws, log: lambdaLog })
  }
  return () => {
    made ??= open().catch((cause) => {
      made = undefined
      throw cause
    })
    return made
  }
}
