import { expect, test } from 'vitest'
import { schema } from '#schema/schema.ts'
import { type Attempt, mutations, queries, tryIt } from './attempts.ts'
import { accounts, type Belongings, type Cast, cast, nothingLike } from './cast.ts'

type Outcomes = Partial<Record<string, string>>
interface Row {
  /** Against what belongs to the account `learner` of North Lake. */
  own: Outcomes
  /** Against what belongs to a learner of the other institution. */
  foreign: Outcomes
}

const learners = (outcome: string, other: string): Outcomes => ({ learner: outcome, learner2: other })
const staffOf = (role: 'assessor' | 'registrar', outcome: string): Outcomes => ({
  [role]: outcome,
  [`${role}2`]: outcome,
})

// Who may for their own learners, and hears of nothing at the other institution.
const registrars: Row = {
  own: { ...staffOf('registrar', 'ok'), 'registrar-b': 'not_found' },
  foreign: { ...staffOf('registrar', 'not_found'), 'registrar-b': 'ok' },
}
const registrarsAndSelf: Row = {
  own: { ...registrars.own, ...learners('ok', 'not_allowed') },
  foreign: { ...registrars.foreign, ...learners('not_found', 'not_found') },
}
const anyRegistrar = { ...staffOf('registrar', 'ok'), 'registrar-b': 'ok' }
/** Who keeps the keys of their own institution, and of all. */
const keepers = (outcome: string): Row => ({
  own: { ...staffOf('registrar', outcome), 'registrar-b': 'not_found', platform: outcome },
  foreign: { ...staffOf('registrar', 'not_found'), 'registrar-b': outcome, platform: outcome },
})
const curators = (outcome: string): Row => {
  const both = { curator: outcome, curator2: outcome }
  return { own: both, foreign: both }
}
const operators = (outcome: string): Row => ({ own: { operator: outcome }, foreign: { operator: outcome } })
const assessorsOnRuns: Row = {
  own: staffOf('assessor', 'state_conflict'),
  foreign: staffOf('assessor', 'not_found'),
}
const managers = { manager: 'ok', platform: 'ok' }

/**
 * What each demo account hears, written out by hand. Who is not named hears `not_allowed`; a caller without
 * a token hears `not_signed_in`.
 */
const expectedMutations: Record<string, Row> = {
  enrol: registrarsAndSelf,
  createOffering: { own: anyRegistrar, foreign: anyRegistrar },
  recordAssessment: { own: staffOf('assessor', 'ok'), foreign: staffOf('assessor', 'not_found') },
  superviseLearner: { own: staffOf('assessor', 'ok'), foreign: staffOf('assessor', 'not_found') },
  // A run that is under way cannot be decided about: past every question of access.
  overrideRun: assessorsOnRuns,
  confirmOverride: assessorsOnRuns,
  refuseOverride: assessorsOnRuns,
  withdrawOverride: assessorsOnRuns,
  offerCredential: registrarsAndSelf,
  downloadEdition: registrarsAndSelf,
  withdrawOffer: registrarsAndSelf,
  revokeAward: registrars,
  suspendAward: registrars,
  reinstateAward: registrars,
  correctAward: registrars,
  startBulkIssue: registrars,
  // A filter never reaches another institution: what is foreign does not fit.
  changeAwards: { own: anyRegistrar, foreign: anyRegistrar },
  correctAwards: registrars,
  changeOffers: { own: anyRegistrar, foreign: anyRegistrar },
  startBulkJob: registrars,
  pauseBulkIssue: registrars,
  resumeBulkIssue: registrars,
  cancelBulkJob: registrars,
  approveBulkJob: registrars,
  refuseBulkJob: registrars,
  changeInstitutionSettings: { own: anyRegistrar, foreign: anyRegistrar },
  // No wallet has collected anything yet: `state_conflict` is past every question of access.
  shareAward: { own: learners('state_conflict', 'not_allowed'), foreign: learners('not_found', 'not_found') },
  revokeShareLink: { own: learners('ok', 'not_found'), foreign: learners('not_found', 'not_found') },
  // `module_has_no_practical` is past every question of access; only the learner's own enrolment counts.
  startPractical: {
    own: learners('module_has_no_practical', 'not_enrolled'),
    foreign: learners('not_found', 'not_found'),
  },
  cancelPractical: {
    own: { ...learners('ok', 'not_allowed'), operator: 'ok' },
    foreign: { ...learners('not_found', 'not_found'), operator: 'ok' },
  },
  // No site of this world wants accounts of learners: past every question of access.
  stateSiteAccount: { own: learners('not_found', 'not_found'), foreign: learners('not_found', 'not_found') },
  confirmSiteAccount: operators('not_found'),
  removeSiteAccount: {
    own: { learner: 'not_found', operator: 'not_found' },
    foreign: { operator: 'not_found' },
  },
  pauseSite: operators('ok'),
  resumeSite: operators('ok'),
  drainSite: operators('ok'),
  stopSite: operators('ok'),
  prepareSigningKey: keepers('ok'),
  // No certificate, and too early: past every question of access.
  certifySigningKey: keepers('certificate_unusable'),
  activateSigningKey: keepers('state_conflict'),
  revokeSigningKey: keepers('ok'),
  requestErasure: registrarsAndSelf,
  objectToStatistics: registrarsAndSelf,
  publishSnapshot: { own: managers, foreign: managers },
  // The files of the shipped version are not kept in this world, and there is no draft: past every question of access.
  startOntologyDraft: curators('state_conflict'),
  editOntologyDraft: curators('not_found'),
  importIntoOntologyDraft: curators('not_found'),
  alignSkill: curators('not_found'),
  unalignSkill: curators('not_found'),
  // This deployment names no folder to import from.
  startEscoImport: curators('state_conflict'),
  submitOntologyDraft: curators('not_found'),
  returnOntologyDraft: curators('not_found'),
  renewOntologyDraft: curators('not_found'),
  publishOntologyDraft: curators('not_found'),
  withdrawOntologyDraft: curators('not_found'),
  uploadDemand: { own: managers, foreign: managers },
  restoreDemand: { own: managers, foreign: managers },
}

