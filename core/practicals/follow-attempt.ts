import { type Actor, mayDo } from '#core/access/operations.ts'
import type { AttemptId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type Attempt, isLive } from './attempt.ts'

/**
 * An attempt whose learner, or assessor, the caller is. Refuses `not_found` for any other: whoever asks for
 * another's attempt does not hear that there is one.
 */
export async function attemptToFollow(
  actor: Actor | undefined,
  id: AttemptId,
  { store }: Pick<Ports, 'store'>,
): Promise<Attempt> {
  const attempt = await store.findAttempt(id)
  if (attempt && mayDo(actor, 'followPracticalRun', attempt)) return attempt
  throw new Refusal('not_found', 'There is no such record.')
}

/**
 * The attempt as it is, then again each time there is news in it, until it has ended or is gone. `again` waits
 * until it may be looked at once more, and answers false when nobody listens any longer.
 */
export async function* followAttempt(
  first: Attempt,
  { store }: Pick<Ports, 'store'>,
  again: () => Promise<boolean>,
): AsyncGenerator<Attempt, void, undefined> {
  let told = first
  yield told
  while (isLive(told) && (await again())) {
    const now = await store.findAttempt(told.id)
    if (!now) return
    if (!isNews(told, now)) continue
    told = now
    yield told
  }
}

/** A question to the site that brought nothing writes the attempt too; it is no news. */
const isNews = (before: Attempt, now: Attempt) =>
  now.state !== before.state || now.site !== before.site || now.phases.length !== before.phases.length
