import { prerequisiteClosure } from '#core/skills/prerequisites.ts'
import type { SourceModule } from '../read-source.ts'
import type { Rule } from './rule.ts'

const file = 'modules.yaml'

/** Rule 4: every module has an outcome, every outcome a skill, every skill there a level of 1 to 4. */
export const outcomes: Rule = ({ modules }, report) => {
  for (const [id, module] of Object.entries(modules)) {
    if (module.outcomes.length === 0)
      report(file, ['modules', id, 'outcomes'], 'must hold at least one outcome')
    for (const [o, { skills }] of module.outcomes.entries()) {
      const path = ['modules', id, 'outcomes', o, 'skills']
      if (skills.length === 0) report(file, path, 'must hold at least one skill')
      for (const [s, { level }] of skills.entries()) {
        if (![1, 2, 3, 4].includes(level)) report(file, [...path, s, 'level'], 'must be 1, 2, 3 or 4')
      }
    }
  }
}

/** Rule 5: what an outcome's skill requires is met by the closure of `entry` or by an outcome of the same module. */
export const coveredPrerequisites: Rule = ({ modules, skills }, report) => {
  for (const [id, module] of Object.entries(modules)) {
    const met = new Map<string, number>(prerequisiteClosure(module.entry, skills))
    raise(met, taughtBy(module))
    for (const [o, outcome] of module.outcomes.entries()) {
      for (const [s, { skill }] of outcome.skills.entries()) {
        for (const need of skills.get(skill)?.requires ?? []) {
          if ((met.get(need.skill) ?? 0) >= need.level) continue
          const message = `requires ${need.skill} at level ${need.level}, which neither entry nor an outcome of the module gives`
          report(file, ['modules', id, 'outcomes', o, 'skills', s], message)
        }
      }
    }
  }
}

/** Rule 6: a learner with nothing can reach every module through other modules. */
export const reachable: Rule = ({ modules }, report) => {
  const held = new Map<string, number>()
  const left = new Map(Object.entries(modules))
  for (let before = -1; before !== left.size; ) {
    before = left.size
    for (const [id, module] of left) {
      if (!module.entry.every(({ skill, level }) => (held.get(skill) ?? 0) >= level)) continue
      raise(held, taughtBy(module))
      left.delete(id)
    }
  }
  for (const [id, { entry }] of left) {
    for (const [i, { skill, level }] of entry.entries()) {
      if ((held.get(skill) ?? 0) >= level) continue
      report(file, ['modules', id, 'entry', i], `no reachable module teaches ${skill} at level ${level}`)
    }
  }
}

/** Rule 7: 25 to 30 hours for one ECTS credit; EQF 1 to 8. */
export const workload: Rule = ({ modules }, report) => {
  for (const [id, { ects, workloadHours, eqfLevel }] of Object.entries(modules)) {
    const hours = workloadHours / ects
    if (hours < 25 || hours > 30) {
      report(file, ['modules', id, 'workloadHours'], 'must be 25 to 30 hours for each ECTS credit')
    }
    if (!Number.isInteger(eqfLevel) || eqfLevel < 1 || eqfLevel > 8) {
      report(file, ['modules', id, 'eqfLevel'], 'must be a whole number from 1 to 8')
    }
  }
}

/** Rule 9: a practical only where the assessment reads a job's result; a run decides only where there is one. */
export const practicals: Rule = ({ modules, head }, report) => {
  for (const [id, { practical, assessment, assessedByRun, secondAssessor }] of Object.entries(modules)) {
    const kind = head.assessments[assessment]
    if (practical && !kind?.readsJobResult) {
      report(
        file,
        ['modules', id, 'practical'],
        `needs an assessment that reads a job's result, not ${assessment}`,
      )
    }
    if (secondAssessor && !assessedByRun) {
      report(file, ['modules', id, 'secondAssessor'], 'needs a module that is decided by the run')
    }
    if (assessedByRun && !(practical && kind?.decidedByRun)) {
      report(file, ['modules', id, 'assessedByRun'], 'needs a practical and an assessment decided by the run')
    }
  }
}

function taughtBy(module: SourceModule): Map<string, number> {
  const taught = new Map<string, number>()
  for (const { skills } of module.outcomes)
    raise(taught, new Map(skills.map(({ skill, level }) => [skill, level])))
  return taught
}

function raise(levels: Map<string, number>, more: Map<string, number>): void {
  for (const [skill, level] of more) levels.set(skill, Math.max(level, levels.get(skill) ?? 0))
}