const staff = { ...staffOf('assessor', 'ok'), ...staffOf('registrar', 'ok') }
const noStaff = { ...staffOf('assessor', 'null'), ...staffOf('registrar', 'null') }
const seen: Row = {
  own: { ...staff, ...learners('ok', 'null'), 'registrar-b': 'null' },
  foreign: { ...noStaff, ...learners('null', 'null'), 'registrar-b': 'ok' },
}
const offeringSeen: Row = { own: { ...seen.own, learner2: 'ok' }, foreign: seen.foreign }
const answered = (row: Row, none: string): Row => ({
  own: { ...Object.fromEntries(accounts.map((account) => [account, none])), ...row.own },
  foreign: { ...Object.fromEntries(accounts.map((account) => [account, none])), ...row.foreign },
})
const jobSeen: Row = {
  own: { ...staffOf('registrar', 'ok'), 'registrar-b': 'null' },
  foreign: { ...staffOf('registrar', 'null'), 'registrar-b': 'ok' },
}
// No snapshot was published: past every question of access.
const analysts = {
  manager: 'snapshot_missing',
  platform: 'snapshot_missing',
  curator: 'snapshot_missing',
  curator2: 'snapshot_missing',
}

// Nothing is there yet.
const readers = { manager: 'null', platform: 'null', curator: 'null', curator2: 'null' }

const expectedQueries: Record<string, Row & { signedOut?: string }> = {
  award: seen,
  'awards of a learner': {
    own: { ...staff, ...learners('ok', 'not_allowed'), 'registrar-b': 'not_found' },
    foreign: {
      ...staffOf('assessor', 'not_found'),
      ...staffOf('registrar', 'not_found'),
      ...learners('not_found', 'not_found'),
      'registrar-b': 'ok',
    },
  },
  offering: offeringSeen,
  participants: {
    own: { ...staff, ...learners('not_allowed', 'not_allowed'), 'registrar-b': 'null' },
    foreign: seen.foreign,
  },
  practicalRun: {
    own: { ...seen.own, operator: 'ok' },
    foreign: { ...seen.foreign, operator: 'ok' },
  },
  learningPath: {
    own: { ...staff, ...learners('ok', 'not_allowed'), 'registrar-b': 'not_found', manager: 'not_found' },
    foreign: {
      ...staffOf('assessor', 'not_found'),
      ...staffOf('registrar', 'not_found'),
      ...learners('not_found', 'not_found'),
      'registrar-b': 'ok',
      manager: 'not_found',
    },
  },
  bulkJobs: { own: anyRegistrar, foreign: anyRegistrar },
  bulkJob: jobSeen,
  'node of a bulk job': { ...answered(jobSeen, 'null'), signedOut: 'null' },
  institutionSettings: { own: anyRegistrar, foreign: anyRegistrar },
  auditTrail: { own: anyRegistrar, foreign: anyRegistrar },
  signingKeys: keepers('ok'),
  mySiteAccounts: { own: learners('null', 'null'), foreign: learners('null', 'null') },
  siteAccounts: operators('null'),
  sites: operators('ok'),
  site: operators('ok'),
  trainingHours: {
    own: { manager: 'null', platform: 'null', operator: 'null' },
    foreign: { manager: 'null', platform: 'null', operator: 'null' },
  },
  skillsGap: { own: analysts, foreign: analysts },
  ontologyDrafts: curators('ok'),
  ontologyDraft: curators('null'),
  gapTable: { own: analysts, foreign: analysts },
  gapTrend: { own: readers, foreign: readers },
  trainingFunnel: { own: analysts, foreign: analysts },
  modulePerformance: { own: analysts, foreign: analysts },
  blockingSkills: { own: analysts, foreign: analysts },
  emergingSkills: { own: analysts, foreign: analysts },
  demandUploads: { own: readers, foreign: readers },
  escoImport: curators('null'),
  'node of an award': { ...answered(seen, 'null'), signedOut: 'null' },
  'node of a practical run': {
    own: { ...answered(seen, 'null').own, operator: 'ok' },
    foreign: { ...answered(seen, 'null').foreign, operator: 'ok' },
    signedOut: 'null',
  },
  'node of a learner': { ...answered(seen, 'null'), signedOut: 'null' },
  'node of an offering': { ...answered(offeringSeen, 'null'), signedOut: 'null' },
}

