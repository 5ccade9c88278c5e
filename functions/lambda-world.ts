import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { readTexts } from '#adapters/secrets-manager/secrets.ts'
import type { Ports } from '#core/ports.ts'
import { takeUpOntology } from '#core/skills/project-graph.ts'
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
  /** A secret that is a JSON object of texts; read anew each time. */
  readSecret: (address: string) => Promise<Record<string, string>>
}

/** A version of the ontology published elsewhere is taken up within this time. */
const refreshEverySeconds = 60

/**
 * What a function makes with its first event and keeps for the next ones. When it cannot be made that event
 * fails, and the next one tries again.
 */
export function kept<T>(
  make: (world: LambdaWorld) => T | Promise<T>,
  own?: () => Promise<Partial<Ports>>,
): () => Promise<T> {
  let made: Promise<{ value: T; ports: Ports; freshUntil: number }> | undefined
  const open = async () => {
    const settings = readSettings(process.env)
    const aws = readAwsSettings(process.env)
    const secrets = new SecretsManagerClient({})
    const ports = await awsPorts(settings, aws, { log: lambdaLog, secrets }, await own?.())
    await ports.ontologies.refresh()
    const value = await make({
      ports,
      settings,
      aws,
      log: lambdaLog,
      readSecret: (address) => readTexts(secrets, address),
    })
    return { value, ports, freshUntil: Date.now() + refreshEverySeconds * 1000 }
  }
  return async () => {
    made ??= open().catch((cause) => {
      made = undefined
      throw cause
    })
    const kept = await made
    if (Date.now() > kept.freshUntil) {
      kept.freshUntil = Date.now() + refreshEverySeconds * 1000
      await takeUpOntology(kept.ports)
    }
    return kept.value
  }
}
