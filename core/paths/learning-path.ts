import { Refusal } from '#core/refusal.ts'
import { demandProfile } from '#core/skills/demand.ts'
import type { Level, Ontology, RoleSkill, SkillLevel } from '#core/skills/ontology.ts'
import { isMet, neededSkills, pathProblem, type UntaughtSkill, withTaught } from './path-problem.ts'
import { shortestPath } from './shortest-path.ts'

export interface LearningPathQuestion {
  role: string
  sector?: string
  /** Highest level held of each skill. */
  held: ReadonlyMap<string, Level>
  /** `essential` skills of the profile, or `all`. */
  skills?: 'essential' | 'all'
}

export interface PathStep {
  module: string
  workloadHours: number
  ects: number
  /** What is new after it. */
  gains: SkillLevel[]
}

export interface LearningPath {
  role: string
  sector?: string
  /** What the role asks for in the sector. */
  targets: RoleSkill[]
  /** Targets already held. */
  met: SkillLevel[]
  /** Targets and what they require, as far as it is not held. */
  needed: SkillLevel[]
  /** Modules in an order one can really take. */
  steps: PathStep[]
  workloadHours: number
  ects: number
  /** Whether no path takes fewer hours; else `lowerBoundHours` is what no path can go below. */
  optimal: boolean
  lowerBoundHours: number
  /** What no module that can be reached teaches, or not to the level asked for. */
  untaught: UntaughtSkill[]
}

/**
 * The shortest way, in hours of workload, from what is held to what a role asks for in a sector.
 * Refuses `invalid_input` for an unknown role or sector.
 */
export function learningPath(
  { role, sector, held, skills = 'essential' }: LearningPathQuestion,
  ontology: Pick<Ontology, 'roles' | 'sectors' | 'modules' | 'skills'>,
): LearningPath {
  if (!ontology.roles.has(role)) {
    throw new Refusal('invalid_input', 'role: there is no such role.', { field: 'role' })
  }
  if (sector !== undefined && !ontology.sectors.has(sector)) {
    throw new Refusal('invalid_input', 'sector: there is no such sector.', { field: 'sector' })
  }
  const targets = demandProfile(ontology, role, sector).filter(
    ({ importance }) => skills === 'all' || importance === 'essential',
  )
  const needed = neededSkills(targets, held, ontology)
  const { problem, untaught } = pathProblem(needed, held, ontology)
  const found = shortestPath(problem)
  const steps = stepsOf(
    found.modules.map(({ id }) => id),
    held,
    ontology,
  )
  return {
    role,
    ...(sector === undefined ? {} : { sector }),
    targets,
    met: targets.filter((one) => isMet(one, held)).map(({ skill, level }) => ({ skill, level })),
    needed,
    steps,
    workloadHours: found.hours,
    ects: steps.reduce((sum, step) => sum + step.ects, 0),
    optimal: found.optimal,
    lowerBoundHours: found.lowerBoundHours,
    untaught,
  }
}

function stepsOf(
  ids: readonly string[],
  held: ReadonlyMap<string, Level>,
  { modules }: Pick<Ontology, 'modules'>,
): PathStep[] {
  let now = held
  return ids.flatMap((id) => {
    const module = modules.get(id)
    if (!module) return []
    const teaches = module.outcomes.flatMap((outcome) => outcome.skills)
    const before = now
    now = withTaught(now, [{ teaches }])
    const gains = [...now]
      .filter(([skill, level]) => (before.get(skill) ?? 0) < level)
      .map(([skill, level]) => ({ skill, level }))
    return [{ module: id, workloadHours: module.workloadHours, ects: module.ects, gains }]
  })
}
