import type { Clock, Outbound } from '#core/ports.ts'

/** The guard of outgoing requests, loaded with the first of them: most events of a function send none. */
export function awsOutbound(clock: Clock): Outbound {
  let opened: Promise<Outbound> | undefined
  const guard = () => {
    opened ??= import('#adapters/outbound/guarded-fetch.ts').then(({ guardedFetch }) =>
      guardedFetch({ now: () => clock.now() }),
    )
    return opened
  }
  return {
    get: async (url, limits) => (await guard()).get(url, limits),
    postForm: async (url, sent, limits) => (await guard()).postForm(url, sent, limits),
  }
}
