import { Refusal } from '#core/refusal.ts'
import { demandProfile } from '#core/skills/demand.ts'
import type { Level, Ontology, RoleSkill, SkillLevel } from '#core/skills/ontology.ts'
import { skillsToLearn } from '#core/skills/prerequisites.ts'
import { gpuHoursOf, type PathCost } from './path-cost.ts'
import type { PathMethod } from './path-method.ts'
import { pathProblem, type UntaughtSkill, withTaught } from './path-problem.ts'
import { greedyPath, shortestPath } from './shortest-path.ts'

export interface LearningPathQuestion {
  role: string
  sector?: string
  /** Highest level held of each skill. */
  held: ReadonlyMap<string, Level>
  /** `essential` skills of the profile, or `all`. */
  skills?: 'essential' | 'all'
  /** What the path is to have least of; hours of work unless said. */
  minimise?: PathCost
  /** Searched to the end, or found at once; by the size of the catalogue unless said. */
  method?: PathMethod
}

/** Modules up to which a path is searched to the end unless a method is asked for. */
const mostModulesSearched = 64

export interface PathStep {
  module: string
  workloadHours: number
  ects: number
  /** At most; 0 for a module without a practical. */
  gpuHours: number
  /** What is new after it. */
  gains: SkillLevel[]
}

export interface LearningPath {
  role: string
  sector?: string
  /** What the role asks for in the sector. */
  targets: RoleSkill[]
  /** Targets already held, or implied by what is held. */
  met: SkillLevel[]
  /** Targets and what they require, as far as it is not held, in an order to learn it in. */
  needed: SkillLevel[]
  /** Modules in an order one can really take. */
  steps: PathStep[]
  workloadHours: number
  ects: number
  /** At most: what the practicals may use. */
  gpuHours: number
  minimise: PathCost
  method: PathMethod
  /** Of the path, in what it has least of. */
  cost: number
  /** What no path can go below. */
  lowerBound: number
  /** Whether it is proved that no path costs less. */
  optimal: boolean
  /** What no module that can be reached teaches, or not to the level asked for. */
  untaught: UntaughtSkill[]
}

/** What a role asks for in a sector. Refuses `invalid_input` for an unknown role or sector. */
export function pathTargets(
  { role, sector, skills = 'essential' }: Pick<LearningPathQuestion, 'role' | 'sector' | 'skills'>,
  ontology: Pick<Ontology, 'roles' | 'sectors'>,
): RoleSkill[] {
  if (!ontology.roles.has(role)) {
    throw new Refusal('invalid_input', 'role: there is no such role.', { field: 'role' })
  }
  if (sector !== undefined && !ontology.sectors.has(sector)) {
    throw new Refusal('invalid_input', 'sector: there is no such sector.', { field: 'sector' })
  }
  return demandProfile(ontology, role, sector).filter(
    ({ importance }) => skills === 'all' || importance === 'essential',
  )
}

/**
 * The way of least hours, GPU-hours or credits from what is held to what a role asks for in a sector.
 * `needed` may be given where it is known already, as `skillsToLearn` of the targets. Refuses
 * `invalid_input` for an unknown role or sector.
 */
export function learningPath(
  question: LearningPathQuestion,
  ontology: Pick<Ontology, 'roles' | 'sectors' | 'modules' | 'skills'>,
  needed: readonly SkillLevel[] = skillsToLearn(
    pathTargets(question, ontology),
    asList(question.held),
    ontology.skills,
  ),
): LearningPath {
  const { role, sector, held, minimise = 'hours', method } = question
  const targets = pathTargets(question, ontology)
  const stillNeeded = new Set(needed.map(({ skill }) => skill))
  const { problem, untaught } = pathProblem(needed, held, ontology, minimise)
  const taken = method ?? (problem.modules.length <= mostModulesSearched ? 'exact' : 'greedy')
  const found = taken === 'exact' ? shortestPath(problem) : greedyPath(problem)
  const steps = stepsOf(
    found.modules.map(({ id }) => id),
    held,
    ontology,
  )
  return {
    role,
    ...(sector === undefined ? {} : { sector }),
    targets,
    met: targets.filter(({ skill }) => !stillNeeded.has(skill)).map(({ skill, level }) => ({ skill, level })),
    needed: [...needed],
    steps,
    workloadHours: total(steps, 'workloadHours'),
    ects: total(steps, 'ects'),
    gpuHours: total(steps, 'gpuHours'),
    minimise,
    method: taken,
    cost: found.cost,
    lowerBound: found.lowerBound,
    optimal: found.optimal,
    untaught,
  }
}

const asList = (held: ReadonlyMap<string, Level>) =>
  [...held].map(([skill, level]): SkillLevel => ({ skill, level }))

const total = (steps: readonly PathStep[], what: 'workloadHours' | 'ects' | 'gpuHours') =>
  steps.reduce((sum, step) => sum + step[what], 0)

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
    const { workloadHours, ects } = module
    return [{ module: id, workloadHours, ects, gpuHours: gpuHoursOf(module), gains }]
  })
}
