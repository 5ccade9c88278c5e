import type { Ports } from '#core/ports.ts'
import type { Ontology, Skill } from '#core/skills/ontology.ts'

/** What the name of a skill in one version stands for, then and now. */
export interface ResolvedSkill {
  /** The skill as that version has it, and the version; absent when the version is not known here. */
  asIssued?: { version: string; skill: Skill }
  /** The skill of the same name in the version in force. */
  now?: Skill
  /** What it was replaced by in the version in force, again and again, to the one that is live. */
  replacedBy?: Skill
}

/**
 * Resolves a skill of any published version. Its name never means something else, so `now` is the same skill
 * under its label of today.
 */
export async function resolveSkill(
  { version, skill: id }: { version: string; skill: string },
  { ontology, ontologies }: Pick<Ports, 'ontology' | 'ontologies'>,
): Promise<ResolvedSkill> {
  const then = (await ontologies.find(version))?.skills.get(id)
  const now = ontology.skills.get(id)
  const replacedBy = successorOf(id, ontology)
  return {
    ...(then ? { asIssued: { version, skill: then } } : {}),
    ...(now ? { now } : {}),
    ...(replacedBy ? { replacedBy } : {}),
  }
}

/** The live skill at the end of the chain of replacements; `undefined` for a skill nothing replaces. */
export function successorOf(id: string, { skills }: Pick<Ontology, 'skills'>): Skill | undefined {
  const seen = new Set<string>()
  for (let next = skills.get(id)?.replacedBy; next !== undefined && !seen.has(next); ) {
    seen.add(next)
    const found = skills.get(next)
    if (found?.replacedBy === undefined) return found
    next = found.replacedBy
  }
  return undefined
}

/** Version and name in the address of a skill of ours; `undefined` for any other address. */
export function readSkillIri(iri: string, publicUrl: string): { version: string; skill: string } | undefined {
  const base = `${publicUrl}/ontology/`
  if (!iri.startsWith(base)) return undefined
  const [, version, skill] =
    /^(\d{1,6}\.\d{1,6}\.\d{1,6})\/skill\/([a-z0-9-]{1,80})$/.exec(iri.slice(base.length)) ?? []
  return version === undefined || skill === undefined ? undefined : { version, skill }
}
