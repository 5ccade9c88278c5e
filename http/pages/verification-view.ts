import { html } from 'hono/html'
import { readSkillIri } from '#core/ontology/resolve-skill.ts'
import type { Ports } from '#core/ports.ts'
import { inLanguage } from '#core/text.ts'
import type { CredentialFacts, EvidenceFact, SkillFact } from '#core/verification/facts.ts'
import type { Check, Outcome, Verification, VerifiedIssuer } from '#core/verification/verification.ts'
import { bullets, type Content, factList, note, type Tone, table, tag, verdictPanel } from './components.ts'
import { dateAndTime, languageName, longDate, shortNumber } from './dates.ts'
import { verificationWords } from './i18n/verification.ts'
import type { Language } from './language.ts'
import type { Html } from './layout.ts'
import { skillSince } from './skill-since.ts'

/** What the colours say; the words beside them say the same. */
const tones: Record<Outcome, Tone> = {
  valid: 'good',
  unreadable: 'wait',
  forged: 'bad',
  'foreign-issuer': 'bad',
  tampered: 'bad',
  'key-revoked': 'bad',
  'wrong-type': 'bad',
  'not-yet-valid': 'wait',
  expired: 'wait',
  'not-entitled': 'bad',
  'holder-mismatch': 'bad',
  suspended: 'wait',
  revoked: 'bad',
  superseded: 'wait',
  'status-unknown': 'wait',
}

/** Verdict first, then what the credential says, then each check by name. The same for page and shared link. */
export function verificationView(
  verification: Verification,
  language: Language,
  { intro, today }: { intro?: Content; today?: SkillsToday } = {},
): Html {
  const words = verificationWords[language]
  const { verified, outcome, facts, issuer, checks, holderProven, verifiedAt } = verification
  return html`${verdictPanel({ tone: tones[outcome], ...words.outcomes[outcome] })}
${intro === undefined ? '' : html`<p>${intro}</p>`}
${helpFor(verification, language)}
${verified && !holderProven ? html`<div class="note"><p><strong>${words.holder}.</strong> ${words.holderText}</p></div>` : ''}
${facts ? factsView(facts, issuer, language, today) : ''}
<h2>${words.checks}</h2>
<p class="soft">${words.checksHint}</p>
<ol class="checks">${checks.map((check) => checkLine(check, language))}</ol>
<p class="soft small">${words.checkedAt(dateAndTime(verifiedAt, language))}</p>`
}

/** What to do about a failure that has a way out. Own members only. */
function helpFor({ failedCheck, checks }: Verification, language: Language): Content {
  const code = checks.find(({ name }) => name === failedCheck)?.code ?? ''
  const { help } = verificationWords[language]
  return Object.hasOwn(help, code) ? note(help[code] ?? '', 'wait') : ''
}

export function verdictTitle(verification: Verification, language: Language): string {
  return verificationWords[language].outcomes[verification.outcome].title
}

function checkLine({ name, state, code }: Check, language: Language): Html {
  const words = verificationWords[language]
  const tone =
    state === 'passed' ? 'good' : state === 'failed' ? 'bad' : state === 'unknown' ? 'wait' : undefined
  const detail = state === 'failed' || state === 'unknown'
  return html`<li><span>${words.checkNames[name]}</span>${tag(words.states[state], tone)}${
    detail ? html`<p><code>${name}: ${code}</code></p>` : ''
  }</li>`
}

function factsView(
  facts: CredentialFacts,
  issuer: VerifiedIssuer | undefined,
  language: Language,
  today?: SkillsToday,
): Html {
  const words = verificationWords[language]
  const { givenName, familyName, fullName } = facts.holder
  const name = fullName ?? [givenName, familyName].filter(Boolean).join(' ')
  const inItsLanguage = (text: string | undefined) =>
    text && html`<span lang="${languageOf(facts)}">${text}</span>`
  return html`<h2>${words.facts}</h2>
${factList([
  [words.fact.title, facts.title && html`<strong lang="${languageOf(facts)}">${facts.title}</strong>`],
  [words.fact.holder, name || html`<span class="soft">${words.fact.holderHidden}</span>`],
  [words.fact.issuer, issuerName(issuer, language)],
  [words.fact.issuedOn, facts.issuedOn && longDate(facts.issuedOn, language)],
  [words.fact.expiresOn, facts.expiresOn && longDate(facts.expiresOn, language)],
  [words.fact.grade, facts.grade && html`<span lang="en">${facts.grade}</span>`],
  [words.fact.skills, bullets(facts.skills.map((skill) => skillLine(skill, language, today)))],
  [words.fact.outcomes, bullets(facts.outcomes.map((outcome) => inItsLanguage(outcome) ?? ''))],
  [words.fact.eqfLevel, facts.eqfLevel],
  [words.fact.ects, facts.ects],
  [words.fact.studyTime, facts.studyTime && html`<span lang="en">${facts.studyTime}</span>`],
  [words.fact.language, facts.language && languageName(facts.language, language)],
  [words.fact.quality, inItsLanguage(facts.qualityAssurance)],
  [words.fact.stackability, inItsLanguage(facts.stackability)],
  [words.fact.description, inItsLanguage(facts.description)],
  [words.fact.seal, facts.assurance && html`<span lang="en">${facts.assurance}</span>`],
])}
${facts.hidden > 0 ? html`<p class="soft">${words.hidden}</p>` : ''}
${facts.evidence.map((evidence) => evidenceView(evidence, language))}`
}

