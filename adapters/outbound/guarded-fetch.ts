import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { Outbound } from '#core/ports.ts'
import { isPublicAddress } from './public-address.ts'

type OutboundReason =
  | 'not-https'
  | 'address-refused'
  | 'redirect-refused'
  | 'encoding-refused'
  | 'too-large'
  | 'timeout'
  | 'unreachable'

/** Why a guarded request has no answer. Holds no address: it may end in a log. */
class OutboundError extends Error {
  readonly reason: OutboundReason

  constructor(reason: OutboundReason, cause?: unknown) {
    super(`outgoing request: ${reason}`, cause === undefined ? undefined : { cause })
    this.name = 'OutboundError'
    this.reason = reason
  }
}

type Answer = Awaited<ReturnType<Outbound['get']>>

interface Guard {
  now: () => Date
  /** Whether a resolved address may be connected to. Tests alone give another answer than `isPublicAddress`. */
  mayConnect?: (address: string) => boolean
  /** PEM of further certificate authorities; tests alone. */
  ca?: string
  keptSeconds?: number
  failureKeptSeconds?: number
}

const keptEntries = 256
const keptBytesPerEntry = 256 * 1024

/**
 * The only way out of the platform. https only; every address a name resolves to is checked in the look-up
 * the connection itself uses, so a name that answers differently the second time gains nothing; no redirect
 * is followed; the body and the whole request are limited; answers and failures are kept for a short while.
 *
 * @throws OutboundError
 */
export function guardedFetch({
  now,
  mayConnect = isPublicAddress,
  ca,
  keptSeconds = 60,
  failureKeptSeconds = 15,
}: Guard): Outbound {
  const kept = new Map<string, { until: number; answer: Promise<Answer> }>()

  return {
    get(url, limits) {
      const key = JSON.stringify([url, limits.accept, limits.maxBytes])
      const at = now().getTime()
      const known = kept.get(key)
      if (known && known.until > at) return known.answer
      const answer = send(url, limits, mayConnect, ca)
      const entry = { until: at + limits.timeoutSeconds * 1000, answer }
      kept.delete(key)
      kept.set(key, entry)
      const oldest = kept.keys().next().value
      if (kept.size > keptEntries && oldest !== undefined) kept.delete(oldest)
      answer.then(
        ({ body }) => {
          if (body.length > keptBytesPerEntry) kept.delete(key)
          else entry.until = now().getTime() + keptSeconds * 1000
        },
        () => {
          entry.until = now().getTime() + failureKeptSeconds * 1000
        },
      )
      return answer
    },

    // What a form says is said once: neither its answer nor its failure is kept.
    postForm: (url, { form, authorization }, limits) =>
      send(url, limits, mayConnect, ca, {
        method: 'POST',
        body: form.toString(),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(authorization === undefined ? {} : { authorization }),
        },
      }),
  }
}

interface Sent {
  method: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
}

async function send(
  address: string,
  { maxBytes, timeoutSeconds, accept = '*/*' }: Parameters<Outbound['get']>[1],
  mayConnect: (address: string) => boolean,
  ca: string | undefined,
  { method, headers = {}, body }: Sent = { method: 'GET' },
): Promise<Answer> {
  const url = URL.parse(address)
  if (url?.protocol !== 'https:' || url.username || url.password) throw new OutboundError('not-https')
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // An address written as such is connected to without a look-up.
  if (isIP(literal) && !mayConnect(literal)) throw new OutboundError('address-refused')

  const signal = AbortSignal.timeout(timeoutSeconds * 1000)
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(
        url,
        {
          method,
          headers: {
            accept,
            'accept-encoding': 'identity',
            'user-agent': 'ai-skills-academy',
            ...headers,
            ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          },
          lookup: guardedLookup(mayConnect),
          agent: false,
          signal,
          ...(ca === undefined ? {} : { ca }),
        },
        resolve,
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })
    return await readAnswer(response, maxBytes)
  } catch (cause) {
    if (cause instanceof OutboundError) throw cause
    throw new OutboundError(signal.aborted ? 'timeout' : 'unreachable', cause)
  }
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<Answer> {
  const status = response.statusCode ?? 0
  const encoding = response.headers['content-encoding'] ?? 'identity'
  const refused =
    status >= 300 && status < 400
      ? 'redirect-refused'
      : encoding !== 'identity'
        ? 'encoding-refused'
        : undefined
  if (refused) {
    response.destroy()
    throw new OutboundError(refused)
  }
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length
    if (size > maxBytes) {
      response.destroy()
      throw new OutboundError('too-large')
    }
    parts.push(part)
  }
  return {
    status,
    contentType: response.headers['content-type'] ?? '',
    body: new Uint8Array(Buffer.concat(parts)),
  }
}

/** Resolves as usual and fails when any of the addresses may not be connected to. */
function guardedLookup(mayConnect: (address: string) => boolean): LookupFunction {
  return (hostname, options, answer) => {
    dnsLookup(hostname, { ...options, all: true }, (failure, addresses: LookupAddress[]) => {
      const first = addresses?.[0]
      if (failure || !first) return answer(failure ?? new Error('no address'), '', 0)
      if (!addresses.every(({ address }) => mayConnect(address))) {
        return answer(new OutboundError('address-refused'), '', 0)
      }
      return options.all ? answer(null, addresses) : answer(null, first.address, first.family)
    })
  }
}
