import { type Rule, skillReferences } from './rule.ts'

const slug = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** Rule 1: ids are slugs and unique; every reference exists. */
export const references: Rule = (source, report) => {
  const { head, skills, modules, roles, sectors, programmes } = source
  const named: [string, string, Iterable<string>][] = [
    ['modules.yaml', 'modules', Object.keys(modules)],
    ['roles.yaml', 'roles', Object.keys(roles)],
    ['sectors.yaml', 'sectors', Object.keys(sectors)],
    ['programmes.yaml', 'programmes', Object.keys(programmes)],
    ['ontology.yaml', 'domains', Object.keys(head.domains)],
    ['ontology.yaml', 'targetGroups', Object.keys(head.targetGroups)],
  ]
  for (const [file, key, ids] of named) {
    for (const id of ids)
      if (!isSlug(id)) report(file, [key, id], 'is no id of lower-case words joined by hyphens')
  }
  const outcomes = new Map<string, string>()
  for (const [id, { file, domain, broader, replacedBy }] of skills) {
    if (!isSlug(id)) report(file, ['skills', id], 'is no id of lower-case words joined by hyphens')
    if (!Object.hasOwn(head.domains, domain)) report(file, ['domain'], `names no domain: ${domain}`)
    for (const [i, parent] of broader.entries()) {
      if (!skills.has(parent)) report(file, ['skills', id, 'broader', i], `names no skill: ${parent}`)
    }
    if (replacedBy !== undefined && !skills.has(replacedBy)) {
      report(file, ['skills', id, 'replacedBy'], `names no skill: ${replacedBy}`)
    }
  }
  for (const { skill, file, path } of skillReferences(source)) {
    if (!skills.has(skill)) report(file, path, `names no skill: ${skill}`)
  }
  for (const [id, module] of Object.entries(modules)) {
    const names = (key: string, known: object, value: string, more: (string | number)[] = []) => {
      if (!Object.hasOwn(known, value))
        report('modules.yaml', ['modules', id, key, ...more], `is not known: ${value}`)
    }
    for (const [i, group] of module.targetGroups.entries())
      names('targetGroups', head.targetGroups, group, [i])
    for (const [i, programme] of module.stackability.partOf.entries()) {
      names('stackability', programmes, programme, ['partOf', i])
    }
    names('mode', head.modes, module.mode)
    names('assessment', head.assessments, module.assessment)
    names('qualityAssurance', head.qualityAssurance, module.qualityAssurance)
    names('iscedF', head.iscedF, module.iscedF)
    for (const [i, { id: outcome }] of module.outcomes.entries()) {
      const path = ['modules', id, 'outcomes', i, 'id']
      if (!isSlug(outcome)) report('modules.yaml', path, 'is no id of lower-case words joined by hyphens')
      const earlier = outcomes.get(outcome)
      if (earlier) report('modules.yaml', path, `is already an outcome of ${earlier}`)
      outcomes.set(outcome, id)
    }
  }
  for (const [id, { overlay }] of Object.entries(sectors)) {
    for (const [i, { role }] of overlay.entries()) {
      if (role !== '*' && !Object.hasOwn(roles, role)) {
        report('sectors.yaml', ['sectors', id, 'overlay', i, 'role'], `names no role: ${role}`)
      }
    }
  }
  for (const [row, { role, sector }] of source.demand.entries()) {
    if (!Object.hasOwn(roles, role)) report('demand-sample.csv', [row, 'role'], `names no role: ${role}`)
    if (!Object.hasOwn(sectors, sector))
      report('demand-sample.csv', [row, 'sector'], `names no sector: ${sector}`)
  }
}

const isSlug = (id: string): boolean => id.length <= 80 && slug.test(id)
