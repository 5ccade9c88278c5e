import { expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { graphqlRoutes } from '#http/graphql.ts'
import { streamLimits } from '#http/progress-streams.ts'
import { paperSite } from '#test/practicals/paper-site.ts'
import { sitesWorld } from '#test/practicals/sites-world.ts'

const address = 'https://live.example/graphql'

/** A learner with a practical under way, and `/graphql` in one of its two places on AWS. */
async function places() {
  const w = await sitesWorld((clock) => [paperSite('one', clock)])
  const { actor, start } = await w.enrolled()
  const { id } = await start()
  const authenticator = {
    actorOf: async () => actor,
    verifyToken: () => Promise.reject(new Error('not asked here')),
    withLearner: async (one: Actor) => one,
  }
  const rateLimits = { graphql: 1000, wallet: 1000, pages: 1000, signIn: 1000, analytics: 1000 }
  const common = { production: true, log: () => undefined, rateLimits }
  const ask = (app: ReturnType<typeof graphqlRoutes>, query: string) =>
    app.request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream, application/json' },
      body: JSON.stringify({ query }),
    })
  return {
    subscription: `subscription { practicalRun(id: "${id}") { state } }`,
    ask,
    whole: graphqlRoutes(w, authenticator, { ...common, streamsAt: address }),
    streaming: graphqlRoutes(w, authenticator, { ...common, streams: streamLimits, only: 'subscription' }),
  }
}

test('where nothing is streamed the answer names where it is', async () => {
  const { ask, whole, subscription } = await places()
  expect(await (await ask(whole, subscription)).text()).toContain(`"streamsAt":"${address}"`)
})

test('where runs are followed live nothing else is answered', async () => {
  const { ask, streaming, subscription } = await places()
  for (const query of ['{ ontology { version } }', 'mutation { __typename }'])
    expect(await (await ask(streaming, query)).text()).toContain('"code":"query_refused"')
  const followed = (await ask(streaming, subscription)).body?.getReader()
  let told = ''
  while (!told.includes('"state":')) {
    const part = await followed?.read()
    if (!part?.value) break
    told += Buffer.from(part.value).toString()
  }
  await followed?.cancel()
  expect(told).toContain('event: next')
})
