import type { Rule } from './rule.ts'

/** Rule 11, warnings: gaps a curator should know of and may leave. */
export const warnings: Rule = (source, report) => {
  const { skills, modules, roles, sectors } = source
  const taught = highest(Object.values(modules).flatMap(({ outcomes }) => outcomes.flatMap((o) => o.skills)))
  const demanded = highest([
    ...Object.values(roles).flatMap((role) => role.skills),
    ...Object.values(sectors).flatMap(({ overlay }) => overlay),
  ])
  for (const [id, { file, status, description }] of skills) {
    const warn = (path: string[], message: string) =>
      report(file, ['skills', id, ...path], message, 'warning')
    if (!Object.hasOwn(description, 'fr')) warn(['description', 'fr'], 'is missing')
    if (status === 'deprecated') continue
    const wanted = demanded.get(id) ?? 0
    const given = taught.get(id) ?? 0
    if (wanted === 0 && given === 0) warn([], 'is neither taught nor demanded')
    if (wanted > 0 && given === 0) warn([], `is demanded at level ${wanted} and taught by no module`)
    if (given > 0 && wanted > given) warn([], `is demanded at level ${wanted} and taught up to ${given}`)
  }
  for (const [id, { skills: profile }] of Object.entries(roles)) {
    if (profile.some(({ importance }) => importance === 'essential')) continue
    report('roles.yaml', ['roles', id, 'skills'], 'has no essential skill', 'warning')
  }
}

function highest(list: Iterable<{ skill: string; level: number }>): Map<string, number> {
  const levels = new Map<string, number>()
  for (const { skill, level } of list) levels.set(skill, Math.max(level, levels.get(skill) ?? 0))
  return levels
}
