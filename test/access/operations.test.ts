import { expect, test } from 'vitest'
import {
  type AcademyRole,
  type Actor,
  authorise,
  mayDo,
  mayEver,
  type Operation,
  operations,
  roles,
  type Target,
} from '#core/access/operations.ts'
import { type LearnerId, platformTag, type TenantTag } from '#core/ids.ts'
import { Refusal } from '#core/refusal.ts'

const own = 'aaaaaaaa' as TenantTag
const other = 'bbbbbbbb' as TenantTag
const me = `${own}-lrn-${'a'.repeat(26)}` as LearnerId
const somebody = `${own}-lrn-${'b'.repeat(26)}` as LearnerId
const stranger = `${other}-lrn-${'c'.repeat(26)}` as LearnerId

/** What an operation can touch, seen from an account of `own`. */
const targets = {
  mine: { tenant: own, learnerId: me },
  colleague: { tenant: own, learnerId: somebody },
  ownTenant: { tenant: own },
  stranger: { tenant: other, learnerId: stranger },
  otherTenant: { tenant: other },
  platform: { tenant: platformTag },
} satisfies Record<string, Target>
type TargetName = keyof typeof targets
const everything = Object.keys(targets) as TargetName[]

const platformRoles: AcademyRole[] = [
  'programme-manager',
  'site-operator',
  'curator',
  'employer',
  'platform-operator',
]

const learnerOnly: TargetName[] = ['mine']
const staff: TargetName[] = ['mine', 'colleague', 'ownTenant']
const platform: TargetName[] = ['platform']

/**
 * The expected answer, written out by hand and not derived from the rules: for each operation the targets
 * each role reaches. A role that is not named reaches nothing. `*` is everybody, with or without a token.
 */
const expected: Record<Operation, '*' | Partial<Record<AcademyRole, TargetName[]>>> = {
  browseCatalogue: '*',
  verifyCredential: '*',
  readSkillsGap: { 'programme-manager': platform, 'platform-operator': platform, curator: platform },
  uploadDemand: { 'programme-manager': platform, 'platform-operator': platform },
  publishSnapshot: { 'programme-manager': platform, 'platform-operator': platform },
  planPath: { learner: learnerOnly, assessor: staff, registrar: staff, 'programme-manager': platform },
  enrol: { learner: learnerOnly, registrar: staff },
  createOffering: { registrar: staff },
  readOffering: { learner: staff, assessor: staff, registrar: staff },
  readCohort: { assessor: staff, registrar: staff },
  startPractical: { learner: learnerOnly },
  cancelPractical: { learner: learnerOnly, 'site-operator': everything },
  readPracticalRun: { learner: learnerOnly, assessor: staff, registrar: staff },
  followPracticalRun: { learner: learnerOnly, assessor: staff },
  nameSiteAccount: { learner: learnerOnly },
  operateSites: { 'site-operator': platform },
  readTrainingHours: {
    'site-operator': platform,
    'programme-manager': platform,
    'platform-operator': platform,
  },
  recordAssessment: { assessor: staff },
  superviseLearner: { assessor: staff },
  overrideRun: { assessor: staff },
  readAward: { learner: learnerOnly, assessor: staff, registrar: staff },
  listAwards: { registrar: staff },
  readLearner: { learner: learnerOnly, assessor: staff, registrar: staff },
  offerCredential: { learner: learnerOnly, registrar: staff },
  downloadEdition: { learner: learnerOnly, registrar: staff },
  readSeals: { registrar: staff, 'platform-operator': everything },
  withdrawOffer: { learner: learnerOnly, registrar: staff },
  shareAward: { learner: learnerOnly },
  changeAwardStatus: { registrar: staff },
  bulkIssue: { registrar: staff },
  approveChange: { registrar: staff },
  changeInstitution: { registrar: staff },
  readAudit: { registrar: staff },
  manageKeys: { registrar: staff, 'platform-operator': everything },
  objectToStatistics: { learner: learnerOnly, registrar: staff },
  requestErasure: { learner: learnerOnly, registrar: staff },
  curateOntology: { curator: platform },
  operatePlatform: { 'platform-operator': platform },
}

