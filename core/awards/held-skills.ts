import type { Learner } from '#core/learners/learner.ts'
import type { Level, Ontology, SkillLevel } from '#core/skills/ontology.ts'
import type { Award } from './award.ts'

/** The highest level held of each skill. */
export type HeldSkills = ReadonlyMap<string, Level>

/**
 * What a learner holds: skills an institution has recognised, and skills of awards that are valid now.
 * A skill that was replaced since counts as its replacement too.
 */
export function heldSkills(
  learner: Pick<Learner, 'recognisedSkills'>,
  awards: readonly Pick<Award, 'skills' | 'status' | 'validUntil'>[],
  ontology: Pick<Ontology, 'skills'>,
  now: Date,
): HeldSkills {
  const held = new Map<string, Level>()
  const valid = awards.filter(
    ({ status, validUntil }) => status.state === 'valid' && (validUntil === undefined || validUntil > now),
  )
  for (const { skill, level } of [...learner.recognisedSkills, ...valid.flatMap((award) => award.skills)]) {
    for (const name of withReplacements(skill, ontology)) {
      if (level > (held.get(name) ?? 0)) held.set(name, level)
    }
  }
  return held
}

/** The part of `needed` that is not held at its level, in the order given. */
export function missingSkills(needed: readonly SkillLevel[], held: HeldSkills): SkillLevel[] {
  return needed.filter(({ skill, level }) => (held.get(skill) ?? 0) < level)
}

function withReplacements(skill: string, ontology: Pick<Ontology, 'skills'>): Set<string> {
  const names = new Set<string>()
  for (let name: string | undefined = skill; name !== undefined && !names.has(name); ) {
    names.add(name)
    name = ontology.skills.get(name)?.replacedBy
  }
  return names
}
