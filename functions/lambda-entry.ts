import type { Ports } from '#core/ports.ts'
import { inStep } from '#core/trace.ts'
import type { LambdaWorld } from './lambda-world.ts'

type Watched = Pick<LambdaWorld, 'tracing'>

/** What Lambda hands over with each event. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number
}

/**
 * What is exported as `handler`: opens the world, does the work, and exports what was traced before it answers,
 * since Lambda stops the clock between two events. `test/edge/lambda-entries.test.ts` holds every function to it.
 */
export function flushed<World extends Watched, More extends unknown[], Answer>(
  open: () => Promise<World>,
  work: (world: World, ...event: More) => Promise<Answer>,
): (...event: More) => Promise<Answer> {
  return async (...event) => {
    const world = await open()
    try {
      return await work(world, ...event)
    } finally {
      await world.tracing?.flush()
    }
  }
}

/** The same for events that are no requests: each is a step of its own. */
export function lambdaEntry<
  World extends Watched & { ports: Pick<Ports, 'trace'> },
  More extends unknown[],
  Answer,
>(
  open: () => Promise<World>,
  work: (world: World, ...event: More) => Promise<Answer>,
): (...event: More) => Promise<Answer> {
  return flushed(open, (world, ...event) =>
    inStep(world.ports.trace, { name: 'invocation', kind: 'consumer' }, () => work(world, ...event)),
  )
}
