import { hash } from 'node:crypto'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import type { BulkJob } from '#core/bulk/bulk-job.ts'
import type { BulkJobId } from '#core/ids.ts'
import type { Json } from '#core/records.ts'
import { shareLinkId } from '#core/share/link-text.ts'
import { demoInstitutions } from '#functions/seed/institutions.ts'
import type { World } from '#test/support/world.ts'
import type { Belongings, Cast } from './cast.ts'

/** One thing a caller may try, against somebody's belongings. */
export interface Attempt {
  /** The mutation, or the query. */
  name: string
  query(target: Belongings): string
  /** Makes somebody's belongings ready, where more is needed than `cast` gives. */
  prepare?(target: Belongings, ports: World): Promise<void>
}

/** One request per thing and target: the same id with another input would be a conflict. */
const requestOn = (name: string, { learner }: Belongings) => `"${name.slice(0, 20)}-${learner.id.slice(-26)}"`
const reason = '"because it must be tried"'

const mutation = (
  name: string,
  fields: (target: Belongings) => string,
  more: Partial<Attempt> = {},
): Attempt => ({
  name,
  query: (target) =>
    `mutation { ${name}(input: { requestId: ${requestOn(name, target)} ${fields(target)} }) { __typename ... on Refusal { code message } } }`,
  ...more,
})

/** Drafts belong to no institution: one that does not exist shows who may ask for any. */
const noDraft = `platform-drf-${'a'.repeat(26)}`

