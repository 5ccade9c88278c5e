import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { parseTraceParent } from '@opentelemetry/core'
import type { TracerProvider } from '@opentelemetry/sdk-trace'
import { Refusal } from '#core/refusal.ts'
import type { Step, StepNotes, Trace } from '#core/trace.ts'

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const

/**
 * `Trace` by spans of OpenTelemetry. An error is noted by its code or class alone: its message may quote what
 * somebody typed.
 */
export function spanTrace(provider: Pick<TracerProvider, 'getTracer'>): Trace {
  const tracer = provider.getTracer('ai-skills-academy')
  const contexts = new AsyncLocalStorageContextManager().enable()

  function begin({ name, kind, from, notes = {} }: Step): { span: Span; within: Context } {
    const parent = from === undefined ? contexts.active() : contextOf(from)
    const span = tracer.startSpan(
      name,
      { kind: kind ? kinds[kind] : SpanKind.INTERNAL, attributes: notes },
      parent,
    )
    return { span, within: trace.setSpan(parent, span) }
  }

  return {
    current() {
      const now = trace.getSpanContext(contexts.active())
      if (!now) return undefined
      return `00-${now.traceId}-${now.spanId}-${now.traceFlags.toString(16).padStart(2, '0')}`
    },

    async step(step, work) {
      const { span, within } = begin(step)
      try {
        return await contexts.with(within, () => work(notesOf(span)))
      } catch (error) {
        notesOf(span).note({ 'error.type': typeOf(error) })
        throw error
      } finally {
        span.end()
      }
    },
  }
}

function notesOf(span: Span): StepNotes {
  return {
    rename: (name) => void span.updateName(name),
    note(notes) {
      span.setAttributes(notes)
      if (notes['error.type'] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
    },
  }
}

/** What was kept may be older than this code, or damaged: then the work begins a trace of its own. */
function contextOf(from: string): Context {
  const spanContext = parseTraceParent(from)
  return spanContext ? trace.setSpanContext(ROOT_CONTEXT, { ...spanContext, isRemote: true }) : ROOT_CONTEXT
}

function typeOf(error: unknown): string {
  if (error instanceof Refusal) return error.code
  return error instanceof Error ? error.name : typeof error
}
