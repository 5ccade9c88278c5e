import { readSkillIri } from '#core/ontology/resolve-skill.ts'
import { zLevel } from '#core/parse.ts'
import { Refusal } from '#core/refusal.ts'
import type { SkillLevel } from '#core/skills/ontology.ts'
import type { Text } from '#core/text.ts'
import type { Outcome } from '#core/verification/verification.ts'
import type { VerifyPorts } from '#core/verification/verify-credential.ts'

/** What a credential shown to the planner adds to what is held. Whoever shows it need not be its holder: a path is no award. */
export interface PresentedSkills {
  title?: string
  issuer: Text
  /** Skills of this academy's ontology, in whatever version they were issued. */
  skills: SkillLevel[]
  /** Names of what it states besides: skills of other vocabularies, or without a level. */
  others: string[]
}

/** The verdict on a credential and, only when it passed every check, the skills it states. */
export async function presentedSkills(
  text: string,
  ports: VerifyPorts,
): Promise<{ outcome: Outcome; presented?: PresentedSkills }> {
  // Loaded with the first credential that is shown: it is a large part, and most paths are asked without one.
  const { verifyCredential } = await import('#core/verification/verify-credential.ts')
  const { verified, outcome, facts, issuer } = await verifyCredential(text, {}, ports)
  if (!verified) return { outcome }
  const skills: SkillLevel[] = []
  const others: string[] = []
  for (const { id, name, level } of facts?.skills ?? []) {
    const skill = id === undefined ? undefined : readSkillIri(id, ports.settings.publicUrl)?.skill
    const known = zLevel.safeParse(level)
    if (skill !== undefined && known.success) skills.push({ skill, level: known.data })
    else others.push(name)
  }
  const presented = { issuer: issuer?.name ?? { en: '', fr: '' }, skills, others }
  return { outcome, presented: facts?.title === undefined ? presented : { ...presented, title: facts.title } }
}

/**
 * The same for callers that want skills or nothing. Refuses `invalid_input` for a credential that did not pass
 * every check; the message says which verdict it got.
 */
export async function acceptCredential(text: string, ports: VerifyPorts): Promise<PresentedSkills> {
  const { outcome, presented } = await presentedSkills(text, ports)
  if (presented) return presented
  throw new Refusal('invalid_input', `credential: was not accepted; its verdict is ${outcome}.`, {
    field: 'credential',
  })
}
