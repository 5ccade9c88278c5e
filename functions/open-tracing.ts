import type { Tracing } from '#adapters/opentelemetry/open.ts'
import type { Settings } from './settings.ts'

/** Traces, where the settings ask for them; without, the library is not even loaded. */
export async function openTracing(
  { traces }: Pick<Settings, 'traces'>,
  functionName?: string,
): Promise<Tracing | undefined> {
  if (!traces) return undefined
  return (await import('#adapters/opentelemetry/open.ts')).openTracing(traces, undefined, functionName)
}
