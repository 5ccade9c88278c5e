import type { GraphSkill } from '#core/skills/graph-content.ts'
import type { Level, SkillLevel } from '#core/skills/ontology.ts'

/** Who requires whom, as compressed rows: the requirements of skill n are at `from[n]` to `from[n + 1]`. */
export interface Requirements {
  ids: readonly string[]
  numberOf: ReadonlyMap<string, number>
  from: Uint32Array
  to: Uint32Array
  level: Uint8Array
  /** Working space of one closure, all zero between two. */
  asked: Uint8Array
}

/** Numbers the skills and packs their requirements; every skill required must be among them. */
export function packRequirements(skills: readonly GraphSkill[]): Requirements {
  const ids = skills.map(({ id }) => id)
  const numberOf = new Map(ids.map((id, number) => [id, number]))
  const total = skills.reduce((sum, { requires }) => sum + requires.length, 0)
  const from = new Uint32Array(skills.length + 1)
  const to = new Uint32Array(total)
  const level = new Uint8Array(total)
  let next = 0
  for (const [number, { requires }] of skills.entries()) {
    from[number] = next
    for (const one of requires) {
      to[next] = numberOf.get(one.skill) ?? 0
      level[next++] = one.level
    }
  }
  from[skills.length] = next
  return { ids, numberOf, from, to, level, asked: new Uint8Array(skills.length) }
}

/** The closure of `SkillsGraph`; a skill that has no number requires nothing. */
export function closureOf(wanted: readonly SkillLevel[], rows: Requirements): Map<string, Level> {
  const { ids, numberOf, from, to, level, asked } = rows
  const needed = new Map<string, Level>()
  const found: number[] = []
  const ask = (number: number, least: number) => {
    const before = asked[number] ?? 0
    if (before === 0) found.push(number)
    if (before < least) asked[number] = least
  }
  for (const { skill, level: least } of wanted) {
    const number = numberOf.get(skill)
    if (number !== undefined) ask(number, least)
    else if ((needed.get(skill) ?? 0) < least) needed.set(skill, least)
  }
  // What a skill requires does not depend on its own level, so each is looked at once; `found` grows meanwhile.
  for (let position = 0; position < found.length; position++) {
    const number = found[position] ?? 0
    const end = from[number + 1] ?? 0
    for (let edge = from[number] ?? 0; edge < end; edge++) ask(to[edge] ?? 0, level[edge] ?? 0)
  }
  for (const number of found) {
    needed.set(ids[number] ?? '', (asked[number] ?? 1) as Level)
    asked[number] = 0
  }
  return needed
}

/** The rows as a look-up by id, for what is written once over any such look-up. */
export function requirementsOf({ ids, numberOf, from, to, level }: Requirements) {
  return {
    get(skill: string): { requires: SkillLevel[] } | undefined {
      const number = numberOf.get(skill)
      if (number === undefined) return undefined
      const requires: SkillLevel[] = []
      const end = from[number + 1] ?? 0
      for (let edge = from[number] ?? 0; edge < end; edge++) {
        requires.push({ skill: ids[to[edge] ?? 0] ?? '', level: (level[edge] ?? 1) as Level })
      }
      return { requires }
    },
  }
}
