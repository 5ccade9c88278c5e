import type { sqsClient } from './client.ts'

/** Puts work into a queue, each piece one JSON object. The SDK is loaded by the first. */
export function sqsSender(url: string): { send(work: object): Promise<void> } {
  let loaded: Promise<ReturnType<typeof sqsClient>> | undefined
  return {
    async send(work) {
      loaded ??= import('./client.ts').then((client) => client.sqsClient())
      await (await loaded)(url, JSON.stringify(work))
    },
  }
}
