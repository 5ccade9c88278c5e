import type { Trace } from '#core/trace.ts'
import type { sqsClient } from './client.ts'

/** Puts work into a queue, each piece one JSON object, beside the trace it is part of. The SDK is loaded by the first. */
export function sqsSender(
  url: string,
  trace?: Pick<Trace, 'current'>,
  load: () => Promise<{ sqsClient: typeof sqsClient }> = () => import('./client.ts'),
): { send(work: object): Promise<void> } {
  let loaded: Promise<ReturnType<typeof sqsClient>> | undefined
  return {
    async send(work) {
      loaded ??= load().then((client) => client.sqsClient())
      const traceparent = trace?.current()
      const attributes = traceparent === undefined ? {} : { traceparent }
      await (await loaded)(url, JSON.stringify(work), attributes)
    },
  }
}
