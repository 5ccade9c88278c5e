import { setTimeout } from 'node:timers/promises'
import type { Clock } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { StreamStore } from '#core/store.ts'
import type { OpenStream } from '#schema/builder.ts'

/** What streams of live progress may cost. Written in `docs/operations.md`. */
export interface StreamLimits {
  /** At once, of one account, whichever process serves them; one for each attempt. */
  perAccount: number
  /** At once, of everybody, in one process. */
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

/**
 * Keeps count of the streams that are open: those of an account in the records, those of all in this process. An
 * account that follows a thing again takes the place of its former stream, so that nobody who was cut off is kept
 * out by a connection that is long dead. Refuses `too_many_requests`.
 */
export function progressStreams(
  limits: StreamLimits,
  { store, clock }: { store: StreamStore; clock: Clock },
): OpenStream {
  const open = new Set<{ endsAt: number }>()
  const tooMany = () =>
    new Refusal(
      'too_many_requests',
      'Too many streams are open. Ask now and then instead, or try again later.',
    )

  return async (actor, thing, events) => {
    const now = clock.now().getTime()
    // What nobody ever read to its end: its time is over.
    for (const one of open) if (one.endsAt < now) open.delete(one)
    if (open.size >= limits.inAll) throw tooMany()
    const mine = { endsAt: now + limits.longestMs }
    open.add(mine)
    const seconds = Math.ceil(limits.longestMs / 1000)
    const place = await store
      .takeStreamPlace(actor, thing, { most: limits.perAccount, seconds })
      .catch((cause: unknown) => {
        open.delete(mine)
        throw cause
      })
    if (!place) {
      open.delete(mine)
      throw tooMany()
    }
    const gone = new AbortController()
    const source = events(async () => {
      await setTimeout(limits.lookEveryMs, undefined, { signal: gone.signal, ref: false }).catch(
        () => undefined,
      )
      return !gone.signal.aborted && clock.now().getTime() < mine.endsAt && (await place.held())
    })
    const end = async () => {
      gone.abort()
      // One that is not let go of ends by itself.
      if (open.delete(mine)) await place.release().catch(() => undefined)
    }
    return untilEnded(source, end)
  }
}

/** The same events; `end` is called when there are no more, and at once when whoever listens goes away. */
function untilEnded<T>(
  source: AsyncGenerator<T, void, undefined>,
  end: () => Promise<void>,
): AsyncIterableIterator<T, void, undefined> {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        const step = await source.next()
        if (step.done) await end()
        return step
      } catch (error) {
        await end()
        throw error
      }
    },
    async return() {
      await end()
      return source.return()
    },
    async throw(error) {
      await end()
      return source.throw(error)
    },
  }
}
