import type { Award } from '#core/awards/award.ts'
import { base32, type LearnerId } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { bytesOf } from '#core/jose/base64url.ts'
import type { PublicJwk } from '#core/jose/jwk.ts'
import type { Person } from '#core/learners/learner.ts'
import type { Signer, Signers } from '#core/ports.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import { skillIri } from '#core/skills/ontology.ts'
import { inLanguage } from '#core/text.ts'
import type { StatusIndex } from '../credential.ts'

/** Everything a format needs to write one credential. */
export interface CredentialContent {
  award: Award
  institution: Institution
  person: Person
  holderKey: PublicJwk
  status: StatusIndex
  signer: Signer
  /** Institution's number of the learner: no id of ours. */
  learnerNumber: string
  /** Random, unrelated to any id used elsewhere. */
  jti: string
  issuedAt: Date
  expiresAt: Date
  publicUrl: string
}

/** Said in every credential: no trial deployment may pass for a qualified trust service. */
export const issuerAssurance = {
  seal: 'self-made',
  qualified: false,
  statement:
    'Signed with a throw-away key that this deployment certified itself. For tests; not a qualified electronic seal.',
} as const

const roundedToSeconds = 3600

/** Seconds since 1970, rounded down to the hour: an exact time would link credentials issued together. */
export function roundedSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000 / roundedToSeconds) * roundedToSeconds
}

/** `YYYY-MM-DD` */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}

/** A number the institution can find the learner by, and from which nobody else learns our id. */
export function learnerNumber(learnerId: LearnerId, signers: Pick<Signers, 'mac'>): string {
  return base32(signers.mac('learner-number', bytesOf(learnerId)).subarray(0, 10)).toUpperCase()
}

/** The words of an award in the language it was taught in, or in English. */
export function wordsOf(award: Award) {
  const say = (text: Award['title']) => inLanguage(text, award.language).value
  return {
    title: say(award.title),
    description: say(award.description),
    outcomes: award.outcomes.map(({ statement }) => say(statement)),
    qualityAssurance: say(award.qualityAssurance),
    stackability: say(award.stackability),
  }
}

/** Skills with addresses that still resolve when the ontology has moved on. */
export function skillsOf({ award, publicUrl }: CredentialContent) {
  return award.skills.map(({ skill, level, label, escoUri }) => ({
    id: skillIri(publicUrl, award.ontology.version, skill),
    name: inLanguage(label, award.language).value,
    level,
    ...(escoUri ? { esco: escoUri } : {}),
  }))
}

/** What was measured, where and how far it can be trusted. Says so when the machine was a local one. */
export function evidenceOf(award: Award) {
  return award.evidence.map((one: PracticalEvidence) => ({
    type: 'PracticalRun',
    practical: one.practical,
    practical_version: one.practicalVersion,
    practical_digest: `sha-256:${one.specHash}`,
    ...(one.graderSha256 ? { grader_digest: `sha-256:${one.graderSha256}` } : {}),
    ...(one.imageDigest ? { image_digest: one.imageDigest } : {}),
    environment: one.environment,
    site: one.site,
    ...(one.partition ? { queue: one.partition } : {}),
    hardware: one.hardware,
    assurance: one.assurance,
    assurance_level: one.level,
    metrics: one.metrics,
    run_digest: `sha-256:${one.runDigest}`,
    finished_on: day(one.finishedAt),
  }))
}
