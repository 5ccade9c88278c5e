import { expect, test } from 'vitest'
import { memorySkillsGraph } from '#adapters/memory/skills-graph.ts'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import { objectToStatistics } from '#core/gaps/object-to-statistics.ts'
import { requestErasure } from '#core/learners/request-erasure.ts'
import { rebuildSupply, releaseOntology } from '#core/skills/project-graph.ts'
import { rebuildGraph } from '#core/skills/rebuild-graph.ts'
import type { SkillsGraph } from '#core/skills/skills-graph.ts'
import { type World, world } from '#test/support/world.ts'

const held = async (graph: SkillsGraph, sector = 'manufacturing') =>
  Object.fromEntries(
    (await graph.gapSlice(sector, 20_000))
      .filter(({ supply }) => supply[0] > 0)
      .map(({ skill, supply }) => [skill, supply]),
  )

const stairsOf = (award: { skills: { skill: string; level: number }[] }) =>
  Object.fromEntries(
    award.skills.map(({ skill, level }) => [skill, [1, 2, 3, 4].map((l) => Number(l <= level))]),
  )

/** A graph that begins empty and is rebuilt from the records, as at a start. */
async function rebuilt(ports: World) {
  const graph = memorySkillsGraph()
  await releaseOntology({ ...ports, graph })
  await rebuildSupply({ ...ports, graph })
  return held(graph)
}

test('a pass is supply in the sector of the enrolment once its event is delivered', async () => {
  const ports = await world()
  const { award } = await ports.award()
  expect(await held(ports.graph)).toEqual({})
  await deliverEvents(ports)
  expect(await held(ports.graph)).toEqual(stairsOf(award))
  expect(await rebuilt(ports)).toEqual(stairsOf(award))
})

test('a suspended award is no supply until it is reinstated', async () => {
  const ports = await world()
  const { award } = await ports.award()
  const registrar = ports.actor('registrar')
  for (const [change, expected] of [
    ['suspend', {}],
    ['reinstate', stairsOf(award)],
    ['revoke', {}],
  ] as const) {
    const input = { requestId: ports.requestId(), awardId: award.id, reason: 'a reason' }
    await changeAwardStatus(registrar, change, input, ports)
    await deliverEvents(ports)
    expect(await held(ports.graph), change).toEqual(expected)
    expect(await rebuilt(ports), change).toEqual(expected)
  }
})

test('an award without consent to statistics is no supply', async () => {
  const ports = await world()
  const { learner } = await ports.learner()
  const offering = await ports.offering()
  await ports.enrolment(learner.id, offering, { analyticsConsent: false })
  await ports.award({ learner, offering })
  await deliverEvents(ports)
  expect(await held(ports.graph)).toEqual({})
  expect(await rebuilt(ports)).toEqual({})
})

test('who objects to statistics is no supply, not even after a rebuild, until they come back', async () => {
  const ports = await world()
  const { learner, award } = await ports.award()
  await ports.award()
  await deliverEvents(ports)
  const of = (people: number) =>
    Object.fromEntries(
      Object.entries(stairsOf(award)).map(([skill, heads]) => [skill, heads.map((one) => one * people)]),
    )
  expect(await held(ports.graph)).toEqual(of(2))
  const choose = async (objects: boolean) => {
    const input = { requestId: ports.requestId(), learnerId: learner.id, objects }
    await objectToStatistics({ ...ports.actor('learner'), learnerId: learner.id }, input, ports)
    const rev = (await ports.store.findLearner(learner.id))?.rev
    await deliverEvents(ports)
    return rev
  }
  const before = (await ports.store.findLearner(learner.id))?.rev ?? 0

  expect(await choose(true)).toBe(before + 1)
  expect(await held(ports.graph)).toEqual(of(1))
  expect(await rebuilt(ports)).toEqual(of(1))
  // What happens to their awards meanwhile does not bring them back, and neither does a rebuild of the living graph.
  ports.clock.advance({ seconds: 1 })
  await ports.award({ learner, offering: await ports.offering() })
  await deliverEvents(ports)
  await rebuildSupply(ports)
  expect(await held(ports.graph)).toEqual(of(1))
  await rebuildGraph(ports)
  expect(await held(ports.graph)).toEqual(of(1))

  // What they had said of their sector went with the consent; they count by what they have said since.
  await choose(false)
  expect(await held(ports.graph)).toEqual(of(2))
  expect(await rebuilt(ports)).toEqual(of(2))
})

test('an objection and its withdrawal at once both get through, and the graph says what the records say', async () => {
  const ports = await world()
  const { learner, award } = await ports.award()
  const actor = { ...ports.actor('learner'), learnerId: learner.id }
  const before = (await ports.store.findLearner(learner.id))?.rev ?? 0
  await Promise.all(
    [true, false, true, false].map((objects) =>
      objectToStatistics(actor, { requestId: ports.requestId(), learnerId: learner.id, objects }, ports),
    ),
  )
  expect((await ports.store.findLearner(learner.id))?.rev).toBe(before + 4)
  // What was said before went with the objection; this is said anew.
  ports.clock.advance({ seconds: 1 })
  await ports.award({ learner, offering: await ports.offering() })
  await deliverEvents(ports)
  const out = await ports.store.objects(learner.id)
  expect(await held(ports.graph)).toEqual(out ? {} : stairsOf(award))
})

test('an erased learner leaves the supply, and events of before that come late do not bring them back', async () => {
  const ports = await world()
  const { learner } = await ports.award()
  await deliverEvents(ports)
  const late = { learner: learner.id, seq: 1_000, sector: 'manufacturing', skills: [] }
  await requestErasure(
    { ...ports.actor('learner'), learnerId: learner.id },
    { requestId: ports.requestId(), learnerId: learner.id, revokeAwards: false },
    ports,
  )
  await deliverEvents(ports)
  expect(await held(ports.graph)).toEqual({})
  expect(await ports.graph.project([late])).toEqual({ applied: 0, waiting: [] })
  expect(await rebuilt(ports)).toEqual({})
})

test('a rebuild beside live events counts nobody twice', async () => {
  const ports = await world()
  const { award } = await ports.award()
  for (let more = 0; more < 4; more++) await ports.award()
  await Promise.all([deliverEvents(ports), rebuildSupply(ports), rebuildSupply(ports)])
  const [first] = award.skills
  expect((await held(ports.graph))[first?.skill ?? '']?.[0]).toBe(5)
  expect(await held(ports.graph)).toEqual(await rebuilt(ports))
  expect(await rebuildSupply(ports)).toBe(0)
})

test('a rebuild that is stopped tells no more', async () => {
  const ports = await world()
  await ports.award()
  expect(await rebuildSupply(ports, AbortSignal.abort())).toBe(0)
  expect(await held(ports.graph)).toEqual({})
})
