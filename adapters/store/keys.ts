import type {
  AttemptId,
  AwardId,
  BulkJobId,
  CredentialId,
  LearnerId,
  OfferId,
  OfferingId,
  ShareLinkId,
  StatusListId,
  TenantTag,
  UploadId,
} from '#core/ids.ts'
import { tenantOf } from '#core/ids.ts'
import type { RecordKey } from '#core/records.ts'

/**
 * Every key of the one table, in one place. The tenant always comes first; ids carry their tenant, so a
 * look-up by id needs no token to find its partition.
 */
const partition = (tenant: TenantTag, rest: string) => `T#${tenant}#${rest}`

function tenantOfId(id: string): TenantTag {
  const tenant = tenantOf(id)
  if (!tenant) throw new Error('an id without a tenant reached the store')
  return tenant
}

const of = (id: string, kind: string) => partition(tenantOfId(id), `${kind}#${id}`)

/** Sorts as text in order of time: ISO 8601 in UTC with milliseconds. */
export const at = (date: Date) => date.toISOString()

const pad = (number: number, digits: number) => String(number).padStart(digits, '0')

export const keys = {
  institution: (tag: TenantTag): RecordKey => ({ pk: `T#${tag}`, sk: 'META' }),
  institutionSettings: (tag: TenantTag): RecordKey => ({ pk: `T#${tag}`, sk: 'SETTINGS' }),
  institutionList: 'T#platform#INSTS',
  institutionSlug: (slug: string): RecordKey => ({ pk: 'T#platform#INSTS', sk: slug }),
  learner: (id: LearnerId): RecordKey => ({ pk: of(id, 'L'), sk: 'META' }),
  learnerKey: (id: LearnerId): RecordKey => ({ table: 'keys', pk: of(id, 'L'), sk: 'KEY' }),
  subject: (tenant: TenantTag, subjectMac: string): RecordKey => ({
    pk: partition(tenant, `SUB#${subjectMac}`),
    sk: 'SUB',
  }),
  /** Whose an address is: one account's. Learners stored earlier have an item under their own id there. */
  email: (tenant: TenantTag, emailMac: string): RecordKey => ({
    pk: partition(tenant, `MAIL#${emailMac}`),
    sk: 'HOLDER',
  }),
  offering: (id: OfferingId): RecordKey => ({ pk: of(id, 'OFF'), sk: 'META' }),
  offerings: (tenant: TenantTag) => partition(tenant, 'OFFS'),
  /** How many seats are taken. */
  offeringSeats: (id: OfferingId): RecordKey => ({ pk: of(id, 'OFF'), sk: 'SEATS' }),
  enrolment: (learner: LearnerId, offering: OfferingId): RecordKey => ({
    pk: of(learner, 'L'),
    sk: `ENR#${offering}`,
  }),
  /** GSI1 partition of an offering: `ENR#at#learner`, `ASM#at#id`. */
  offeringMembers: (id: OfferingId) => of(id, 'OFF'),
  /** Partition of a learner: `META`, `ENR#…`, `ASM#…`; as GSI1 partition also `AWD#at`, `ATT#at`, `CRED#at`, `LINK#at`. */
  learnerPartition: (id: LearnerId) => of(id, 'L'),
  /** An assessor's word about a learner in an offering, by when it was given. */
  supervision: (learner: LearnerId, offering: OfferingId, from: string): RecordKey => ({
    pk: of(learner, 'L'),
    sk: `SUPV#${offering}#${from}`,
  }),
  assessment: (learner: LearnerId, offering: OfferingId, assessment: string): RecordKey => ({
    pk: of(learner, 'L'),
    sk: `ASM#${offering}#${assessment}`,
  }),
  /** Names the one award in force of a learner in an offering; goes with its revocation. */
  awardInForce: (learner: LearnerId, offering: OfferingId): RecordKey => ({
    pk: of(learner, 'L'),
    sk: `AWDOF#${offering}`,
  }),
  award: (id: AwardId): RecordKey => ({ pk: of(id, 'AWD'), sk: 'META' }),
  /** What an award's status became, by the version of the award. */
  awardStatus: (id: AwardId, version: number): RecordKey => ({
    pk: of(id, 'AWD'),
    sk: `ST#${pad(version, 6)}`,
  }),
  /** GSI2 partition: every award of an institution in order of time. */
  awards: (tenant: TenantTag) => partition(tenant, 'AWDS'),
  offer: (id: OfferId): RecordKey => ({ pk: of(id, 'OFFER'), sk: 'META' }),
  /** GSI2 partition: every credential a key has signed, in order of time. */
  signedWith: (tenant: TenantTag, kid: string) => partition(tenant, `SIGNED#${kid}`),
  credential: (id: CredentialId): RecordKey => ({ pk: of(id, 'CRED'), sk: 'META' }),
  /** Its signed text, apart: it is ten times the size of the rest, and no index is to hold a copy of it. */
  credentialText: (id: CredentialId): RecordKey => ({ pk: of(id, 'CRED'), sk: 'TEXT' }),
  statusList: (id: StatusListId): RecordKey => ({ pk: of(id, 'SL'), sk: 'META' }),
  /** Which list of an institution new credentials go to. */
  currentStatusList: (tenant: TenantTag): RecordKey => ({ pk: partition(tenant, 'SL'), sk: 'CURRENT' }),
  /** An entry that is taken, by a credential or by a decoy. */
  statusAllocation: (id: StatusListId, index: number): RecordKey => ({
    pk: of(id, 'SL'),
    sk: `I#${String(index).padStart(8, '0')}`,
  }),
  /** An entry that is or once was not 0. */
  statusEntry: (id: StatusListId, index: number): RecordKey => ({
    pk: of(id, 'SL'),
    sk: `R#${String(index).padStart(8, '0')}`,
  }),
  /** The one credential of an award in a format for a key of the holder. */
  awardCredential: (id: AwardId, format: string, holderThumbprint: string): RecordKey => ({
    pk: of(id, 'AWD'),
    sk: `CRED#${format}#${holderThumbprint}`,
  }),
  shareLink: (id: ShareLinkId): RecordKey => ({ pk: of(id, 'LINK'), sk: 'META' }),
  spentNonce: (hash: string): RecordKey => ({ pk: `T#platform#NONCE#${hash}`, sk: 'NONCE' }),
  attempt: (id: AttemptId): RecordKey => ({ pk: of(id, 'ATT'), sk: 'META' }),
  run: (id: AttemptId, number: number): RecordKey => ({ pk: of(id, 'ATT'), sk: `RUN#${pad(number, 3)}` }),
  attemptEvent: (id: AttemptId, number: number): RecordKey => ({
    pk: of(id, 'ATT'),
    sk: `EV#${pad(number, 6)}`,
  }),
  /** GSI2 partition: attempts of a site that want to be looked at, by when. */
  dueAttempts: (tenant: TenantTag, site: string) => partition(tenant, `DUE#${site}`),
  /** GSI2 partition: ended attempts of an offering by when they ended. */
  endedAttempts: (id: OfferingId) => of(id, 'ENDED'),
  /** Sites that ever were given an attempt. */
  sitesUsed: 'T#platform#SITES',
  siteControl: (site: string): RecordKey => ({ pk: `T#platform#SITE#${site}`, sk: 'CONTROL' }),
  siteControlAt: (site: string, version: number): RecordKey => ({
    pk: `T#platform#SITE#${site}`,
    sk: `CONTROL#${pad(version, 6)}`,
  }),
  /** A learner's own account at a site. */
  siteAccount: (learner: LearnerId, site: string): RecordKey => ({
    pk: of(learner, 'L'),
    sk: `SACC#${site}`,
  }),
  /** That a learner has named an account of a site; by its code, as the name says who somebody is. */
  siteAccountNamed: (site: string, userMac: string, learner: LearnerId): RecordKey => ({
    pk: `T#platform#SITE#${site}`,
    sk: `ACCT#${userMac}#${learner}`,
  }),
  /** Whose an account of a site is, once that is confirmed. */
  siteAccountOwner: (site: string, userMac: string): RecordKey => ({
    pk: `T#platform#SITE#${site}`,
    sk: `ACCT#${userMac}`,
  }),
  siteWaits: (site: string, queue: string): RecordKey => ({
    pk: `T#platform#SITE#${site}`,
    sk: `WAIT#${queue}`,
  }),
  /** Compute reserved and used: by everybody on one day, by a cohort, by a learner in a cohort. */
  siteDay: (site: string, day: string): RecordKey => ({ pk: `T#platform#SITE#${site}`, sk: `DAY#${day}` }),
  cohortUsage: (site: string, offering: OfferingId): RecordKey => ({
    pk: of(offering, 'OFF'),
    sk: `USE#${site}`,
  }),
  learnerUsage: (site: string, offering: OfferingId, learner: LearnerId): RecordKey => ({
    pk: of(learner, 'L'),
    sk: `USE#${site}#${offering}`,
  }),
  monthUsages: (month: string) => `T#platform#MONTH#${month}`,
  monthUsage: (month: string, site: string, offering: OfferingId): RecordKey => ({
    pk: `T#platform#MONTH#${month}`,
    sk: `${site}#${offering}`,
  }),
  /** There while a learner has a live attempt at a practical. */
  liveAttempt: (learner: LearnerId, practical: string): RecordKey => ({
    pk: of(learner, 'L'),
    sk: `LIVE#${practical}`,
  }),
  /** Partition of a tenant's signing keys: each under its `kid`, and which one is active. */
  signingKeys: (tenant: TenantTag) => partition(tenant, 'KEYS'),
  signingKey: (tenant: TenantTag, kid: string): RecordKey => ({ pk: partition(tenant, 'KEYS'), sk: kid }),
  activeSigningKey: (tenant: TenantTag): RecordKey => ({ pk: partition(tenant, 'KEYS'), sk: 'ACTIVE' }),
  /** Where the next line of an institution's log goes. */
  auditHead: (tenant: TenantTag): RecordKey => ({ pk: partition(tenant, 'AUD'), sk: 'HEAD' }),
  auditEntry: (tenant: TenantTag, month: string, seq: number): RecordKey => ({
    pk: partition(tenant, `AUD#${month}`),
    sk: pad(seq, 10),
  }),
  /** GSI2 partition: the whole log in order. */
  auditLog: (tenant: TenantTag) => partition(tenant, 'AUDS'),
  bulkJob: (id: BulkJobId): RecordKey => ({ pk: of(id, 'BULK'), sk: 'META' }),
  /** The data key of a job's rows; with it goes what they said of people. */
  bulkKey: (id: BulkJobId): RecordKey => ({ table: 'keys', pk: of(id, 'BULK'), sk: 'KEY' }),
  bulkRow: (id: BulkJobId, number: number): RecordKey => ({
    pk: of(id, 'BULK'),
    sk: `ROW#${pad(number, 7)}`,
  }),
  /** Which row of a job stands for somebody. */
  bulkMark: (id: BulkJobId, mark: string): RecordKey => ({ pk: of(id, 'BULK'), sk: `SEEN#${mark}` }),
  /** GSI2 partition of a job: rows with something wrong, by their number. */
  bulkProblems: (id: BulkJobId) => of(id, 'BULKBAD'),
  /** GSI1 partition: every job of an institution, in order of time. */
  bulkJobs: (tenant: TenantTag) => partition(tenant, 'BULKS'),
  /** GSI2 partitions: jobs a worker has something to do for, and jobs that wait for a second registrar. */
  bulkDue: (tenant: TenantTag) => partition(tenant, 'BULKDUE'),
  bulkWaiting: (tenant: TenantTag) => partition(tenant, 'BULKWAIT'),
  /** Names the job that waits to change an award. */
  awardWaiting: (id: AwardId): RecordKey => ({ pk: of(id, 'AWD'), sk: 'WAITING' }),
  upload: (id: UploadId): RecordKey => ({ pk: of(id, 'UPL'), sk: 'META' }),
  uploadPart: (id: UploadId, number: number): RecordKey => ({
    pk: of(id, 'UPL'),
    sk: `PART#${pad(number, 4)}`,
  }),
  idempotency: (tenant: TenantTag, hash: string): RecordKey => ({
    pk: partition(tenant, `IDEM#${hash}`),
    sk: 'IDEM',
  }),
  outbox: (tenant: TenantTag) => partition(tenant, 'OUT#0'),
  /** Events put aside; not in the outbox, so nobody is told of them. */
  parked: (tenant: TenantTag) => partition(tenant, 'PARKED'),
  /** The streams an account has open. */
  streams: (tenant: TenantTag, accountMac: string): RecordKey => ({
    pk: partition(tenant, `STREAMS#${accountMac}`),
    sk: 'OPEN',
  }),
  outboxHold: (tenant: TenantTag): RecordKey => ({ pk: partition(tenant, 'HOLD'), sk: 'OUT' }),
}

export { partition, tenantOfId }
