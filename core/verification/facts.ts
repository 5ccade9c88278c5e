import type { CredentialFormat } from '#core/credentials/offer.ts'

/** What a verified credential says, for people. Every part may be hidden by its holder or absent. */
export interface CredentialFacts {
  title?: string
  description?: string
  holder: { givenName?: string; familyName?: string }
  issuingAuthority?: string
  issuingCountry?: string
  /** `YYYY-MM-DD` */
  issuedOn?: string
  expiresOn?: string
  languages: string[]
  studyTime?: string
  level?: string
  qualityAssurance?: string
  stackability?: string
  grade?: string
  outcomes: string[]
  skills: SkillFact[]
  evidence: EvidenceFact[]
  /** How many parts the holder did not disclose (decoys count too: never say "exactly"). */
  hidden: number
}

export interface SkillFact {
  label: string
  level?: number
  uri?: string
}

export interface EvidenceFact {
  practical: string
  /** `local`: run on the executor beside the academy, not on an AI Factory. Shown on its face. */
  environment: string
  site?: string
  hardware?: string
  assurance?: string
  metrics: { name: string; value: number; unit?: string; threshold?: number }[]
  finishedAt?: string
  runDigest?: string
}

const longest = 2000
const most = 100

/** Reads the facts out of claims whose signature and disclosures held. Tolerant: what has another form is left out. */
export function readFacts(
  format: CredentialFormat,
  claims: Record<string, unknown>,
  hidden: number,
): CredentialFacts {
  const vc = format === 'jwt_vc_json' ? record(claims['vc']) : {}
  const from = format === 'jwt_vc_json' ? record(vc['credentialSubject']) : claims
  const givenName = text(from['given_name'])
  const familyName = text(from['family_name'])
  return {
    ...optional('title', text(from['achievement_title'])),
    ...optional('description', text(from['achievement_description'])),
    holder: { ...optional('givenName', givenName), ...optional('familyName', familyName) },
    ...optional('issuingAuthority', text(from['issuing_authority'])),
    ...optional('issuingCountry', text(from['issuing_country'])),
    ...optional('issuedOn', day(from['date_of_issuance']) ?? dayOf(claims['iat'] ?? claims['nbf'])),
    ...optional('expiresOn', day(from['date_of_expiry']) ?? dayOf(claims['exp'])),
    languages: texts(from['language_of_classes']),
    ...optional('studyTime', text(from['expected_study_time'])),
    ...optional('level', text(from['level_of_learning_experience'])),
    ...optional('qualityAssurance', words(from['types_of_quality_assurance'])),
    ...optional('stackability', words(from['integration_stackability_options'])),
    ...optional('grade', text(from['assessment_grade'])),
    outcomes: texts(from['learning_outcomes']),
    skills: list(from['skills']).flatMap(skillFact),
    evidence: list(from['evidence']).flatMap(evidenceFact),
    hidden,
  }
}

function skillFact(value: unknown): SkillFact[] {
  if (typeof value === 'string') return [{ label: value.slice(0, longest) }]
  const { label, name, level, uri, id } = record(value)
  const shown = text(label) ?? text(name) ?? text(record(label)['en']) ?? text(uri) ?? text(id)
  if (shown === undefined) return []
  return [
    {
      label: shown,
      ...(typeof level === 'number' ? { level } : {}),
      ...optional('uri', text(uri) ?? text(id)),
    },
  ]
}

function evidenceFact(value: unknown): EvidenceFact[] {
  const from = record(value)
  const practical = text(from['practical']) ?? text(from['id'])
  const environment = text(from['environment'])
  if (practical === undefined || environment === undefined) return []
  return [
    {
      practical,
      environment,
      ...optional('site', text(from['site'])),
      ...optional('hardware', hardware(from['hardware'])),
      ...optional('assurance', text(from['assurance'])),
      metrics: list(from['metrics']).flatMap(metric),
      ...optional('finishedAt', text(from['finishedAt']) ?? text(from['finished_at'])),
      ...optional('runDigest', text(from['runDigest']) ?? text(from['run_digest'])),
    },
  ]
}

function metric(value: unknown): EvidenceFact['metrics'] {
  const { name, value: measured, unit, threshold } = record(value)
  if (typeof name !== 'string' || typeof measured !== 'number') return []
  return [
    {
      name: name.slice(0, longest),
      value: measured,
      ...optional('unit', text(unit)),
      ...(typeof threshold === 'number' ? { threshold } : {}),
    },
  ]
}

function hardware(value: unknown): string | undefined {
  if (typeof value === 'string') return text(value)
  const from = record(value)
  const gpus = typeof from['gpus'] === 'number' && from['gpus'] > 0 ? from['gpus'] : undefined
  const memory = from['memoryGiB'] ?? from['memory_gib']
  const parts = [
    text(from['cpu']),
    typeof from['cores'] === 'number' ? `${from['cores']} cores` : undefined,
    typeof memory === 'number' ? `${memory} GiB` : undefined,
    gpus && `${gpus} × ${text(from['gpuType'] ?? from['gpu_type']) ?? 'GPU'}`,
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(', ')
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  return typeof value === 'string' && value !== '' ? value.slice(0, longest) : undefined
}

function words(value: unknown): string | undefined {
  const all = Array.isArray(value) ? texts(value) : [text(value)].filter((one) => one !== undefined)
  return all.length === 0 ? undefined : all.join('; ')
}

function texts(value: unknown): string[] {
  return list(value)
    .map((one) => text(one) ?? text(record(one)['statement']))
    .filter((one) => one !== undefined)
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : value === undefined ? [] : [value]
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

function day(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? value.slice(0, 10) : undefined
}

function dayOf(seconds: unknown): string | undefined {
  const fits = typeof seconds === 'number' && Math.abs(seconds) < 8e12
  return fits ? new Date(seconds * 1000).toISOString().slice(0, 10) : undefined
}

function optional<K extends string>(name: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, string>)
}
