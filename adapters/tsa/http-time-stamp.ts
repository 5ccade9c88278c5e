import type { TimeStampAuthority } from '#core/edc/seal-credential.ts'
import { Refusal } from '#core/refusal.ts'

const maxAnswerBytes = 64 * 1024
const timeoutMilliseconds = 10_000

/**
 * A time stamp authority over HTTP (RFC 3161 §3.4). The address comes from the operator's settings, never
 * from a credential; plain http only on the loopback interface. No redirect is followed.
 */
export function httpTimeStamps(address: string, anchors: readonly Uint8Array[]): TimeStampAuthority {
  const url = new URL(address)
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    throw new Error('the address of the time stamp authority must be https')
  }
  return {
    anchors,
    async request(der) {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
          body: new Uint8Array(der),
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMilliseconds),
        })
        if (
          !response.ok ||
          !response.headers.get('content-type')?.startsWith('application/timestamp-reply')
        ) {
          await response.body?.cancel()
          throw unavailable('it did not answer with a time stamp')
        }
        return await readAll(response)
      } catch (cause) {
        throw cause instanceof Refusal ? cause : unavailable('it cannot be reached', cause)
      }
    },
  }
}

async function readAll(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > maxAnswerBytes) throw unavailable('its answer is too large')
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

function unavailable(why: string, cause?: unknown): Refusal {
  return new Refusal('time_stamp_unavailable', `The time stamp service gave no usable stamp: ${why}.`, {
    cause,
  })
}
