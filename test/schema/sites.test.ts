import { expect, test } from 'vitest'
import { academy } from '#test/edge/academy.ts'

test('an operator pauses this machine over GraphQL: learners hear why, and it is on record', async () => {
  const { graphql, tokenOf, ports } = await academy()
  const token = await tokenOf('operator')
  const pause = `mutation { pauseSite(input: { requestId: "pause-one", site: "local", reason: "Cooling" }) {
    __typename ... on Site { name state reason } ... on Refusal { code message } } }`
  const { data } = await graphql(pause, { token })
  expect(data).toEqual({
    pauseSite: { __typename: 'Site', name: 'local', state: 'paused', reason: 'Cooling' },
  })
  expect((await graphql(pause, { token })).data).toEqual(data)
  expect((await graphql(pause.replace('pause-one', 'pause-two'), { token })).data).toMatchObject({
    pauseSite: { __typename: 'Refusal', code: 'state_conflict' },
  })

  const all = await graphql(
    `{ sites { name environment listed state health waiting queued running
      partitions { name gpus arch maxMinutes expectedWaitSeconds }
      today { held { gpuMinutes } used { coreMinutes } cap { gpuMinutes } }
      history { state reason by at } } }`,
    { token },
  )
  expect(all.errors).toBeUndefined()
  expect(all.data).toMatchObject({
    sites: [
      {
        name: 'local',
        environment: 'local',
        listed: true,
        health: 'up',
        queued: 0,
        today: { held: { gpuMinutes: 0 }, cap: null },
        history: [{ state: 'paused', reason: 'Cooling', at: ports.clock.now().toISOString() }],
      },
    ],
  })
})
