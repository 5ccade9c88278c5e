import type { LearnerId, TenantTag } from '#core/ids.ts'
import { platformTag } from '#core/ids.ts'
import { Refusal } from '#core/refusal.ts'

export const roles = [
  'learner',
  'assessor',
  'registrar',
  'programme-manager',
  'site-operator',
  'curator',
  'employer',
  'platform-operator',
] as const
export type AcademyRole = (typeof roles)[number]

/** Who calls. Built only by `http/authenticate.ts` from a verified token. */
export interface Actor {
  /** Subject at the identity provider. */
  subject: string
  tenant: TenantTag
  roles: readonly AcademyRole[]
  /** The learner record of this account, when it has one. */
  learnerId?: LearnerId
}

/**
 * Where an operation may reach:
 * `self` only the caller's own learner record; `tenant` anything of the caller's institution;
 * `platform` what belongs to no institution, and only for accounts of the platform itself;
 * `everywhere` anything of any institution, and only for accounts of the platform itself.
 */
type Reach = 'self' | 'tenant' | 'platform' | 'everywhere'
export type Rule = Partial<Record<AcademyRole, Reach>> & { anyone?: true }

/** The one place that says who may do what. `test/access/operations.test.ts` tries every role against every line. */
export const operations = {
  browseCatalogue: { anyone: true },
  verifyCredential: { anyone: true },
  readSkillsGap: { 'programme-manager': 'platform', 'platform-operator': 'platform', curator: 'platform' },
  uploadDemand: { 'programme-manager': 'platform', 'platform-operator': 'platform' },
  publishSnapshot: { 'programme-manager': 'platform', 'platform-operator': 'platform' },
  planPath: { learner: 'self', assessor: 'tenant', registrar: 'tenant', 'programme-manager': 'platform' },
  enrol: { learner: 'self', registrar: 'tenant' },
  createOffering: { registrar: 'tenant' },
  readOffering: { learner: 'tenant', assessor: 'tenant', registrar: 'tenant' },
  readCohort: { assessor: 'tenant', registrar: 'tenant' },
  startPractical: { learner: 'self' },
  cancelPractical: { learner: 'self', 'site-operator': 'everywhere' },
  readPracticalRun: { learner: 'self', assessor: 'tenant', registrar: 'tenant' },
  followPracticalRun: { learner: 'self', assessor: 'tenant' },
  /** State, see and take back one's own account at a site. */
  nameSiteAccount: { learner: 'self' },
  operateSites: { 'site-operator': 'platform' },
  readTrainingHours: {
    'site-operator': 'platform',
    'programme-manager': 'platform',
    'platform-operator': 'platform',
  },
  recordAssessment: { assessor: 'tenant' },
  superviseLearner: { assessor: 'tenant' },
  overrideRun: { assessor: 'tenant' },
  readAward: { learner: 'self', assessor: 'tenant', registrar: 'tenant' },
  listAwards: { registrar: 'tenant' },
  readLearner: { learner: 'self', assessor: 'tenant', registrar: 'tenant' },
  offerCredential: { learner: 'self', registrar: 'tenant' },
  /** Any edition as a file: it names the learner. */
  downloadEdition: { learner: 'self', registrar: 'tenant' },
  /** Certificates and their ends; no key. */
  readSeals: { registrar: 'tenant', 'platform-operator': 'everywhere' },
  withdrawOffer: { learner: 'self', registrar: 'tenant' },
  shareAward: { learner: 'self' },
  changeAwardStatus: { registrar: 'tenant' },
  bulkIssue: { registrar: 'tenant' },
  approveChange: { registrar: 'tenant' },
  changeInstitution: { registrar: 'tenant' },
  readAudit: { registrar: 'tenant' },
  manageKeys: { registrar: 'tenant', 'platform-operator': 'everywhere' },
  objectToStatistics: { learner: 'self', registrar: 'tenant' },
  requestErasure: { learner: 'self', registrar: 'tenant' },
  curateOntology: { curator: 'platform' },
  operatePlatform: { 'platform-operator': 'platform' },
} as const satisfies Record<string, Rule>
export type Operation = keyof typeof operations

/** Whose thing is touched. `learnerId` for a learner's own records; `tenant` for everything of an institution. */
export interface Target {
  tenant: TenantTag
  learnerId?: LearnerId
}

/** Whether the rule of the operation lets this caller touch this target. Pure; `undefined` is a caller without a token. */
export function mayDo(actor: Actor | undefined, operation: Operation, target: Target): boolean {
  const rule: Rule = operations[operation]
  if (rule.anyone) return true
  return actor?.roles.some((role) => reaches(actor, rule[role], target)) ?? false
}

function reaches(actor: Actor, reach: Reach | undefined, target: Target): boolean {
  switch (reach) {
    case 'self':
      return (
        actor.learnerId !== undefined &&
        actor.learnerId === target.learnerId &&
        actor.tenant === target.tenant
      )
    case 'tenant':
      return actor.tenant === target.tenant
    case 'platform':
      // A role named in an institution's token never opens what belongs to the platform.
      return target.tenant === platformTag && actor.tenant === platformTag
    case 'everywhere':
      return actor.tenant === platformTag
    default:
      return false
  }
}

/** Whether some target could be reached at all: lets an edge refuse before it reads anything. */
export function mayEver(actor: Actor | undefined, operation: Operation): boolean {
  const rule: Rule = operations[operation]
  return rule.anyone === true || (actor?.roles.some((role) => rule[role] !== undefined) ?? false)
}

/**
 * Refuses unless the caller may do it. A stranger's id is answered like an id that does not exist, so
 * nobody learns what another tenant has.
 */
export function authorise(
  actor: Actor | undefined,
  operation: Operation,
  target: Target,
): asserts actor is Actor {
  if (mayDo(actor, operation, target)) return
  if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
  // Role first: who may never do it hears so, whether the id exists or not.
  if (!mayEver(actor, operation)) throw notAllowed(operation)
  const foreign = target.tenant !== actor.tenant && target.tenant !== platformTag
  if (foreign) throw new Refusal('not_found', 'There is no such record.')
  throw notAllowed(operation)
}

/** What a caller hears whose role has no part in an operation. */
export function notAllowed(operation: Operation): Refusal {
  return new Refusal('not_allowed', `Your role does not allow this: ${operation}.`)
}
