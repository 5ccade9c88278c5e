import { type CredentialFacts, present } from './facts.ts'

const longestText = 2000
const mostItems = 100

type Thing = Record<string, unknown>

/**
 * Reads the facts out of a European Digital Credential whose seal held. Tolerant: every member may be absent,
 * one value or a list; words are taken in the primary language of the credential, else in any.
 */
export function readSealedFacts(credential: Thing): CredentialFacts {
  const display = one(credential['displayParameter'])
  const language = languageOf(display)
  const say = (words: unknown) => wordsIn(words, language)
  const person = one(credential['credentialSubject'])
  const claim = one(person['hasClaim'])
  const specification = one(claim['specifiedBy'])
  const assessment = one(claim['provenBy'])
  const issuer = one(credential['issuer'])
  const notes = many(specification['additionalNote'])
  const noteAbout = (subject: string) => {
    const found = notes.find((note) =>
      Object.values(one(one(note['subject'])['prefLabel'])).includes(subject),
    )
    return found && say(found['noteLiteral'])
  }
  const outcomes = many(specification['learningOutcome'])
  return present({
    title: say(claim['title']) ?? say(display['title']),
    description: say(claim['description']),
    holder: present({
      givenName: say(person['givenName']),
      familyName: say(person['familyName']),
      fullName: say(person['fullName']),
    }),
    issuingAuthority: say(issuer['legalName']),
    issuingCountry: say(one(one(one(one(issuer['location'])['address']))['countryCode'])['prefLabel']),
    issuedOn: day(credential['issued']),
    expiresOn: day(credential['validUntil'] ?? credential['expirationDate']),
    language,
    studyTime: hoursOf(specification['volumeOfLearning']),
    ects: text(one(specification['creditPoint'])['point']),
    eqfLevel: lastPart(one(specification['eqfLevel'])['id']),
    supervision: say(one(assessment['idVerification'])['prefLabel']),
    qualityAssurance: noteAbout('Quality assurance'),
    stackability: noteAbout('Stackability'),
    grade: say(one(assessment['grade'])['noteLiteral']),
    outcomes: outcomes.flatMap((outcome) => say(outcome['title']) ?? []),
    skills: skillsOf(outcomes, say),
    evidence: many(assessment['hasPart']).flatMap((part) => evidenceOf(part, say)),
    assurance: say(one(issuer['additionalNote'])['noteLiteral']),
    hidden: 0,
  })
}

function skillsOf(outcomes: readonly Thing[], say: (words: unknown) => string | undefined) {
  const names = new Map<string, { name: string; esco?: string }>()
  for (const outcome of outcomes) {
    for (const skill of [...many(outcome['relatedSkill']), ...many(outcome['relatedESCOSkill'])]) {
      const name = say(skill['prefLabel'])
      const id = text(skill['id']) ?? ''
      if (name === undefined || names.has(name)) continue
      names.set(name, id.startsWith('http://data.europa.eu/esco/') ? { name, esco: id } : { name })
    }
  }
  return [...names.values()].slice(0, mostItems)
}

function evidenceOf(part: Thing, say: (words: unknown) => string | undefined): CredentialFacts['evidence'] {
  const practical = say(part['title'])
  if (practical === undefined) return []
  const words = say(one(part['additionalNote'])['noteLiteral'])
  const figures = say(one(part['grade'])['noteLiteral'])
  const where = /^(Run on a local machine|Exécuté sur une machine locale)/.test(words ?? '')
    ? 'local'
    : /^(Run at the site|Exécuté dans le centre)/.test(words ?? '')
      ? 'site'
      : 'unspecified'
  const run = text(one(part['identifier'])['notation'])
  return [
    present({
      practical,
      environment: where,
      metrics: [],
      narrative: [figures, words].filter(Boolean).join('. ') || undefined,
      finishedOn: day(part['dateIssued']),
      runDigest: run && /^[0-9a-f]{64}$/.test(run) ? `sha-256:${run}` : undefined,
    }),
  ]
}

function languageOf(display: Thing): string {
  const table = lastPart(one(display['primaryLanguage'])['id']) ?? ''
  const title = one(display['title'])
  // The table has three letters, language maps have two: the title's own language tells which are meant.
  const known = Object.keys(title).find((tag) => tag.slice(0, 2) === table.slice(0, 2).toLowerCase())
  return known ?? Object.keys(title)[0] ?? 'en'
}

function wordsIn(words: unknown, language: string): string | undefined {
  if (typeof words === 'string') return text(words)
  const map = one(words)
  return text(map[language]) ?? text(map['en']) ?? text(Object.values(map)[0])
}

/** The thing itself, or the first of several. */
function one(value: unknown): Thing {
  return many(value)[0] ?? {}
}

function many(value: unknown): Thing[] {
  return [value]
    .flat()
    .filter((item): item is Thing => typeof item === 'object' && item !== null && !Array.isArray(item))
    .slice(0, mostItems)
}

function text(value: unknown): string | undefined {
  const single: unknown = Array.isArray(value) ? value[0] : value
  if (typeof single === 'number' && Number.isFinite(single)) return String(single)
  return typeof single === 'string' && single !== '' ? single.slice(0, longestText) : undefined
}

function lastPart(iri: unknown): string | undefined {
  return text(iri)?.split('/').at(-1)
}

function day(value: unknown): string | undefined {
  const at = text(value)?.slice(0, 10) ?? ''
  return /^\d{4}-\d{2}-\d{2}$/.test(at) && !Number.isNaN(Date.parse(at)) ? at : undefined
}

/** `PT12H30M` in words; other durations are left out. */
function hoursOf(duration: unknown): string | undefined {
  const [, hours, minutes] = /^PT(?:(\d{1,5})H)?(?:(\d{1,2})M)?$/.exec(text(duration) ?? '') ?? []
  if (hours === undefined && minutes === undefined) return undefined
  return `${Number(hours ?? 0) + Number(minutes ?? 0) / 60} hours`
}