/** Every mutation of the schema; a test holds the list to it. */
export const mutations: Attempt[] = [
  mutation(
    'enrol',
    ({ learner, freeOffering }) =>
      `learnerId: "${learner.id}", offeringId: "${freeOffering.id}", analyticsConsent: true, country: "LU", targetGroup: professionals, sector: "manufacturing"`,
  ),
  mutation(
    'createOffering',
    () =>
      'moduleId: "m-ai-for-everyone", startsOn: "2027-01-01", endsOn: "2027-02-01", language: "en", seats: 5',
  ),
  mutation(
    'recordAssessment',
    ({ learner, openOffering }) =>
      `learnerId: "${learner.id}", offeringId: "${openOffering.id}", scorePercent: 90`,
  ),
  mutation(
    'superviseLearner',
    ({ learner, openOffering }) =>
      `learnerId: "${learner.id}", offeringId: "${openOffering.id}", identity: "document", presence: "on-site", minutes: 60`,
  ),
  mutation(
    'overrideRun',
    ({ attempt }) => `id: "${attempt.id}", scorePercent: 90, reasonCode: "other", reason: ${reason}`,
  ),
  mutation('confirmOverride', ({ attempt }) => `id: "${attempt.id}"`),
  mutation('refuseOverride', ({ attempt }) => `id: "${attempt.id}"`),
  mutation('withdrawOverride', ({ attempt }) => `id: "${attempt.id}"`),
  mutation('offerCredential', ({ award }) => `awardId: "${award.id}"`),
  mutation('downloadEdition', ({ award }) => `awardId: "${award.id}", edition: ob3`),
  mutation('withdrawOffer', ({ offer }) => `offerId: "${offer.id}"`),
  mutation('revokeAward', ({ award }) => `awardId: "${award.id}", reason: ${reason}`),
  mutation('suspendAward', ({ award }) => `awardId: "${award.id}", reason: ${reason}`),
  mutation('reinstateAward', ({ award }) => `awardId: "${award.id}", reason: ${reason}`, {
    async prepare({ award }, ports) {
      const input = { requestId: ports.requestId(), awardId: award.id, reason: 'a pause' }
      await changeAwardStatus(ports.actor('registrar', { tenant: award.tenant }), 'suspend', input, ports)
    },
  }),
  mutation('correctAward', ({ award }) => `awardId: "${award.id}", reason: ${reason}, scorePercent: 77`),
  mutation(
    'startBulkIssue',
    ({ offering }) => `offeringId: "${offering.id}", participants: passed, dryRun: true`,
  ),
  mutation(
    'changeAwards',
    ({ award }) => `change: suspend, reason: ${reason}, where: { awardIds: ["${award.id}"] }, dryRun: true`,
  ),
  mutation(
    'correctAwards',
    ({ offering }) =>
      `reason: ${reason}, csv: "account,email\\nx,y", offeringId: "${offering.id}", dryRun: true`,
  ),
  mutation(
    'changeOffers',
    ({ award }) => `action: cancel, where: { awardIds: ["${award.id}"] }, dryRun: true`,
  ),
  mutation('startBulkJob', (target) => `jobId: "${jobOf(target)}"`, { prepare: orderJob('checked') }),
  mutation('pauseBulkIssue', (target) => `jobId: "${jobOf(target)}"`, { prepare: orderJob('running') }),
  mutation('resumeBulkIssue', (target) => `jobId: "${jobOf(target)}"`, { prepare: orderJob('paused') }),
  mutation('cancelBulkJob', (target) => `jobId: "${jobOf(target)}"`, { prepare: orderJob('checked') }),
  mutation('approveBulkJob', (target) => `jobId: "${jobOf(target)}"`, { prepare: orderJob('waiting') }),
  mutation('refuseBulkJob', (target) => `jobId: "${jobOf(target)}"`, { prepare: orderJob('waiting') }),
  mutation('changeInstitutionSettings', () => 'fourEyes: true'),
  mutation('shareAward', ({ award }) => `awardId: "${award.id}", show: [name], lifetimeDays: 7`),
  mutation('revokeShareLink', (target) => `id: "${linkOf(target)}"`, {
    async prepare(target, ports) {
      const { tenant, id: learnerId } = target.learner
      await ports.store.saveShareLinkOnce(ports.request('share', tenant), {
        id: linkOf(target),
        tenant,
        learnerId,
        awardId: target.award.id,
        holderThumbprint: 'x'.repeat(43),
        show: [],
        createdAt: ports.clock.now(),
        expiresAt: new Date(ports.clock.now().getTime() + 86_400_000),
      })
    },
  }),
  mutation(
    'startPractical',
    ({ offering }) => `offeringId: "${offering.id}", configuration: { batchSize: 1 }`,
  ),
  mutation('cancelPractical', ({ attempt }) => `id: "${attempt.id}"`),
  mutation('stateSiteAccount', () => 'site: "local", user: "u1", consent: true'),
  mutation(
    'confirmSiteAccount',
    ({ learner }) => `site: "local", learnerId: "${learner.id}", userName: "u1"`,
  ),
  mutation('removeSiteAccount', ({ learner }) => `site: "local", learnerId: "${learner.id}"`),
  ...(['pauseSite', 'resumeSite', 'drainSite', 'stopSite'] as const).map((name) =>
    mutation(name, () => `site: "local", reason: ${reason}`, {
      // Whatever others have set before: from here the change is one.
      async prepare(_target, ports) {
        const control = await ports.store.siteControl('local')
        const state = name === 'resumeSite' ? ('paused' as const) : ('open' as const)
        await ports.store.saveSiteControlOnce(ports.request('site'), 'pause', { ...control, state })
      },
    }),
  ),
  mutation('prepareSigningKey', (target) => `institution: "${slugOf(target)}", dryRun: true`),
  mutation(
    'certifySigningKey',
    (target) => `institution: "${slugOf(target)}", kid: "${kidOf(target)}", chain: ["MAMB"], dryRun: true`,
    { prepare: registerKey },
  ),
  mutation(
    'activateSigningKey',
    (target) => `institution: "${slugOf(target)}", kid: "${kidOf(target)}", dryRun: true`,
    { prepare: registerKey },
  ),
  mutation(
    'revokeSigningKey',
    (target) => `institution: "${slugOf(target)}", kid: "${kidOf(target)}", reason: other, dryRun: true`,
    { prepare: registerKey },
  ),
  mutation('requestErasure', ({ learner }) => `learnerId: "${learner.id}"`),
  mutation('objectToStatistics', ({ learner }) => `learnerId: "${learner.id}", objects: true`),
  mutation('publishSnapshot', () => ''),
  mutation('startOntologyDraft', () => 'title: "A change"'),
  mutation('editOntologyDraft', () => `draftId: "${noDraft}"`),
  mutation(
    'importIntoOntologyDraft',
    () => `draftId: "${noDraft}", format: csv, files: [{ name: "skills.csv", text: "id" }]`,
  ),
  mutation(
    'alignSkill',
    () =>
      `draftId: "${noDraft}", skill: "batch-jobs", scheme: "hpccf", target: "K1.1", relation: "closeMatch", approvedBy: "Nobody"`,
  ),
  mutation(
    'unalignSkill',
    () => `draftId: "${noDraft}", skill: "batch-jobs", scheme: "hpccf", target: "K1.1"`,
  ),
  mutation('startEscoImport', () => ''),
  mutation('submitOntologyDraft', () => `draftId: "${noDraft}"`),
  mutation('returnOntologyDraft', () => `draftId: "${noDraft}", reason: ${reason}`),
  mutation('renewOntologyDraft', () => `draftId: "${noDraft}"`),
  mutation('publishOntologyDraft', () => `draftId: "${noDraft}"`),
  mutation('withdrawOntologyDraft', () => `draftId: "${noDraft}"`),
  mutation('uploadDemand', () => 'fileName: "d.csv", csv: "role,sector,headcount\\nai-engineer,energy,20"'),
  mutation('restoreDemand', () => ''),
]

