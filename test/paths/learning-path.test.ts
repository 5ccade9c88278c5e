import { describe, expect, test } from 'vitest'
import { learningPath } from '#core/paths/learning-path.ts'
import { isMet, withTaught } from '#core/paths/path-problem.ts'
import { planPath } from '#core/paths/plan-path.ts'
import type { Level } from '#core/skills/ontology.ts'
import { skillsTaught } from '#core/skills/teaching.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { world } from '#test/support/world.ts'

const ontology = loadOntology()
const nothing: ReadonlyMap<string, Level> = new Map()

describe('on the shipped ontology', () => {
  test.each([...ontology.roles.keys()])(
    'the path to %s is proven shortest in every sector, can be taken, and ends where it says',
    (role) => {
      for (const sector of [undefined, ...ontology.sectors.keys()]) {
        const question = { role, held: nothing, ...(sector === undefined ? {} : { sector }) }
        const path = learningPath({ ...question, skills: 'all' }, ontology)
        expect(path.optimal).toBe(true)
        let now = nothing
        for (const { module: id } of path.steps) {
          const module = ontology.modules.get(id)
          if (!module) throw new Error('a step names no module')
          expect(module.entry.filter((one) => !isMet(one, now))).toEqual([])
          now = withTaught(now, [{ teaches: skillsTaught(module) }])
        }
        const short = new Map(path.untaught.map((one) => [one.skill, one.taughtTo]))
        for (const { skill, level } of path.needed) {
          expect(now.get(skill) ?? 0).toBeGreaterThanOrEqual(short.get(skill) ?? level)
        }
      }
    },
  )

  test('a sector professional needs six modules of 263 hours, from nothing', () => {
    const path = learningPath({ role: 'sector-professional', held: nothing }, ontology)
    expect(path).toMatchObject({ workloadHours: 263, optimal: true, lowerBoundHours: 263 })
    expect(path.steps).toHaveLength(6)
  })

  test('the sector adds its own skills, and what no module teaches is said', () => {
    const plain = learningPath({ role: 'mlops-engineer', held: nothing }, ontology)
    const energy = learningPath({ role: 'mlops-engineer', sector: 'energy', held: nothing }, ontology)
    expect(plain.untaught.map(({ skill }) => skill)).not.toContain('ai-in-energy')
    expect(energy.untaught).toContainEqual({ skill: 'ai-in-energy', level: 2, taughtTo: 0 })
    expect(energy.untaught).toContainEqual({ skill: 'containers', level: 3, taughtTo: 2 })
  })

  test('what is held shortens the path and is told as met', () => {
    const held = new Map<string, Level>([
      ['containers', 3],
      ['model-serving', 3],
      ['inference-optimisation', 3],
      ['inference-cost-energy', 2],
    ])
    const all = learningPath({ role: 'mlops-engineer', held: nothing }, ontology)
    const some = learningPath({ role: 'mlops-engineer', held }, ontology)
    expect(some.workloadHours).toBeLessThan(all.workloadHours)
    expect(some.met).toContainEqual({ skill: 'model-serving', level: 3 })
    expect(some.steps.map(({ module }) => module)).not.toContain('m-llm-inference')
  })

  test('who holds everything has no step to take', () => {
    const held = new Map([...ontology.skills.keys()].map((skill): [string, Level] => [skill, 4]))
    expect(learningPath({ role: 'ai-engineer', sector: 'mobility', held }, ontology)).toMatchObject({
      steps: [],
      needed: [],
      untaught: [],
      workloadHours: 0,
    })
  })

  test('every path is found within half a second', () => {
    const started = performance.now()
    for (const role of ontology.roles.keys()) learningPath({ role, held: nothing, skills: 'all' }, ontology)
    expect((performance.now() - started) / ontology.roles.size).toBeLessThan(500)
  })
})

test.each([
  { question: { role: 'astronaut' }, field: 'role' },
  { question: { role: 'constructor' }, field: 'role' },
  { question: { role: 'ai-engineer', sector: 'moon' }, field: 'sector' },
])('an unknown $field is refused', ({ question, field }) => {
  expect(() => learningPath({ ...question, held: nothing }, ontology)).toThrow(
    expect.objectContaining({ code: 'invalid_input', field }),
  )
})

describe('the path of a learner', () => {
  test('starts from recognised skills', async () => {
    const academy = await world()
    const module = academy.ontology.modules.get('m-ai-for-everyone')
    const { learner, actor } = await academy.learner({ recognisedSkills: module ? skillsTaught(module) : [] })
    const path = await planPath(actor, { role: 'sector-professional', learnerId: learner.id }, academy)
    expect(path.workloadHours).toBe(250)
    expect(path.steps.map((step) => step.module)).not.toContain('m-ai-for-everyone')
  })

  test('is not shown to another learner', async () => {
    const academy = await world()
    const { learner } = await academy.learner()
    const { actor } = await academy.learner()
    const asked = planPath(actor, { role: 'sector-professional', learnerId: learner.id }, academy)
    await expect(asked).rejects.toMatchObject({ code: 'not_allowed' })
  })

  test('needs a token', async () => {
    const academy = await world()
    await expect(planPath(undefined, { role: 'sector-professional' }, academy)).rejects.toMatchObject({
      code: 'not_signed_in',
    })
  })
})
