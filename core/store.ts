import type { Assessment } from './assessments/assessment.ts'
import type { AuditBody, AuditStore } from './audit/audit.ts'
import type { Award, AwardStatus } from './awards/award.ts'
import type { BulkStore } from './bulk/bulk-store.ts'
import type { CredentialStore, StatusListStore } from './credentials/credential.ts'
import type { CredentialOffer } from './credentials/offer.ts'
import type { OfferStore } from './credentials/offer-store.ts'
import type { DemandStore } from './gaps/demand-sets.ts'
import type { FactsStore } from './gaps/facts-store.ts'
import type { SnapshotStore } from './gaps/snapshot-store.ts'
import type { AwardId, LearnerId, OfferingId, TenantTag } from './ids.ts'
import type { Institution } from './institutions/institution.ts'
import type { InstitutionSettingsStore } from './institutions/institution-settings.ts'
import type { KeyStore } from './keys/key-store.ts'
import type { Learner, Person } from './learners/learner.ts'
import type { Enrolment, Offering } from './offerings/offering.ts'
import type { OntologyStore } from './ontology/ontology-store.ts'
import type { OutboxEvent } from './outbox.ts'
import type { Attempt } from './practicals/attempt.ts'
import type { RunStore } from './practicals/run-store.ts'
import type { SiteAccountStore } from './practicals/site-account.ts'
import type { SiteControlStore } from './practicals/site-control.ts'
import type { SupervisionStore } from './practicals/supervision.ts'
import type { UsageStore } from './practicals/usage.ts'
import type { ShareLinkStore } from './share/share-link.ts'
import type { SkillLevel } from './skills/ontology.ts'

/**
 * What core asks of the records, written once over `Records` in `adapters/store/`.
 * Each area of core adds its own interface next to its types; this file joins them.
 */
export interface Store
  extends InstitutionStore,
    InstitutionSettingsStore,
    LearnerStore,
    OfferingStore,
    AwardStore,
    OutboxStore,
    SnapshotStore,
    FactsStore,
    DemandStore,
    OfferStore,
    CredentialStore,
    StatusListStore,
    ShareLinkStore,
    KeyStore,
    AuditStore,
    BulkStore,
    RunStore,
    SupervisionStore,
    SiteAccountStore,
    UsageStore,
    SiteControlStore,
    StreamStore,
    OntologyStore {
  /**
   * Whether this very request was answered before. For actions whose own effect would make a repeat look
   * wrong; refuses `request_conflict` when the input differs.
   */
  wasAnswered(request: Request): Promise<boolean>
}

/** Names one request for idempotency: same operation, `requestId` and input → same answer, one effect. */
export interface Request {
  tenant: TenantTag
  operation: string
  requestId: string
  /** SHA-256 (hex) of the canonical input; a different input under the same `requestId` is refused `request_conflict`. */
  inputHash: string
}

/** A page of a list; `cursor` is opaque, and bound to tenant and query. */
export interface Page<T> {
  items: T[]
  cursor?: string
}

export interface InstitutionStore {
  findInstitution(tag: TenantTag): Promise<Institution | undefined>
  findInstitutionBySlug(slug: string): Promise<Institution | undefined>
  listInstitutions(): Promise<Institution[]>
  /** Creates it; does nothing when the slug is already taken by the same tag. */
  saveInstitutionOnce(institution: Institution): Promise<void>
}

export interface LearnerStore {
  /** Creates the learner, its data key and the map from the account's subject. Answers the stored one when the subject is known; refuses `invalid_input` for `email` when another account has the address. */
  saveLearnerOnce(subject: string, learner: Learner): Promise<Learner>
  findLearner(id: LearnerId): Promise<Learner | undefined>
  findLearnerBySubject(tenant: TenantTag, subject: string): Promise<Learner | undefined>
  /** Learners of an institution with this address, whatever its case: one, or those who shared it before that was refused. Nobody erased is among them. */
  findLearnersByEmail(tenant: TenantTag, email: string): Promise<LearnerId[]>
  /** Prior learning an institution recognises. Replaces what was there. */
  saveRecognisedSkills(id: LearnerId, skills: SkillLevel[]): Promise<Learner>
  /**
   * Makes the person unreadable for good: data key, subject map and ciphertext go, a tombstone and the
   * event `learner.erased` stay. Awards stay, about a pseudonym. In the same transaction what goes into the log.
   */
  eraseLearnerOnce(request: Request, id: LearnerId, audit?: AuditBody): Promise<void>
  /** Erases somebody whom a restore brought back, their key alone or all of them; `false` when nothing had come back. */
  eraseLearnerAgain(id: LearnerId): Promise<boolean>
  /**
   * What others wrote about an erased learner goes, and what the learner said at enrolling: reasons, notes, cells
   * of files, shared links. An order about many keeps its words until the last of them is erased. Doing it again
   * changes nothing.
   */
  forgetWords(id: LearnerId): Promise<void>
}

export interface OfferingStore {
  saveOfferingOnce(request: Request, offering: Offering): Promise<Offering>
  findOffering(id: OfferingId): Promise<Offering | undefined>
  listOfferings(tenant: TenantTag, page: { limit: number; cursor?: string }): Promise<Page<Offering>>
  /** Refuses `already_enrolled` and, when no seat is left, `offering_full`. */
  saveEnrolmentOnce(request: Request, enrolment: Enrolment): Promise<Enrolment>
  /**
   * Enrols many at once, for whoever imports what has taken place. Who is enrolled already stays as they are.
   * Answers those for whom no seat was left.
   */
  saveEnrolments(offeringId: OfferingId, enrolments: readonly Enrolment[]): Promise<LearnerId[]>
  findEnrolment(learnerId: LearnerId, offeringId: OfferingId): Promise<Enrolment | undefined>
  enrolmentsOf(learnerId: LearnerId): Promise<Enrolment[]>
  participantsOf(offeringId: OfferingId, page: { limit: number; cursor?: string }): Promise<Page<Enrolment>>
}

