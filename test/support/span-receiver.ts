import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'

const zValue = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z.object({ intValue: z.union([z.number(), z.string()]) }).transform(({ intValue }) => Number(intValue)),
  z.object({ doubleValue: z.number() }).transform(({ doubleValue }) => doubleValue),
])
const zSpan = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes: z
    .array(z.object({ key: z.string(), value: zValue }))
    .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value]))),
  events: z.array(z.unknown()).default([]),
})
const zExport = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(zSpan) })) })),
})
export type ReceivedSpan = z.output<typeof zSpan>

export interface SpanReceiver {
  /** Settings of a server that exports to it. */
  env: Record<string, string>
  spans: ReceivedSpan[]
  /** Everything it was sent, as it came. */
  text: () => string
  close: () => Promise<void>
}

/** What a collector of OpenTelemetry is to an exporter: takes spans as JSON over http, on loopback. */
export async function spanReceiver(): Promise<SpanReceiver> {
  const spans: ReceivedSpan[] = []
  let text = ''
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += String(part)
    text += body
    const exported = zExport.parse(JSON.parse(body))
    for (const { scopeSpans } of exported.resourceSpans)
      for (const scope of scopeSpans) spans.push(...scope.spans)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_BSP_SCHEDULE_DELAY: '200' },
    spans,
    text: () => text,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
