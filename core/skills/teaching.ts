import type { Level, Module, Ontology, SkillLevel } from './ontology.ts'

/** What a module teaches, each skill once at its highest level, in the order of its outcomes. */
export function skillsTaught(module: Pick<Module, 'outcomes'>): SkillLevel[] {
  const highest = new Map<string, Level>()
  for (const { skill, level } of module.outcomes.flatMap(({ skills }) => skills)) {
    const earlier = highest.get(skill)
    if (earlier === undefined || earlier < level) highest.set(skill, level)
  }
  return [...highest].map(([skill, level]) => ({ skill, level }))
}

/** Modules that teach a skill at this level or above; the lowest level first, then the shortest, then by id. */
export function modulesTeaching(
  { modules }: Pick<Ontology, 'modules'>,
  skill: string,
  atLeast: Level = 1,
): { module: Module; level: Level }[] {
  const found: { module: Module; level: Level }[] = []
  for (const module of modules.values()) {
    const taught = skillsTaught(module).find((one) => one.skill === skill)
    if (taught && taught.level >= atLeast) found.push({ module, level: taught.level })
  }
  return found.sort(
    (a, b) =>
      a.level - b.level ||
      a.module.workloadHours - b.module.workloadHours ||
      (a.module.id < b.module.id ? -1 : 1),
  )
}

/** Skills that name this one as needed before starting. */
export function skillsRequiring({ skills }: Pick<Ontology, 'skills'>, skill: string): SkillLevel[] {
  return [...skills.values()].flatMap(({ id, requires }) =>
    requires.filter((one) => one.skill === skill).map(({ level }) => ({ skill: id, level })),
  )
}
