import type { Clock } from '#core/ports.ts'
import { sameText } from '#core/same-text.ts'

/** What CloudFront adds to each request it passes on, as `infra/edge-stack.ts` tells it. */
export const edgeHeaders = {
  /** A value of the secret that only CloudFront and the functions know. */
  origin: 'x-academy-origin',
  /** Address of who asked CloudFront. */
  visitor: 'x-academy-visitor',
} as const

/** A value that was added to the secret is taken within this time. */
const keptMs = 60_000

/**
 * Whether CloudFront passed a request on, which alone can show a value of the secret: whoever calls a function's own
 * address comes by no firewall. Every value in the secret counts, so that a new one can be added before CloudFront
 * sends it. `read` gives the values by name; when it fails later on, those read before still hold.
 */
export function edgeCheck(
  read: () => Promise<Record<string, string>>,
  clock: Clock,
): (headers: Headers) => Promise<boolean> {
  let values: string[] | undefined
  let readAt = Number.NEGATIVE_INFINITY
  const current = async () => {
    const now = clock.now().getTime()
    if (values && now - readAt < keptMs) return values
    const before = values
    values = await read().then(Object.values<string>, (cause: unknown) => {
      if (!before) throw cause
      return before
    })
    readAt = now
    return values
  }
  return async (headers) => {
    const shown = headers.get(edgeHeaders.origin) ?? ''
    // No value may be a word that is easily guessed, whoever wrote it into the secret.
    return (await current()).some((value) => value.length >= 32 && sameText(value, shown))
  }
}

/** What is said to whoever came by another way. */
export function notByEdge(): Response {
  return new Response('Come by the public address of this academy.\n', {
    status: 403,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  })
}