test('every mutation of the schema is tried', () => {
  const named = Object.keys(schema.getMutationType()?.getFields() ?? {})
  expect(mutations.map(({ name }) => name).sort()).toEqual(named.sort())
  expect(Object.keys(expectedMutations).sort()).toEqual(named.sort())
})

const expectedFor = (attempt: Attempt): Row & { signedOut?: string } => {
  const row = expectedMutations[attempt.name] ?? expectedQueries[attempt.name]
  if (!row) throw new Error(`nothing is expected of ${attempt.name}`)
  return row
}

const everyAttempt = [...mutations, ...queries]
const statistics = ['skillsGap', 'gapTable', 'gapTrend', 'trainingFunnel', 'modulePerformance']
const ofNobody = [
  ...statistics,
  'blockingSkills',
  'emergingSkills',
  'demandUploads',
  'uploadDemand',
  'restoreDemand',
]
const withoutTarget = [
  'stateSiteAccount',
  'mySiteAccounts',
  'siteAccounts',
  'pauseSite',
  'resumeSite',
  'drainSite',
  'stopSite',
  'sites',
  'site',
  'trainingHours',
  'changeInstitutionSettings',
  'institutionSettings',
  'bulkJobs',
  'createOffering',
  'publishSnapshot',
  'auditTrail',
  ...ofNobody,
]

test.each(everyAttempt)('$name: each account hears what the table says, and no more', async (attempt) => {
  const world = await cast()
  const expected = expectedFor(attempt)
  for (const target of [world.own, world.colleague, world.foreign])
    await attempt.prepare?.(target, world.ports)

  const signedOut = await tryIt(world, attempt, world.own, undefined)
  expect(signedOut.outcome).toBe(expected.signedOut ?? 'not_signed_in')
  if (!withoutTarget.includes(attempt.name)) await expectNoHint(world, attempt, expected.foreign)

  const heard: Record<'own' | 'foreign', Outcomes> = { own: {}, foreign: {} }
  for (const side of ['own', 'foreign'] as const) {
    // The learner whose things they are comes last: what succeeds changes them.
    for (const account of accounts.toReversed()) {
      const target = account.startsWith('learner') ? world[side] : await world.another(side)
      if (target !== world[side]) await attempt.prepare?.(target, world.ports)
      heard[side][account] = (await tryIt(world, attempt, target, account)).outcome
    }
  }
  const everybody = (outcomes: Outcomes) =>
    Object.fromEntries(accounts.map((account) => [account, outcomes[account] ?? 'not_allowed']))
  expect(heard).toEqual({ own: everybody(expected.own), foreign: everybody(expected.foreign) })
})

/** Code and words are the same for a thing of the other institution and for one that does not exist. */
async function expectNoHint(world: Cast, attempt: Attempt, foreign: Outcomes) {
  const nothing: Belongings = nothingLike(world.foreign, world.ports)
  for (const account of accounts.filter((name) => foreign[name] !== 'ok')) {
    const existing = await tryIt(world, attempt, world.foreign, account)
    const missing = await tryIt(world, attempt, nothing, account)
    expect({ account, ...missing }).toEqual({ account, ...existing })
  }
}

test('a refused mutation changes nothing', async () => {
  const world = await cast()
  const before = await everythingStored(world)
  for (const attempt of mutations) {
    for (const account of [undefined, 'employer', 'curator', 'operator', 'registrar-b']) {
      if (account === 'registrar-b' && ['createOffering', 'changeInstitutionSettings'].includes(attempt.name))
        continue
      await tryIt(world, attempt, world.own, account)
    }
  }
  expect(await everythingStored(world)).toEqual(before)
})

async function everythingStored({ ports, own, foreign }: Cast) {
  const { store } = ports
  const of = async ({ learner, award, offer }: Belongings) => ({
    learner: await store.findLearner(learner.id),
    award: await store.findAward(award.id),
    offer: await store.findOffer(offer.id),
    enrolments: await store.enrolmentsOf(learner.id),
    assessments: await store.assessmentsOf(learner.id),
    offers: await store.offersOf(learner.id),
  })
  return { own: await of(own), foreign: await of(foreign) }
}