function issuerName(issuer: VerifiedIssuer | undefined, language: Language): Content | undefined {
  if (!issuer) return undefined
  const name = inLanguage(issuer.name, language)
  const country = issuer.country ? ` (${issuer.country})` : ''
  const trust = issuer.trust === 'register' ? html`, ${verificationWords[language].fact.register}` : ''
  return html`<span lang="${name.language}">${name.value}</span>${country}${trust}`
}

function skillLine({ id, name, level, esco }: SkillFact, language: Language, today?: SkillsToday): Content {
  const words = verificationWords[language]
  const steps: Record<number, string> = words.levels
  const step = level === undefined ? undefined : steps[level]
  const known = step ? html` <span class="soft">(${words.level(String(level), step)})</span>` : ''
  // Only addresses of the European classification become links: a credential must not lead readers elsewhere.
  const linked = esco?.startsWith('http://data.europa.eu/esco/') ? html`<a href="${esco}">${name}</a>` : name
  const ours = today && id !== undefined ? readSkillIri(id, today.settings.publicUrl) : undefined
  return html`${linked}${known}${today && ours ? skillSince({ ...ours, name }, language, today) : ''}`
}

/** What our ontology calls the skills of a credential today; as issued, now, and replaced by. */
export type SkillsToday = Pick<Ports, 'ontology' | 'settings'>

function evidenceView(evidence: EvidenceFact, language: Language): Html {
  const words = verificationWords[language]
  const local = evidence.environment !== 'site' && evidence.environment !== 'unspecified'
  const columns = [
    { title: words.metric },
    { title: words.value, number: true },
    { title: words.threshold, number: true },
  ]
  const shown = (value: number | undefined, unit: string | undefined) =>
    value === undefined ? '–' : `${shortNumber(value, language)}${unit && unit !== '1' ? ` ${unit}` : ''}`
  return html`<h2>${words.evidence} ${evidence.environment === 'unspecified' ? '' : tag(local ? words.local : words.site, local ? 'wait' : 'good')}</h2>
${local ? note(words.localText, 'wait') : ''}
${factList([
  [words.practical, evidence.practical],
  [words.place, evidence.site],
  [words.hardware, hardwareLine(evidence, language)],
  [words.assurance, evidence.assurance && assuranceName(evidence.assurance, language)],
  [words.finishedOn, evidence.finishedOn && longDate(evidence.finishedOn, language)],
  [words.measured, evidence.narrative],
  [words.runDigest, evidence.runDigest && html`<code class="break">${evidence.runDigest}</code>`],
])}
${
  evidence.metrics.length === 0
    ? ''
    : table(
        words.measured,
        columns,
        evidence.metrics.map(({ name, value, unit, threshold }) => [
          name.replaceAll('_', ' '),
          shown(value, unit),
          shown(threshold, unit),
        ]),
      )
}`
}

/** Our words for the assurances we know. Own members only: a credential may say `constructor`. */
function assuranceName(assurance: string, language: Language): string {
  const { assurances } = verificationWords[language]
  return (Object.hasOwn(assurances, assurance) ? assurances[assurance] : undefined) ?? assurance
}

function hardwareLine({ hardware }: EvidenceFact, language: Language): string | undefined {
  if (!hardware) return undefined
  const { cpu, cores, memoryGiB, gpuType, gpus } = hardware
  const parts = [
    cpu,
    cores === undefined ? undefined : `${cores} ${verificationWords[language].cores}`,
    memoryGiB === undefined ? undefined : `${shortNumber(memoryGiB, language)} GiB`,
    gpus ? `${gpus} × ${gpuType ?? 'GPU'}` : undefined,
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}

function languageOf({ language }: CredentialFacts): string {
  return language && /^[a-z]{2,3}$/.test(language) ? language : 'en'
}