const query = (name: string, text: (target: Belongings) => string, more: Partial<Attempt> = {}): Attempt => ({
  name,
  query: (target) => `{ answer: ${text(target)} }`,
  ...more,
})

/** Every query that not everybody may ask, in each form it has. */
export const queries: Attempt[] = [
  query('mySiteAccounts', () => 'mySiteAccounts { site }'),
  query('siteAccounts', () => 'siteAccounts(site: "local") { site }'),
  query('sites', () => 'sites { name }'),
  query('site', () => 'site(name: "local") { name }'),
  query('trainingHours', () => 'trainingHours(month: "2026-11") { site }'),
  query('award', ({ award }) => `award(id: "${award.id}") { id }`),
  query(
    'awards of a learner',
    ({ learner }) => `awards(learnerId: "${learner.id}") { edges { node { id } } }`,
  ),
  query('offering', ({ offering }) => `offering(id: "${offering.id}") { id }`),
  query(
    'participants',
    ({ offering }) => `offering(id: "${offering.id}") { participants { edges { cursor } } }`,
  ),
  query(
    'learningPath',
    ({ learner }) => `learningPath(role: "ai-engineer", learnerId: "${learner.id}") { workloadHours }`,
  ),
  query('bulkJobs', () => 'bulkJobs { edges { cursor } }'),
  query('bulkJob', (target) => `bulkJob(id: "${jobOf(target)}") { id }`, { prepare: orderJob('checked') }),
  query('node of a bulk job', (target) => `node(id: "${jobOf(target)}") { id }`, {
    prepare: orderJob('checked'),
  }),
  query('institutionSettings', () => 'institutionSettings { fourEyes }'),
  query('auditTrail', () => 'auditTrail { edges { cursor } }'),
  query('signingKeys', (target) => `signingKeys(institution: "${slugOf(target)}") { kid }`),
  query('skillsGap', () => 'skillsGap { heads }'),
  query('ontologyDrafts', () => 'ontologyDrafts { edges { cursor } }'),
  query('escoImport', () => 'escoImport { state }'),
  query('ontologyDraft', () => `ontologyDraft(id: "${noDraft}") { id }`),
  query('gapTable', () => 'gapTable(by: [SECTOR, SKILL]) { rows }'),
  query('gapTrend', () => 'gapTrend { month }'),
  query('trainingFunnel', () => 'trainingFunnel { total { enrolled } }'),
  query('modulePerformance', () => 'modulePerformance { modules { slug } }'),
  query('blockingSkills', () => 'blockingSkills { skills { slug } }'),
  query('emergingSkills', () => 'emergingSkills { skills { slug } }'),
  query('demandUploads', () => 'demandUploads { inForce }'),
  query('node of an award', ({ award }) => `node(id: "${award.id}") { id }`),
  query('node of a learner', ({ learner }) => `node(id: "${learner.id}") { id }`),
  query('node of an offering', ({ offering }) => `node(id: "${offering.id}") { id }`),
]

