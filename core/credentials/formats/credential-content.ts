import type { Award } from '#core/awards/award.ts'
import { base32, type LearnerId } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { bytesOf } from '#core/jose/base64url.ts'
import type { PublicJwk } from '#core/jose/jwk.ts'
import type { Person } from '#core/learners/learner.ts'
import type { Signer, Signers } from '#core/ports.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import { type Ontology, skillIri } from '#core/skills/ontology.ts'
import { inLanguage } from '#core/text.ts'
import { type BitstringPurpose, bitstringUrl, type StatusIndex } from '../credential.ts'

/** Everything a format needs to write one credential. */
export interface CredentialContent {
  award: Award
  institution: Institution
  person: Person
  /** Absent for an edition that is handed out as a file. */
  holderKey?: PublicJwk
  status: StatusIndex
  signer: Signer
  /** Institution's number of the learner: no id of ours. */
  learnerNumber: string
  /** Random, unrelated to any id used elsewhere. */
  jti: string
  issuedAt: Date
  expiresAt: Date
  publicUrl: string
  /** What the words of an award stand for; the module may have left the ontology since. */
  ontology: Pick<Ontology, 'modules' | 'skills' | 'levels' | 'fieldsOfStudy' | 'assessments' | 'escoLabels'>
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

/** Random bytes in the dress of a version 4 UUID, which is what VC readers expect of an id. */
export function uuidOf(jti: string): string {
  const bytes = Buffer.from(jti, 'base64url')
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  const part = (from: number, to: number) => hex.slice(from, to)
  return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`
}

/** One place in a list as W3C credentials name it (Bitstring Status List v1.0 §2.1). */
export function bitstringEntry(
  { status, publicUrl }: Pick<CredentialContent, 'status' | 'publicUrl'>,
  statusPurpose: BitstringPurpose,
) {
  const list = bitstringUrl(publicUrl, status.list, statusPurpose)
  return {
    id: `${list}#${status.index}`,
    type: 'BitstringStatusListEntry',
    statusPurpose,
    statusListIndex: String(status.index),
    statusListCredential: list,
  }
}
