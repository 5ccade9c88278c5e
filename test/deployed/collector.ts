import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import * as z from 'zod'

const zNotes = z.array(z.object({ key: z.string(), value: z.object({ stringValue: z.string().optional() }) }))
const zTraces = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: zNotes }),
      scopeSpans: z.array(z.object({ spans: z.array(z.object({ name: z.string() })) })),
    }),
  ),
})

/** Where the functions send their traces, in the place of a collector of OpenTelemetry. */
export interface Collector {
  url: string
  /** Names of the steps that came, by function. */
  steps: ReadonlyMap<string, string[]>
  /** Everything that came, as it came. */
  received(): string
  close(): void
}

/** Listens on loopback. */
export async function traceCollector(): Promise<Collector> {
  const steps = new Map<string, string[]>()
  let received = ''
  const server = createServer(async (request, response) => {
    const body = await text(request)
    received += body
    for (const { resource, scopeSpans } of zTraces.parse(JSON.parse(body)).resourceSpans) {
      const name = resource.attributes.find(({ key }) => key === 'faas.name')?.value.stringValue ?? ''
      const names = scopeSpans.flatMap(({ spans }) => spans.map((span) => span.name))
      steps.set(name, [...(steps.get(name) ?? []), ...names])
    }
    response.setHeader('content-type', 'application/json')
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    steps,
    received: () => received,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
