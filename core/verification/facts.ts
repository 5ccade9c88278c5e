import type { CredentialFormat } from '#core/credentials/credential.ts'
import { evidenceGenres } from '#core/credentials/formats/open-badge.ts'

/** What a verified credential says, for people. Every part may be hidden by its holder or absent. */
export interface CredentialFacts {
  title?: string
  description?: string
  /** An Open Badge has the name in one piece. */
  holder: { givenName?: string; familyName?: string; fullName?: string }
  issuingAuthority?: string
  issuingCountry?: string
  /** `YYYY-MM-DD` */
  issuedOn?: string
  /** Last day of its validity. */
  expiresOn?: string
  language?: string
  studyTime?: string
  ects?: string
  eqfLevel?: string
  supervision?: string
  qualityAssurance?: string
  stackability?: string
  grade?: string
  outcomes: string[]
  skills: SkillFact[]
  evidence: EvidenceFact[]
  /** What the issuer says of its own seal: a trial deployment says that it is not qualified. */
  assurance?: string
  /** How many parts the holder did not disclose (decoys count too: never say "exactly"). */
  hidden: number
}

export interface SkillFact {
  /** Its address; one of our ontology says in which version it was issued. */
  id?: string
  name: string
  level?: number
  /** ESCO concept, for a link. */
  esco?: string
}

export interface EvidenceFact {
  practical: string
  /** `local`: run on the executor beside the academy, not on an AI Factory. Shown on its face. `unspecified`: a foreign badge does not say. */
  environment: string
  site?: string
  hardware?: HardwareFact
  assurance?: string
  metrics: { name: string; value: number; unit?: string; threshold?: number }[]
  /** The same in words, where the format has no place for figures. */
  narrative?: string
  finishedOn?: string
  runDigest?: string
}

interface HardwareFact {
  cpu?: string
  cores?: number
  memoryGiB?: number
  gpuType?: string
  gpus?: number
}

const longestText = 2000
const mostItems = 100

/** Reads the facts out of claims whose signature and disclosures held. Tolerant: what has another form is left out. */
export function readFacts(
  format: CredentialFormat,
  claims: Record<string, unknown>,
  hidden: number,
): CredentialFacts {
  if (format === 'dc+sd-jwt') return present(ofSdJwt(claims, hidden))
  return present(format === 'jwt_vc_json' ? ofJwtVc(claims) : ofOpenBadge(claims))
}

/** Claim names of the European learning credential. */
function ofSdJwt(claims: Record<string, unknown>, hidden: number) {
  return {
    title: text(claims['achievement_title']),
    description: text(claims['achievement_description']),
    holder: present({ givenName: text(claims['given_name']), familyName: text(claims['family_name']) }),
    issuingAuthority: text(claims['issuing_authority']),
    issuingCountry: text(claims['issuing_country']),
    issuedOn: day(claims['date_of_issuance']) ?? dayOf(claims['iat']),
    expiresOn: day(claims['date_of_expiry']) ?? dayOf(claims['exp']),
    language: words(claims['language_of_classes']),
    studyTime: text(claims['expected_study_time']),
    ects: text(claims['ects_credits']),
    eqfLevel: text(claims['level_of_learning_experience']),
    supervision: text(claims['supervision']),
    qualityAssurance: words(claims['types_of_quality_assurance']),
    stackability: words(claims['integration_stackability_options']),
    grade: text(claims['assessment_grade']),
    outcomes: texts(claims['learning_outcomes']),
    skills: list(claims['skills']).flatMap(skillFact),
    evidence: list(claims['evidence']).flatMap(evidenceFact),
    assurance: text(record(claims['issuer_assurance'])['statement']),
    hidden,
  }
}

