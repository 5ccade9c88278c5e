import { describe, expect, test } from 'vitest'
import type { Award } from '#core/awards/award.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { learningPath, pathTargets } from '#core/paths/learning-path.ts'
import { pathCosts } from '#core/paths/path-cost.ts'
import { isMet, pathProblem, withTaught } from '#core/paths/path-problem.ts'
import { planPath } from '#core/paths/plan-path.ts'
import { acceptCredential } from '#core/paths/presented-skills.ts'
import { shortestPath } from '#core/paths/shortest-path.ts'
import type { Level, SkillLevel } from '#core/skills/ontology.ts'
import { skillsToLearn } from '#core/skills/prerequisites.ts'
import { skillsTaught } from '#core/skills/teaching.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { type World, world } from '#test/support/world.ts'
import { makeKeyPair } from '../verification/foreign-issuer.ts'

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
    expect(path).toMatchObject({ workloadHours: 263, optimal: true, lowerBound: 263 })
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

  test.each(pathCosts)(
    'counted in %s, every question is answered exactly, and found at once with a bound',
    (minimise) => {
      for (const role of ontology.roles.keys()) {
        for (const sector of [undefined, 'energy', 'health-pharma']) {
          const question = { role, held: nothing, minimise, ...(sector === undefined ? {} : { sector }) }
          const exact = learningPath({ ...question, method: 'exact' }, ontology)
          const greedy = learningPath({ ...question, method: 'greedy' }, ontology)
          expect(exact).toMatchObject({ optimal: true, method: 'exact', minimise })
          expect(greedy.cost).toBeGreaterThanOrEqual(exact.cost)
          expect(greedy.lowerBound).toBeLessThanOrEqual(exact.cost)
          expect(greedy.lowerBound).toBeGreaterThanOrEqual(exact.cost * 0.5)
        }
      }
    },
  )

  test('fewest GPU-hours is another question than fewest hours, and its answer never takes more of them', () => {
    const asked = { role: 'ai-engineer', held: nothing }
    const [hours, gpuHours] = (['hours', 'gpuHours'] as const).map((minimise) =>
      learningPath({ ...asked, minimise }, ontology),
    )
    expect(gpuHours?.cost).toBe(gpuHours?.gpuHours)
    expect(gpuHours?.gpuHours).toBeLessThanOrEqual(hours?.gpuHours ?? 0)
    expect(hours?.workloadHours).toBeLessThanOrEqual(gpuHours?.workloadHours ?? 0)
  })

  // A limit of steps, not of time: the clock says how busy the machine is.
  test('no question of the shipped ontology needs a thousand steps of the search', () => {
    for (const role of ontology.roles.keys()) {
      for (const minimise of pathCosts) {
        const needed = skillsToLearn(pathTargets({ role, skills: 'all' }, ontology), [], ontology.skills)
        const { problem } = pathProblem(needed, nothing, ontology, minimise)
        expect(shortestPath(problem, 1000).optimal, `${role} ${minimise}`).toBe(true)
      }
    }
  })

  test('a catalogue too large to search gets a greedy path unless the exact one is asked for', () => {
    const many = Array.from({ length: 80 }, (_, n) => {
      const module = ontology.modules.get('m-ai-for-everyone')
      if (!module) throw new Error('the module is missing')
      return [`copy-${n}`, { ...module, id: `copy-${n}` }] as const
    })
    const large = { ...ontology, modules: new Map([...ontology.modules, ...many]) }
    const asked = { role: 'sector-professional', held: nothing }
    expect(learningPath(asked, large)).toMatchObject({ method: 'greedy', cost: 263 })
    expect(learningPath({ ...asked, method: 'exact' }, large)).toMatchObject({ cost: 263, optimal: true })
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

  test('needs a token; a path from what a visitor says they hold needs none', async () => {
    const academy = await world()
    const { learner } = await academy.learner()
    const asked = { role: 'sector-professional' }
    await expect(planPath(undefined, { ...asked, learnerId: learner.id }, academy)).rejects.toMatchObject({
      code: 'not_signed_in',
    })
    const held: SkillLevel[] = [{ skill: 'ai-literacy', level: 2 }]
    const path = await planPath(undefined, { ...asked, held }, academy)
    expect(path.met).toContainEqual({ skill: 'ai-literacy', level: 2 })
  })
})

describe('a presented credential', () => {
  test('counts with the skills and levels it states, in whichever version they were issued', async () => {
    const academy = await world()
    const { award } = await academy.award()
    const text = await collected(academy, award)
    const { skills, others } = await acceptCredential(text, academy)
    expect(skills).toEqual(award.skills.map(({ skill, level }) => ({ skill, level })))
    expect(others).toEqual([])
    const asked = { role: 'sector-professional' }
    const path = await planPath(undefined, { ...asked, held: skills }, academy)
    expect(path.workloadHours).toBeLessThan((await planPath(undefined, asked, academy)).workloadHours)
  })

  test('does not count when a check fails, and the refusal names the verdict', async () => {
    const academy = await world()
    const { award } = await academy.award()
    const text = await collected(academy, award)
    await academy.store.saveAwardStatusOnce(academy.request('revoke', award.tenant), {
      awardId: award.id,
      version: award.version,
      status: { state: 'revoked', since: academy.clock.now() },
    })
    await expect(acceptCredential(text, academy)).rejects.toMatchObject({
      code: 'invalid_input',
      field: 'credential',
      message: expect.stringContaining('revoked'),
    })
    await expect(acceptCredential('nothing of the kind', academy)).rejects.toMatchObject({
      field: 'credential',
    })
  })
})

async function collected(academy: World, award: Award): Promise<string> {
  const asked = { awardId: award.id, format: 'dc+sd-jwt' as const, holderKey: makeKeyPair().jwk }
  return (await issueCredential(asked, academy)).text
}
