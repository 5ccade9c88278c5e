import { type Level, levels, type Module, type Ontology, type SkillLevel } from '#core/skills/ontology.ts'
import { prerequisiteClosure } from '#core/skills/prerequisites.ts'
import { skillsTaught } from '#core/skills/teaching.ts'
import { type Staircase, stepOf } from './staircase.ts'

/** What a module would do for a slice, if one cohort took it. */
export interface ModuleAdvice {
  module: string
  workloadHours: number
  /** Person-levels of the gap one cohort of `cohortSeats` closes. */
  closesPersonLevels: number
  /** The same per participant and hour of workload, essential skills counting in full; ranks the modules. */
  closesPerHour: number
  /** GPU-hours its practical may use up, per participant; `null` for a module without one. */
  gpuHours: number | null
  /** As `closesPerHour`, per participant and GPU-hour. */
  closesPerGpuHour: number | null
  /** Skills of the gap the module raises. */
  skills: SkillLevel[]
  /** Entry skills that no published number of learners of the slice holds; empty: a cohort can start now. */
  missingEntry: SkillLevel[]
}

/** Open gap of one skill by level, and what closing it counts. */
export interface OpenGap {
  skill: string
  steps: Staircase
  weight: number
}

/** By what modules are ranked. Those without a practical use no GPU and stand last by GPU-hours. */
export type RankBy = 'hours' | 'gpuHours'

/** A typical cohort; what one module can close is bounded by its seats. */
export const cohortSeats = 25

/**
 * Which modules close most of the gap per hour: those a cohort can start now first, then by gap closed per
 * hour, fewer hours, id. Entry skills are a conjunction; a learner with an entry skill closes nothing below it.
 */
export function rankModules(
  gaps: readonly OpenGap[],
  supplied: readonly SkillLevel[],
  ontology: Pick<Ontology, 'modules' | 'skills'>,
  rankBy: RankBy = 'hours',
): ModuleAdvice[] {
  const open = new Map(gaps.map((gap) => [gap.skill, gap]))
  const held = prerequisiteClosure(supplied, ontology.skills)
  const advice: ModuleAdvice[] = []
  for (const module of ontology.modules.values()) {
    const one = adviceOn(module, open, held)
    if (one.closesPersonLevels > 0) advice.push(one)
  }
  const worth = (one: ModuleAdvice) => (rankBy === 'hours' ? one.closesPerHour : (one.closesPerGpuHour ?? -1))
  return advice.sort(
    (a, b) =>
      Math.sign(a.missingEntry.length) - Math.sign(b.missingEntry.length) ||
      worth(b) - worth(a) ||
      a.workloadHours - b.workloadHours ||
      (a.module < b.module ? -1 : 1),
  )
}

function adviceOn(
  module: Module,
  open: ReadonlyMap<string, OpenGap>,
  held: ReadonlyMap<string, Level>,
): ModuleAdvice {
  const entry = new Map(module.entry.map(({ skill, level }) => [skill, level]))
  let closes = 0
  let weighted = 0
  const skills: SkillLevel[] = []
  for (const { skill, level: taught } of skillsTaught(module)) {
    const gap = open.get(skill)
    if (!gap) continue
    const raised = levels
      .filter((level) => level <= taught && level > (entry.get(skill) ?? 0))
      .reduce((sum, level) => sum + Math.min(cohortSeats, gap.steps[stepOf(level)]), 0)
    if (raised === 0) continue
    skills.push({ skill, level: taught })
    closes += raised
    weighted += raised * gap.weight
  }
  const gpuHours = gpuHoursOf(module)
  return {
    module: module.id,
    workloadHours: module.workloadHours,
    closesPersonLevels: closes,
    closesPerHour: weighted / (cohortSeats * module.workloadHours),
    gpuHours,
    closesPerGpuHour: gpuHours === null ? null : weighted / (cohortSeats * gpuHours),
    skills,
    missingEntry: module.entry.filter(({ skill, level }) => (held.get(skill) ?? 0) < level),
  }
}

/** GPU-hours of one run of the module's practical at its longest; `null` where it has none or needs no GPU. */
export function gpuHoursOf({ practical }: Pick<Module, 'practical'>): number | null {
  if (!practical || practical.gpus === 0) return null
  return (practical.gpus * practical.maxMinutes) / 60
}