/** A recorded assessment with what followed from it; `award` and `offer` only on a pass. */
export interface RecordedAssessment {
  assessment: Assessment
  award?: Award
  offer?: CredentialOffer
}

/** A correction as it is written: decided, not yet saved. */
export interface AwardCorrection {
  /** The award to be replaced, as it was read. */
  old: Award
  /** Its status afterwards; names the new one. */
  status: AwardStatus
  award: Award
  offer: CredentialOffer
  assessment?: Assessment
  person?: Person
  audit?: AuditBody
}

export interface CorrectedAward {
  /** The new award. */
  award: Award
  offer: CredentialOffer
}

export interface AwardStore {
  /**
   * One transaction: assessment, award, offer, outbox events, idempotency. Repeating the request answers
   * the first result. Refuses `not_enrolled`, and `already_awarded` when the learner has an award of this
   * offering that is not revoked. `decided`: the run an assessor decided about, with that decision, and the line of
   * the log; `state_conflict` when it has changed since it was read.
   */
  saveAssessmentOnce(
    request: Request,
    recorded: RecordedAssessment,
    decided?: { attempt: Attempt; audit: AuditBody },
  ): Promise<RecordedAssessment>
  assessmentsOf(learnerId: LearnerId): Promise<Assessment[]>
  findAward(id: AwardId): Promise<Award | undefined>
  /** All of a learner's awards, as an index has them: it may be a moment behind. */
  awardsOf(learnerId: LearnerId): Promise<Award[]>
  /** Those that are not revoked, as they are now. */
  awardsInForceOf(learnerId: LearnerId): Promise<Award[]>
  /** All awards of an institution, newest first; of some days only (`YYYY-MM-DD`, both included) when asked. */
  listAwards(
    tenant: TenantTag,
    page: { limit: number; cursor?: string },
    days?: { from?: string; to?: string },
  ): Promise<Page<Award>>
  /**
   * One transaction: the award's status, a line of its history, its event, and what goes into the log, if the
   * award still has `version`; else `state_conflict`.
   */
  saveAwardStatusOnce(
    request: Request,
    change: { awardId: AwardId; version: number; status: AwardStatus; audit?: AuditBody },
  ): Promise<Award>
  /**
   * One transaction: the corrected award with its offer, the old one superseded by it, a new assessment when
   * the result changed, the learner's name when that was wrong. Refuses `state_conflict` when the old award
   * has changed. Repeating the request answers the first result.
   */
  saveCorrectionOnce(request: Request, correction: AwardCorrection): Promise<CorrectedAward>
  /** What the status of an award was, oldest first; the first line is the awarding itself. */
  awardHistory(award: Pick<Award, 'id' | 'awardedAt'>): Promise<AwardStatus[]>
}

/** The place of an event in the outbox. */
interface OutboxKey {
  sk: string
}

/** An event that was put aside, with who refused it. */
export interface ParkedEvent extends OutboxKey {
  parkedAt: Date
  /** Names of projections, or `unreadable`. */
  refusedBy: string[]
  /** Absent when it cannot be read. */
  event?: OutboxEvent
}

/** Who has a stream open: as they are known to their institution. */
interface StreamAccount {
  tenant: TenantTag
  subject: string
}

/** One of the few streams an account may have open at once, whichever process serves it. */
interface StreamPlace {
  /** Whether it is its own still: `false` once the account opened another stream of the same thing. */
  held(): Promise<boolean>
  release(): Promise<void>
}

export interface StreamStore {
  /**
   * Takes one of so many (`most`) places of an account for a stream of `thing`, which ends by itself after
   * `seconds`; the place of a stream of the same thing is taken over. `undefined` when all are taken.
   */
  takeStreamPlace(
    account: StreamAccount,
    thing: string,
    limits: { most: number; seconds: number },
  ): Promise<StreamPlace | undefined>
}

export interface OutboxStore {
  /** One page of what waits, oldest first; what cannot be read is told apart. */
  readOutbox(
    tenant: TenantTag,
    limit: number,
    cursor?: string,
  ): Promise<{ events: OutboxEvent[]; unreadable: OutboxKey[]; cursor?: string }>
  /** Takes an event out of the outbox and keeps it with the reason. */
  parkEvent(tenant: TenantTag, event: OutboxEvent | OutboxKey, refusedBy: string[]): Promise<void>
  parkedEvents(tenant: TenantTag, limit: number): Promise<ParkedEvent[]>
  /** Puts a parked event back into the outbox, as if it had just been written; `false` when it is not there any more. */
  replayEvent(tenant: TenantTag, key: OutboxKey): Promise<boolean>
  /**
   * Takes the outbox of an institution for so long, so that nobody else delivers from it meanwhile; `undefined`
   * when somebody has it. `release` lets it go sooner.
   */
  holdOutbox(tenant: TenantTag, seconds: number): Promise<{ release(): Promise<void> } | undefined>
  /** Events not yet acknowledged, oldest first. */
  pendingEvents(tenant: TenantTag, limit: number): Promise<OutboxEvent[]>
  /** Forgets events every projection has applied. */
  acknowledgeEvents(events: OutboxEvent[]): Promise<void>
}
