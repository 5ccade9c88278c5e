import { setTimeout } from 'node:timers/promises'
import type { Actor } from '#core/access/operations.ts'
import type { Clock } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { OpenStream } from '#schema/builder.ts'

/** What streams of live progress may cost a process. Written in `docs/operations.md`. */
export interface StreamLimits {
  /** At once, of one account; one for each attempt. */
  perAccount: number
  /** At once, of everybody. */
  inAll: number
  /** Between two looks of a stream. */
  lookEveryMs: number
  /** A stream ends then, whatever it follows; its client may open another. */
  longestMs: number
}

export const streamLimits: StreamLimits = {
  perAccount: 4,
  inAll: 500,
  lookEveryMs: 1000,
  longestMs: 15 * 60_000,
}

interface Open {
  stop: AbortController
  endsAt: number
}

/**
 * Keeps count of the streams that are open. An account that follows a thing again takes the place of its former
 * stream, so that nobody who was cut off is kept out by a connection that is long dead. Refuses
 * `too_many_requests`.
 */
export function progressStreams(limits: StreamLimits, clock: Clock): OpenStream {
  const open = new Map<string, Open>()

  return (actor, thing, events) => {
    const now = clock.now().getTime()
    // What nobody ever read to its end: its time is over.
    for (const [name, { endsAt }] of open) if (endsAt < now) open.delete(name)
    const account = accountOf(actor)
    const name = `${account} ${thing}`
    open.get(name)?.stop.abort()
    open.delete(name)
    const own = [...open.keys()].filter((other) => other.startsWith(`${account} `))
    if (own.length >= limits.perAccount || open.size >= limits.inAll) {
      throw new Refusal(
        'too_many_requests',
        'Too many streams are open. Ask now and then instead, or try again later.',
      )
    }
    const mine: Open = { stop: new AbortController(), endsAt: now + limits.longestMs }
    open.set(name, mine)
    const { signal } = mine.stop
    const source = events(async () => {
      await setTimeout(limits.lookEveryMs, undefined, { signal, ref: false }).catch(() => undefined)
      return !signal.aborted && clock.now().getTime() < mine.endsAt
    })
    const end = () => {
      mine.stop.abort()
      if (open.get(name) === mine) open.delete(name)
    }
    return untilEnded(source, end)
  }
}

/** The same events; `end` is called when there are no more, and at once when whoever listens goes away. */
function untilEnded<T>(
  source: AsyncGenerator<T, void, undefined>,
  end: () => void,
): AsyncIterableIterator<T, void, undefined> {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        const step = await source.next()
        if (step.done) end()
        return step
      } catch (error) {
        end()
        throw error
      }
    },
    async return() {
      end()
      return source.return()
    },
    async throw(error) {
      end()
      return source.throw(error)
    },
  }
}

const accountOf = ({ tenant, subject }: Actor) => JSON.stringify([tenant, subject])
