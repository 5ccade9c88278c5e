import type { JsonObject } from './graph.ts'

/**
 * The mandatory elements of a micro-credential (Council Recommendation 2022/C 243/02, annex I). The
 * official shapes ask for four of them; a credential may conform and still be no micro-credential.
 */
const mandatoryElements = [
  'learner',
  'title',
  'country',
  'awardingBody',
  'issueDate',
  'learningOutcomes',
  'workload',
  'level',
  'assessmentType',
  'participation',
  'qualityAssurance',
] as const
export type MandatoryElement = (typeof mandatoryElements)[number]

const finders: Readonly<Record<MandatoryElement, (credential: JsonObject) => boolean>> = {
  learner: (credential) => {
    const person = at(credential, 'credentialSubject')
    const named =
      hasText(person, 'fullName') || (hasText(person, 'givenName') && hasText(person, 'familyName'))
    return named && (has(person, 'identifier', 'notation') || has(person, 'dateOfBirth'))
  },
  title: (credential) => {
    const claims = at(credential, 'credentialSubject', 'hasClaim')
    return [claims, at(claims, 'specifiedBy'), at(credential, 'displayParameter')].every(
      (things) => things.length > 0 && things.every((thing) => hasText([thing], 'title')),
    )
  },
  country: (credential) => has(at(credential, 'issuer'), 'location', 'address', 'countryCode', 'id'),
  awardingBody: (credential) => {
    const bodies = at(credential, 'credentialSubject', 'hasClaim', 'awardedBy', 'awardingBody')
    return hasText(bodies, 'legalName')
  },
  issueDate: (credential) =>
    has([credential], 'issued') &&
    has(at(credential, 'credentialSubject', 'hasClaim'), 'awardedBy', 'awardingDate'),
  learningOutcomes: (credential) => {
    const outcomes = at(specification(credential), 'learningOutcome')
    return outcomes.length > 0 && outcomes.every((outcome) => hasText([outcome], 'title'))
  },
  workload: (credential) => has(specification(credential), 'volumeOfLearning'),
  level: (credential) => has(specification(credential), 'eqfLevel', 'id'),
  assessmentType: (credential) =>
    has(at(credential, 'credentialSubject', 'hasClaim', 'provenBy'), 'specifiedBy', 'dcType', 'id'),
  participation: (credential) => has(specification(credential), 'mode', 'id'),
  qualityAssurance: (credential) =>
    at(specification(credential), 'additionalNote').some(
      (note) =>
        hasText([note], 'noteLiteral') &&
        Object.values(at([note], 'subject', 'prefLabel')[0] ?? {}).includes('Quality assurance'),
    ),
}

/** The mandatory elements a credential does not state, in the order of the annex. */
export function missingElements(credential: JsonObject): MandatoryElement[] {
  return mandatoryElements.filter((element) => !finders[element](credential))
}

function specification(credential: JsonObject): JsonObject[] {
  return at(credential, 'credentialSubject', 'hasClaim', 'specifiedBy')
}

/** All objects at the end of a path, lists opened. */
function at(from: JsonObject | JsonObject[], ...path: string[]): JsonObject[] {
  let here = Array.isArray(from) ? from : [from]
  for (const member of path) {
    here = here
      .flatMap((object) => object[member])
      .filter((value): value is JsonObject => typeof value === 'object' && value !== null)
  }
  return here
}

/** Whether a value that is not blank stands at the end of the path. */
function has(from: JsonObject[], ...path: string[]): boolean {
  const last = path.at(-1) ?? ''
  return at(from, ...path.slice(0, -1)).some((object) => {
    const value = object[last]
    if (typeof value === 'string') return value.trim() !== ''
    return Array.isArray(value) ? value.length > 0 : typeof value === 'object' && value !== null
  })
}

function hasText(from: JsonObject[], member: string): boolean {
  return at(from, member).some((words) =>
    Object.values(words).some((text) => typeof text === 'string' && text.trim() !== ''),
  )
}
