import { html } from 'hono/html'
import { successorOf } from '#core/ontology/resolve-skill.ts'
import type { Ports } from '#core/ports.ts'
import type { Skill } from '#core/skills/ontology.ts'
import { inLanguage } from '#core/text.ts'
import { verificationWords } from './i18n/verification.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'

export interface IssuedSkill {
  /** Of the ontology it was issued in. */
  version: string
  skill: string
  /** What the credential calls it, in whichever language. */
  name: string
}

/** Beside a skill as issued: its page in that version, what it is called now, and what has replaced it since. */
export function skillSince(
  { version, skill, name }: IssuedSkill,
  language: Language,
  { ontology }: Pick<Ports, 'ontology'>,
): Html {
  const words = verificationWords[language]
  const link = ({ id, label }: Skill) => {
    const text = inLanguage(label, language)
    return html`<a href="/skills/${id}" lang="${text.language}">${text.value}</a>`
  }
  const now = ontology.skills.get(skill)
  const successor = successorOf(skill, ontology)
  const renamed = now !== undefined && !Object.values(now.label).includes(name)
  return html` <span class="soft small"><a href="/ontology/${version}/skill/${skill}">${words.ofVersion(version)}</a>${renamed ? html`; ${words.nowCalled} ${link(now)}` : ''}${successor ? html`; ${words.replacedBy} ${link(successor)}` : ''}</span>`
}
