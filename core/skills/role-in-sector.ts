import { Refusal } from '#core/refusal.ts'
import type { Ontology, RoleSkill } from './ontology.ts'

/**
 * What a role asks for in a sector: the role's own profile with the sector's overlays (`*` stands for every
 * role) laid over it; the higher level and the stronger importance win. Without a sector, the bare role.
 * Refuses a role or sector the ontology does not know.
 */
export function roleInSector(
  ontology: Pick<Ontology, 'roles' | 'sectors'>,
  role: string,
  sector?: string,
): RoleSkill[] {
  const profile = ontology.roles.get(role)
  if (!profile) throw new Refusal('invalid_input', 'role: there is no such role.', { field: 'role' })
  const overlaid = sector === undefined ? undefined : ontology.sectors.get(sector)
  if (sector !== undefined && !overlaid) {
    throw new Refusal('invalid_input', 'sector: there is no such sector.', { field: 'sector' })
  }
  const overlay = overlaid?.overlay.filter((line) => line.role === '*' || line.role === role) ?? []
  const merged = new Map<string, RoleSkill>()
  for (const { skill, level, importance } of [...profile.skills, ...overlay]) {
    const known = merged.get(skill)
    merged.set(skill, {
      skill,
      level: known && known.level > level ? known.level : level,
      importance: known?.importance === 'essential' ? 'essential' : importance,
    })
  }
  return [...merged.values()]
}
