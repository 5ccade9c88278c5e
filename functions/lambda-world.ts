import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { systemClock } from '#adapters/node-platform/clock.ts'
import type { Tracing } from '#adapters/opentelemetry/open.ts'
import { readTexts } from '#adapters/secrets-manager/secrets.ts'
import type { Clock, Ports } from '#core/ports.ts'
import { takeUpOntology } from '#core/skills/project-graph.ts'
import type { Log } from '#http/log.ts'
import { awsPorts } from './aws-ports.ts'
import { type AwsSettings, readAwsSettings } from './aws-settings.ts'
import { lambdaLog } from './lambda-log.ts'
import { openTracing } from './open-tracing.ts'
import { readSettings, type Settings } from './settings.ts'

/** Everything a function has. */
export interface LambdaWorld {
  ports: Ports
  settings: Settings
  aws: AwsSettings
  log: Log
  /** Where somebody watches; whoever answers an event flushes it, as Lambda stops the clock between two. */
  tracing?: Tracing | undefined
  /** A secret that is a JSON object of texts; read anew each time. */
  readSecret: (address: string) => Promise<Record<string, string>>
}

/** What is there before the ports are, for whoever makes some of them. */
export type FunctionParts = Pick<LambdaWorld, 'settings' | 'aws' | 'readSecret'> & { clock: Clock }

/** A version of the ontology published elsewhere is taken up within this time. */
const refreshEverySeconds = 60

/** Where practicals run, for a function that only asks the sites' own functions; nothing where there are none. */
export async function sitesAsked(parts: FunctionParts): Promise<Partial<Ports>> {
  if (parts.settings.sitesFile === undefined) return {}
  return (await import('./lambda-sites.ts')).lambdaSites(parts)
}

/**
 * What a function makes with its first event and keeps for the next ones. When it cannot be made that event
 * fails, and the next one tries again.
 */
export function kept<T>(
  make: (world: LambdaWorld) => T | Promise<T>,
  own?: (parts: FunctionParts) => Promise<Partial<Ports>>,
): () => Promise<T> {
  let made: Promise<{ value: T; ports: Ports; freshUntil: number }> | undefined
  const open = async () => {
    const settings = readSettings(process.env)
    const aws = readAwsSettings(process.env)
    const secrets = new SecretsManagerClient({})
    const readSecret = (address: string) => readTexts(secrets, address)
    const tracing = await openTracing(settings, process.env['AWS_LAMBDA_FUNCTION_NAME'])
    const ports = await awsPorts(
      settings,
      aws,
      { log: lambdaLog, secrets, tracing },
      await own?.({ settings, aws, readSecret, clock: systemClock }),
    )
    await ports.ontologies.refresh()
    const value = await make({ ports, settings, aws, log: lambdaLog, tracing, readSecret })
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