function account(role: AcademyRole): Actor {
  if (platformRoles.includes(role)) return { subject: role, tenant: platformTag, roles: [role] }
  return { subject: role, tenant: own, roles: [role], ...(role === 'learner' ? { learnerId: me } : {}) }
}

const operationNames = Object.keys(operations) as Operation[]

test('the table names every operation there is', () => {
  expect(Object.keys(expected).sort()).toEqual([...operationNames].sort())
})

const everyPair = operationNames.flatMap((operation) => roles.map((role) => ({ operation, role })))

test.each(everyPair)('$role and $operation: exactly the targets of the table', ({ operation, role }) => {
  const row = expected[operation]
  const reachable = row === '*' ? everything : (row[role] ?? [])
  const reached = everything.filter((name) => mayDo(account(role), operation, targets[name]))
  expect(reached).toEqual(reachable)
})

test.each(operationNames)('%s without a token: only what everybody may', (operation) => {
  const reached = everything.filter((name) => mayDo(undefined, operation, targets[name]))
  expect(reached).toEqual(expected[operation] === '*' ? everything : [])
})

test.each(everyPair)(
  '$role of another institution and $operation: nothing of ours',
  ({ operation, role }) => {
    if (expected[operation] === '*' || platformRoles.includes(role)) return
    const foreign: Actor = {
      ...account(role),
      tenant: other,
      ...(role === 'learner' ? { learnerId: stranger } : {}),
    }
    const ours: TargetName[] = ['mine', 'colleague', 'ownTenant', 'platform']
    expect(ours.filter((name) => mayDo(foreign, operation, targets[name]))).toEqual([])
  },
)

test.each(everyPair)(
  '$role named by an institution’s own provider and $operation: a platform role is worth nothing there',
  ({ operation, role }) => {
    if (expected[operation] === '*' || !platformRoles.includes(role)) return
    const pretender: Actor = { subject: 'x', tenant: own, roles: [role] }
    expect(everything.filter((name) => mayDo(pretender, operation, targets[name]))).toEqual([])
  },
)

test('a learner without a record reaches no record, not even one without a learner', () => {
  const { learnerId: _none, ...newcomer } = account('learner')
  expect(everything.filter((name) => mayDo(newcomer, 'readAward', targets[name]))).toEqual([])
})

test('two roles reach what either reaches, and no more', () => {
  const both: Actor = { ...account('assessor'), roles: ['assessor', 'registrar'] }
  expect(mayDo(both, 'recordAssessment', targets.ownTenant)).toBe(true)
  expect(mayDo(both, 'listAwards', targets.ownTenant)).toBe(true)
  expect(mayDo(both, 'publishSnapshot', targets.platform)).toBe(false)
})

const refusalOf = (actor: Actor | undefined, operation: Operation, target: Target) => {
  try {
    authorise(actor, operation, target)
    return 'allowed'
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.code
  }
}

test.each([
  ['nobody is asked to sign in', undefined, 'readAward', targets.mine, 'not_signed_in'],
  [
    'a role without any part hears so, for an own thing',
    account('employer'),
    'readAward',
    targets.mine,
    'not_allowed',
  ],
  ['… and for a foreign one', account('employer'), 'readAward', targets.stranger, 'not_allowed'],
  ['a foreign thing is answered like none', account('registrar'), 'readAward', targets.stranger, 'not_found'],
  [
    'a colleague’s thing is not for a learner',
    account('learner'),
    'readAward',
    targets.colleague,
    'not_allowed',
  ],
  ['what fits is allowed', account('registrar'), 'readAward', targets.mine, 'allowed'],
] as const)('%s', (_title, actor, operation, target, outcome) => {
  expect(refusalOf(actor, operation, target)).toBe(outcome)
})

test('mayEver is true exactly where the table has some target', () => {
  for (const { operation, role } of everyPair) {
    const row = expected[operation]
    const some = row === '*' || (row[role] ?? []).length > 0
    expect(mayEver(account(role), operation), `${role} ${operation}`).toBe(some)
  }
})
