import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ConsoleSpanExporter,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { KeyVault } from '#core/keys/key-vault.ts'
import type { Sites } from '#core/practicals/site.ts'
import type { Records } from '#core/records.ts'
import type { Trace } from '#core/trace.ts'
import { spanTrace } from './trace.ts'
import type { TraceSettings } from './trace-settings.ts'
import { tracedRecords, tracedSites, tracedVault } from './traced-ports.ts'

/** Traces that are exported, and the ports whose calls are steps of them. */
export interface Tracing {
  trace: Trace
  records: <R extends Records>(records: R, system: string) => R
  vault(vault: KeyVault): KeyVault
  sites(sites: Sites): Sites
  /** Exports what has ended. An exporter that is away loses it, and nobody waits for more than some seconds. */
  flush(): Promise<void>
  close(): Promise<void>
}

const flushMilliseconds = 3000

/** Begins to trace, in the name of a function where there is one. Loaded only where somebody watches. */
export function openTracing(
  settings: TraceSettings,
  exporter = exporterOf(settings),
  functionName?: string,
): Tracing {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'ai-skills-academy',
      ...(functionName === undefined ? {} : { 'faas.name': functionName }),
    }).merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(settings),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: settings.delayMilliseconds })],
  })
  const trace = spanTrace(provider)
  return {
    trace,
    records: (records, system) => tracedRecords(records, system, trace),
    vault: (vault) => tracedVault(vault, trace),
    sites: (sites) => tracedSites(sites, trace),
    // What cannot be exported is no reason to fail what was done.
    flush: () => provider.forceFlush({ timeoutMillis: flushMilliseconds }).catch(() => undefined),
    close: () => provider.shutdown().catch(() => undefined),
  }
}

function exporterOf({ exporter }: TraceSettings): SpanExporter {
  return exporter === 'console' ? new ConsoleSpanExporter() : new OTLPTraceExporter()
}

function samplerOf({ sampler, ratio }: TraceSettings): Sampler {
  const root = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  }
  if (sampler === 'always_on' || sampler === 'always_off' || sampler === 'traceidratio')
    return root[sampler]()
  const name = sampler.slice('parentbased_'.length) as keyof typeof root
  return new ParentBasedSampler({ root: root[name]() })
}
