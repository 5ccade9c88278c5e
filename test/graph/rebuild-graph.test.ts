import { expect, test } from 'vitest'
import { deliverEvents } from '#core/deliver-events.ts'
import { rebuildGraph } from '#core/skills/rebuild-graph.ts'
import { world } from '#test/support/world.ts'

test('a graph rebuilt from the records says what the events had told it, whatever it said before', async () => {
  const w = await world()
  for (const tenant of [w.institutions.northLake.tag, w.institutions.institutDuPort.tag])
    for (let count = 0; count < 3; count++) await w.award({ learner: (await w.learner({ tenant })).learner })
  await deliverEvents(w)
  const right = await w.graph.gapSlice('manufacturing', 1000)
  expect(right.some(({ supply }) => supply[0] > 0)).toBe(true)

  // A state of somebody the records do not know, under a number no event will ever pass.
  const stray = { learner: 'k3vq7m2a-lrn-nobody', seq: 999, sector: 'manufacturing' }
  const [first] = right
  await w.graph.project([{ ...stray, skills: [{ skill: first?.skill ?? '', level: 4 }] }])
  expect(await w.graph.gapSlice('manufacturing', 1000)).not.toEqual(right)

  const { told, next } = await rebuildGraph(w)
  expect({ told, next }).toEqual({ told: 6, next: undefined })
  expect(await w.graph.gapSlice('manufacturing', 1000)).toEqual(right)
})

test('a rebuild that may not take long goes on where it stopped', async () => {
  const w = await world()
  for (const tenant of [w.institutions.northLake.tag, w.institutions.institutDuPort.tag])
    await w.award({ learner: (await w.learner({ tenant })).learner })
  const until = w.clock.now()
  let steps = 0
  let told = 0
  for (let from: Parameters<typeof rebuildGraph>[1] = {}; ; steps++) {
    const step = await rebuildGraph(w, { ...from, until })
    told += step.told
    if (!step.next) break
    from = { from: step.next }
  }
  expect({ told, steps }).toEqual({ told: 2, steps: 2 })
})