/** Member names of our W3C credential; a foreign one may use those of the SD-JWT in its subject. */
function ofJwtVc(claims: Record<string, unknown>) {
  const vc = record(claims['vc'])
  const subject = record(vc['credentialSubject'])
  const achievement = record(subject['achievement'])
  const awardingBody = record(achievement['awardingBody'])
  const workload = achievement['workloadHours']
  return {
    title: text(achievement['name']) ?? text(subject['achievement_title']),
    description: text(achievement['description']),
    holder: present({
      givenName: text(subject['givenName']) ?? text(subject['given_name']),
      familyName: text(subject['familyName']) ?? text(subject['family_name']),
    }),
    issuingAuthority: text(awardingBody['name']),
    issuingCountry: text(awardingBody['country']),
    issuedOn: day(achievement['awardedOn']) ?? dayOf(claims['nbf'] ?? claims['iat']),
    expiresOn: day(achievement['validUntil']) ?? dayOf(claims['exp']),
    language: text(achievement['language']),
    studyTime: typeof workload === 'number' ? `${workload} hours` : undefined,
    ects: text(achievement['ects']),
    eqfLevel: text(achievement['eqfLevel']),
    supervision: text(achievement['supervision']),
    qualityAssurance: text(achievement['qualityAssurance']),
    stackability: text(achievement['stackability']),
    grade: text(record(achievement['assessment'])['result']),
    outcomes: texts(achievement['learningOutcomes']),
    skills: list(subject['skills']).flatMap(skillFact),
    evidence: list(vc['evidence']).flatMap(evidenceFact),
    assurance: text(record(vc['issuerAssurance'])['statement']),
    hidden: 0,
  }
}

/** Members of an Open Badge (Open Badges 3.0 §B.1); a foreign one need have none of ours. */
function ofOpenBadge(claims: Record<string, unknown>) {
  const subject = record(claims['credentialSubject'])
  const achievement = record(subject['achievement'])
  const issuer = record(claims['issuer'])
  const named = list(subject['identifier']).map(record)
  const alignments = list(achievement['alignment']).map(record)
  const descriptions = list(achievement['resultDescription']).map(record)
  const results = list(subject['result']).map(record)
  const score = results.find((result) => text(result['value']) !== undefined)
  const scale = descriptions.find(({ id }) => id !== undefined && id === score?.['resultDescription'])
  const kinds = alignments.map(({ targetType }) => targetType)
  return {
    title: text(achievement['name']) ?? text(claims['name']),
    description: text(achievement['description']),
    holder: present({
      fullName: text(named.find((one) => one['identityType'] === 'name')?.['identityHash']),
    }),
    issuingAuthority: text(issuer['name']),
    issuingCountry: text(record(issuer['address'])['addressCountryCode']),
    issuedOn: dayOfText(claims['awardedDate']) ?? dayOfText(claims['validFrom']),
    expiresOn: dayOfText(claims['validUntil']),
    language: text(achievement['inLanguage']),
    ects: text(achievement['creditsAvailable']),
    eqfLevel: text(alignments[kinds.indexOf('ext:EQFLevel')]?.['targetCode']),
    grade: score && `${text(score['value'])}${scale?.['resultType'] === 'Percent' ? ' %' : ''}`,
    outcomes: outcomesIn(record(achievement['criteria'])['narrative']),
    skills: descriptions.flatMap((description) => badgeSkill(description, results)),
    evidence: list(claims['evidence']).flatMap(badgeEvidence),
    assurance: text(issuer['description']),
    hidden: 0,
  }
}

/** A result on a rubric: what it is about, and which step was reached. */
function badgeSkill(
  description: Record<string, unknown>,
  results: readonly Record<string, unknown>[],
): SkillFact[] {
  const name = text(description['name'])
  const reached = results.find((result) => result['resultDescription'] === description['id'])?.[
    'achievedLevel'
  ]
  const step = list(description['rubricCriterionLevel'])
    .map(record)
    .find(({ id }) => id !== undefined && id === reached)
  if (name === undefined || description['resultType'] !== 'RubricCriterionLevel') return []
  const level = Number(text(step?.['level']) ?? Number.NaN)
  const esco = list(description['alignment'])
    .map(record)
    .find((one) => one['targetFramework'] === 'ESCO')
  return [present({ name, level: number(level), esco: text(esco?.['targetUrl']) })]
}

