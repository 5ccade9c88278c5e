import type { Ontology, RoleSkill } from './ontology.ts'

/**
 * What a role asks for when it works in a sector: its own profile with the sector's overlays for it and for every
 * role (`*`); the higher level and the stronger importance win. Sorted by skill; empty for an unknown role.
 */
export function demandProfile(
  { roles, sectors }: Pick<Ontology, 'roles' | 'sectors'>,
  role: string,
  sector: string | undefined,
): RoleSkill[] {
  const base = roles.get(role)
  if (!base) return []
  const overlay = sector === undefined ? [] : (sectors.get(sector)?.overlay ?? [])
  const profile = new Map<string, RoleSkill>()
  for (const { skill, level, importance } of [...base.skills, ...overlay.filter(concerns(role))]) {
    const earlier = profile.get(skill)
    profile.set(skill, {
      skill,
      level: earlier && earlier.level > level ? earlier.level : level,
      importance: earlier?.importance === 'essential' ? 'essential' : importance,
    })
  }
  return [...profile.values()].sort((a, b) => (a.skill < b.skill ? -1 : 1))
}

const concerns = (role: string) => (overlay: { role: string }) =>
  overlay.role === '*' || overlay.role === role
