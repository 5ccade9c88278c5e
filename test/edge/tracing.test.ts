import { InMemorySpanExporter } from '@opentelemetry/sdk-trace'
import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { openTracing } from '#adapters/opentelemetry/open.ts'
import { sqsSender } from '#adapters/sqs/sender.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import { Refusal } from '#core/refusal.ts'
import { openTracing as openIfAsked } from '#functions/open-tracing.ts'
import { readSettings } from '#functions/settings.ts'
import { eachMessage } from '#functions/sqs-batch.ts'
import { world } from '#test/support/world.ts'

function traced(sampler: 'always_on' | 'always_off' = 'always_on') {
  const exporter = new InMemorySpanExporter()
  const tracing = openTracing({ exporter: 'otlp', sampler, ratio: 1, delayMilliseconds: 60_000 }, exporter)
  onTestFinished(() => tracing.close())
  const spans = async () => {
    await tracing.flush()
    return exporter.getFinishedSpans()
  }
  return { ...tracing, spans }
}

test('nothing is traced unless a variable asks for it, and one can say no', async () => {
  for (const environment of [
    {},
    { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' },
    { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' },
  ])
    expect(await openIfAsked(readSettings(environment))).toBeUndefined()
  const asked = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_TRACES_SAMPLER_ARG: '0.25' }
  expect(readSettings(asked).traces).toMatchObject({ exporter: 'otlp', ratio: 0.25 })
  expect(() => readSettings({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow('must be http/json')
})

test('a step is within the one that caused it, and an error is told by its code alone', async () => {
  const { trace, spans } = traced()
  const refused = trace.step({ name: 'outer' }, () =>
    trace.step({ name: 'inner', kind: 'client' }, async () => {
      throw new Refusal('not_found', 'There is no such person as Ada.')
    }),
  )
  await expect(refused).rejects.toThrow('Ada')
  const [inner, outer] = await spans()
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId)
  expect([inner?.attributes, inner?.events]).toEqual([{ 'error.type': 'not_found' }, []])
})

test('calls of engines are steps of what asked for them, without their keys, and alone they are nothing', async () => {
  const { trace, records, spans } = traced()
  const { records: engine } = await world()
  const watched = records(engine, 'sqlite')
  const key = { pk: 'T#k3vq7m2a#L#somebody', sk: 'META' }
  await watched.get(key)
  await trace.step({ name: 'asked' }, () => watched.get(key))
  const found = await spans()
  expect(found.map(({ name }) => name)).toEqual(['records get', 'asked'])
  expect(JSON.stringify(found.map(({ attributes }) => attributes))).not.toContain('somebody')
})

test('whoever delivers an event goes on with the trace it was written in', async () => {
  const { trace, spans } = traced()
  const academy = await world({ trace })
  await trace.step({ name: 'award' }, () => academy.award())
  await deliverEvents(academy)
  const found = await spans()
  const award = found.find(({ name }) => name === 'award')
  const delivered = found.filter(({ name }) => name.startsWith('deliver '))
  expect(delivered.map(({ name }) => name)).toContain('deliver graph')
  for (const span of delivered) expect(span.spanContext().traceId).toBe(award?.spanContext().traceId)
})

test('a message of a queue carries the trace it was put there in', async () => {
  const { trace, spans } = traced()
  const sent: { body: string; attributes: Record<string, string> }[] = []
  const client = {
    sqsClient: () => async (_: string, body: string, attributes: Record<string, string>) =>
      sent.push({ body, attributes }),
  }
  const queue = sqsSender('https://queue.example', trace, async () => client)
  await queue.send({ n: 1 })
  await trace.step({ name: 'put' }, () => queue.send({ n: 2 }))
  const Records = sent.map(({ body, attributes }, at) => ({
    messageId: String(at),
    body,
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue }]),
    ),
  }))
  const done: number[] = []
  const zWork = z.strictObject({ n: z.int() })
  const answer = await eachMessage(
    { Records },
    zWork,
    { log: () => undefined, ports: { trace } },
    async ({ n }) => void done.push(n),
  )
  expect([answer, done]).toEqual([{ batchItemFailures: [] }, [1, 2]])
  const [put, alone, after] = await spans()
  expect(after?.spanContext().traceId).toBe(put?.spanContext().traceId)
  expect(alone?.spanContext().traceId).not.toBe(put?.spanContext().traceId)
})

test('what is not sampled stays so over what waits, and what was kept by somebody else is no harm', async () => {
  const { trace, spans } = traced('always_off')
  const kept = await trace.step({ name: 'outer' }, async () => trace.current())
  expect(kept).toMatch(/-00$/)
  const other = traced()
  await other.trace.step({ name: 'goes on', from: 'not a trace' }, async () => undefined)
  expect(await spans()).toEqual([])
  expect(await other.spans()).toHaveLength(1)
})