function badgeEvidence(value: unknown): EvidenceFact[] {
  const from = record(value)
  const practical = text(from['name'])
  if (practical === undefined) return []
  const genre = from['genre']
  const environment =
    genre === evidenceGenres.site ? 'site' : genre === evidenceGenres.local ? 'local' : 'unspecified'
  const run = /\bRun: sha-256 ([0-9a-f]{64})\b/.exec(text(from['description']) ?? '')?.[1]
  return [
    present({
      practical,
      environment,
      metrics: [],
      narrative: text(from['narrative']),
      runDigest: run && `sha-256:${run}`,
    }),
  ]
}

/** The bullets of a narrative in Markdown. */
function outcomesIn(narrative: unknown): string[] {
  const lines = (text(narrative) ?? '').split('\n')
  return lines.flatMap((line) => (line.startsWith('- ') ? [line.slice(2)] : [])).slice(0, mostItems)
}

function dayOfText(value: unknown): string | undefined {
  return typeof value === 'string' ? day(value.slice(0, 10)) : undefined
}

function skillFact(value: unknown): SkillFact[] {
  const from = record(value)
  const name = text(value) ?? text(from['name'])
  if (name === undefined) return []
  return [present({ id: text(from['id']), name, level: number(from['level']), esco: text(from['esco']) })]
}

function evidenceFact(value: unknown): EvidenceFact[] {
  const from = record(value)
  const practical = text(from['practical'])
  const environment = text(from['environment'])
  if (practical === undefined || environment === undefined) return []
  return [
    present({
      practical,
      environment,
      site: text(from['site']),
      hardware: hardwareFact(from['hardware']),
      assurance: text(from['assurance']),
      metrics: list(from['metrics']).flatMap(metricFact),
      finishedOn: day(from['finished_on']),
      runDigest: text(from['run_digest']),
    }),
  ]
}

function hardwareFact(value: unknown): HardwareFact | undefined {
  if (value === undefined) return undefined
  const { cpu, cores, memoryGiB, gpuType, gpus } = record(value)
  return present({
    cpu: text(cpu),
    cores: number(cores),
    memoryGiB: number(memoryGiB),
    gpuType: text(gpuType),
    gpus: number(gpus),
  })
}

function metricFact(value: unknown): EvidenceFact['metrics'] {
  const { name, value: measured, unit, threshold } = record(value)
  const shown = text(name)
  if (shown === undefined || typeof measured !== 'number') return []
  return [present({ name: shown, value: measured, unit: text(unit), threshold: number(threshold) })]
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  return typeof value === 'string' && value !== '' ? value.slice(0, longestText) : undefined
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function texts(value: unknown): string[] {
  return list(value)
    .map(text)
    .filter((one) => one !== undefined)
}

function words(value: unknown): string | undefined {
  const all = texts(value)
  return all.length === 0 ? undefined : all.join('; ')
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, mostItems) : value === undefined ? [] : [value]
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

function day(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined
  // In every month there are 28.
  if (/-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$/.test(value)) return value
  const moment = new Date(`${value}T00:00:00Z`)
  // A date such as the thirtieth of February is none, or becomes another day.
  return Number.isNaN(moment.getTime()) || !moment.toISOString().startsWith(value) ? undefined : value
}

/** Years of four digits only: a time in milliseconds, or one outside every calendar, is no day to show. */
function dayOf(seconds: unknown): string | undefined {
  const fits = typeof seconds === 'number' && Math.abs(seconds) < 8e12
  return fits ? day(new Date(seconds * 1000).toISOString().slice(0, -'T00:00:00.000Z'.length)) : undefined
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The same object without the members that are `undefined`. */
export function present<T extends object>(members: T): Present<T> {
  const given: Partial<T> = {}
  for (const name in members) if (members[name] !== undefined) given[name] = members[name]
  return given as unknown as Present<T>
}