const slugOf = ({ learner: { tenant } }: Belongings) =>
  demoInstitutions.find(({ tag }) => tag === tenant)?.slug ?? ''

/** A key of the institution that a test can name. */
const kidOf = ({ learner: { tenant } }: Belongings) => hash('sha256', tenant, 'base64url')

/** Registers it as a next one that nobody may use before tomorrow. */
async function registerKey(target: Belongings, ports: World): Promise<void> {
  const { tenant } = target.learner
  const now = ports.clock.now()
  const first = await ports.keyVault.first(tenant)
  const { version } = await ports.store.readKeyRegister(tenant)
  const key = { tenant, publicJwk: first.publicJwk, location: 'file', history: [] }
  const usableFrom = new Date(now.getTime() + 86_400_000)
  await ports.store.saveKeysOnce(ports.request('keys', tenant), {
    version,
    active: first.kid,
    keys: [
      { ...key, kid: first.kid, state: 'active' },
      { ...key, kid: kidOf(target), state: 'next', usableFrom },
    ],
  })
}

/** Each learner's bulk job, so that a test can name it. */
const jobOf = ({ learner }: Belongings) => `${learner.tenant}-blk-${learner.id.slice(-26)}` as BulkJobId

/** A job about the learner's award, ordered by somebody who is not among the callers. */
function orderJob(state: BulkJob['state']) {
  return async (target: Belongings, ports: World): Promise<void> => {
    const { tenant } = target.learner
    const id = jobOf(target)
    const job: BulkJob = {
      id,
      tenant,
      order: { kind: 'offers', action: 'cancel', where: { awardIds: [target.award.id] } },
      state,
      startWhenRead: false,
      needsApproval: false,
      reading: { cursor: '', line: 1, finished: true },
      rows: 1,
      position: 1,
      counts: { ready: 1, invalid: 0, skipped: 0, done: 0, failed: 0 },
      createdAt: ports.clock.now(),
      createdBy: 'somebody-else',
      version: 1,
    }
    const audit = { action: 'bulk.order', by: 'somebody-else', about: id, detail: {} } as const
    await ports.store.saveBulkJobOnce(ports.request('bulk', tenant), job, { audit })
  }
}

/** Each learner's link, made from the learner's id so that a test can name it. */
function linkOf({ learner }: Belongings) {
  const text = `${learner.tenant}.${learner.id.slice(-26).padEnd(43, 'A')}`
  const id = shareLinkId(text)
  if (!id) throw new Error('a link of the test has the wrong form')
  return id
}

/** What came of it: `ok`, `null`, or the code of the refusal. */
export async function tryIt(cast: Cast, attempt: Attempt, target: Belongings, account: string | undefined) {
  const token = account === undefined ? undefined : await cast.tokenOf(account)
  const { data, errors } = await cast.graphql(attempt.query(target), { token })
  const error = errors?.[0]
  if (error) return { outcome: error.extensions?.code ?? 'no code', message: error.message }
  const [answer] = Object.values(data ?? {}) as ({
    __typename?: string
    code?: string
    message?: string
  } | null)[]
  if (!answer) return { outcome: 'null', message: '' }
  if (answer.__typename === 'Refusal') return { outcome: answer.code ?? '', message: answer.message ?? '' }
  return { outcome: emptyParts(answer as Json) ? 'null' : 'ok', message: '' }
}

function emptyParts(answer: Json): boolean {
  return typeof answer === 'object' && answer !== null && Object.values(answer).every((part) => part === null)
}
