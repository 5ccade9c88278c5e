import { readFileSync } from 'node:fs'
import { verificationWords } from '#http/pages/i18n/verification.ts'
import type { Ask } from '#test/support/graphql.ts'
import { type Confide, makeWallet } from '#test/support/wallet.ts'
import { type DemoAcademy, startDemoAcademy } from './academy.ts'
import { mutate, requestId } from './answers.ts'
import type { DemoSite } from './slurm-site.ts'
import { downloadEditions, keepFiles, verifyFile } from './steps/editions.ts'
import { askPath, enrolIn, whoAmI } from './steps/enrol.ts'
import { type CredentialEvidence, evidenceIn } from './steps/evidence.ts'
import { askGap, publishSnapshot } from './steps/gap.ts'
import { awardOf, followPractical, startPractical } from './steps/practical.ts'
import { reissueElsewhere, tamper, type Verdict, verify, verifyOnPage } from './steps/verify.ts'
import { collectAward } from './steps/wallet.ts'
import type { Teller } from './tell.ts'

const slice = { sector: 'manufacturing', role: 'mlops-engineer' }
const moduleSlug = 'm-llm-inference'
const tries = 4
/** A sound serving configuration: batches, the cache on, no more precision lost than the outputs bear. */
const configuration = JSON.parse(readFileSync('practicals/inference-throughput/solutions/good.json', 'utf8'))

export interface DemoOptions {
  /** Folder for every edition of the award. */
  keep?: string
  /** Where the practical runs; on this machine when absent. */
  site?: Pick<DemoSite, 'name' | 'partition' | 'sitesFile'>
  /** Settings of the servers beside those of every demo. */
  env?: Record<string, string>
  /** Hears what no log may hold. */
  confide?: Confide
  /** Does what else it likes with the academy before it ends. */
  beforeTheEnd?: (academy: DemoAcademy) => Promise<void>
  /** Hears what the servers printed, from the first start to the end. */
  printed?: (text: string) => void
}

/** Walks one learner through the whole loop; throws at the first thing that is not as it should be. */
export async function runDemo(tell: Teller, options: DemoOptions = {}) {
  const began = performance.now()
  tell.step('The academy starts: https on this machine, a throw-away certificate, an empty data folder')
  const sites = options.site ? { SITES_FILE: options.site.sitesFile } : {}
  const academy = await startDemoAcademy({ ...options.env, ...sites })
  try {
    tell.fact(academy.url)
    const summary = await loop(academy, tell, options)
    await options.beforeTheEnd?.(academy)
    const seconds = Math.round((performance.now() - began) / 100) / 10
    tell.step(`Done in ${seconds} s`)
    return { ...summary, seconds }
  } finally {
    await academy.end()
    options.printed?.(academy.printed())
  }
}

/** Ten digits, so that no time or measure in a log looks like it. */
const txCode = '7382915046'

async function loop(
  academy: DemoAcademy,
  tell: Teller,
  { keep, site, confide = () => undefined }: DemoOptions,
) {
  const [manager, learner, employer, registrar] = await Promise.all(
    ['manager', 'learner', 'employer', 'registrar'].map((account) => academy.as(account)),
  )
  if (!manager || !learner || !employer || !registrar) throw new Error('an account is missing')
  const { ontology } = await manager<{
    ontology: { version: string; digest: string; skills: number; modules: number }
  }>('{ ontology { version digest skills: skillCount modules: moduleCount } }')

  tell.step('The programme manager asks which skills a role lacks in a sector')
  await publishSnapshot(manager)
  const before = await askGap(manager, slice)
  tell.fact(
    `${slice.role} in ${slice.sector}: ${before.gapPersonLevels} person-levels short of ${before.heads} heads, coverage ${before.coveragePercent} %`,
  )
  tell.fact(
    `next module: ${before.nextModule?.slug} (snapshot of ${before.snapshot.publishedAt}, threshold ${before.snapshot.threshold})`,
  )
  expect(before.nextModule?.slug === moduleSlug, `the answer names ${moduleSlug}`)

  tell.step('The learner asks for the path to that role, and enrols')
  const me = await whoAmI(learner)
  confide('given name', me.givenName)
  confide('family name', me.familyName)
  confide('mail address', me.email)
  for (const account of ['manager', 'learner', 'employer', 'registrar'])
    confide(`access token of the ${account}`, await academy.tokenOf(account))
  const path = await askPath(learner, slice)
  tell.fact(
    `${path.steps.length} modules, ${path.workloadHours} hours${path.optimal ? ', proved shortest' : ''}: ${path.steps.map(({ slug }) => slug).join(' → ')}`,
  )
  expect(
    path.steps.some(({ slug }) => slug === moduleSlug),
    'the path leads through the module',
  )
  const offeringId = await enrolIn(learner, me.id, moduleSlug, slice.sector)

  tell.step('The learner starts the compute practical; a grader that is not theirs measures it')
  const run = await passPractical(learner, offeringId, tell)
  expect(
    run.graded.outcome === 'passed' && run.recorded === 'assessment',
    'the graded run passes and is recorded',
  )

  tell.step("The pass makes an award, by the module's rule")
  const award = await awardOf(learner, moduleSlug)
  tell.fact(`${award.title}: ${award.scorePercent} %, award ${award.state}`)

  tell.step(
    "The learner's wallet collects it in two formats; the server is killed and started again in between",
  )
  const wallet = await makeWallet(academy.certificate, undefined, confide)
  const sdJwt = await collectAward(wallet, learner, award.id, 'AiSkill_sdjwt', { txCode, confide })
  tell.fact(`dc+sd-jwt collected: ${sdJwt.length} characters`)
  await academy.killAndRestart()
  tell.fact('kill -9, restart on the same data')
  const jwtVc = await collectAward(wallet, learner, award.id, 'AiSkill_jwt', { confide })
  tell.fact(`jwt_vc_json collected: ${jwtVc.length} characters`)
  const evidence = evidenceIn(jwtVc)
  for (const line of evidenceLines(evidence)) tell.fact(line)
  expectEvidence(evidence, site)

  tell.step('An employer verifies: API, page, shared link; and three copies that must fail')
  const credentials = []
  for (const credential of [sdJwt, jwtVc]) {
    const verdict = await verify(employer, credential)
    credentials.push({ format: verdict.format, verified: verdict.verified, checks: verdict.checks })
    tell.fact(
      `${verdict.format}: ${verdict.outcome} (${verdict.checks.filter(({ state }) => state === 'passed').length} checks passed)`,
    )
    expect(verdict.verified, 'the credential verifies')
  }
  for (const language of ['en', 'fr'] as const) {
    expect(
      saysValid(await verifyOnPage(academy.url, sdJwt, language), language),
      `the page says so (${language})`,
    )
  }
  tell.fact('the page /verify says the same, in English and in French')
  const files = await downloadEditions(academy.url, await academy.tokenOf('learner'), award.id)
  for (const [name, bytes] of files) {
    const verdict = await verifyFile(academy.url, bytes)
    if (name.endsWith('.pdf')) continue
    if (!credentials.some(({ format }) => format === verdict.format))
      credentials.push({ format: verdict.format, verified: verdict.verified, checks: verdict.checks })
    tell.fact(`${name}, ${bytes.length} bytes: ${verdict.format} ${verdict.outcome}`)
    expect(verdict.verified, `${name} verifies`)
  }
  if (keep !== undefined) {
    files.set('dc-sd-jwt.txt', Buffer.from(sdJwt)).set('jwt-vc.jwt', Buffer.from(jwtVc))
    await keepFiles(keep, files, academy.url, 'north-lake')
    tell.fact(`every edition is kept in ${keep}, with ca.pem and ca.crl`)
  }
  const shared = await mutate<{ url: string }>(
    learner,
    'shareAward',
    'ShareAwardInput',
    { requestId: requestId(), awardId: award.id, show: ['name', 'skills', 'evidence'], lifetimeDays: 7 },
    'SharedAward',
    'url',
  )
  confide('shared link', shared.url)
  confide('code of a shared link', shared.url.split('/').at(-1))
  expect(saysValid(await (await fetch(shared.url)).text(), 'en'), 'the shared link shows the verdict')
  tell.fact('the shared link shows the verdict with name, skills and evidence only')
  const tampered = await verify(employer, tamper(sdJwt))
  expect(!tampered.verified && tampered.outcome === 'tampered', 'a tampered copy is told as tampered')
  const foreign = await verify(employer, await reissueElsewhere(jwtVc))
  expect(!foreign.verified && foreign.failedCheck === 'issuer-key', 'a foreign issuer is told as such')
  tell.fact(`tampered copy: ${tampered.outcome}; foreign issuer: ${foreign.outcome}`)

  tell.step('The registrar revokes; the next verification says so')
  await mutate(
    registrar,
    'revokeAward',
    'ChangeAwardStatusInput',
    { requestId: requestId(), awardId: award.id, reason: 'Demonstration of a revocation.' },
    'Award',
    'state',
  )
  const revoked = await verify(employer, sdJwt)
  expect(!revoked.verified && revoked.outcome === 'revoked', 'the revocation shows')
  expect(!saysValid(await (await fetch(shared.url)).text(), 'en'), 'the shared link shows it too')
  for (const [name, bytes] of files) {
    if (name.endsWith('.pdf') || name.endsWith('.txt')) continue
    expect((await verifyFile(academy.url, bytes)).outcome === 'revoked', `the revocation shows in ${name}`)
  }
  tell.fact('every edition says so: the European credential, the W3C credential, the badge and its pictures')
  tell.fact(`verdict: ${revoked.outcome}, failed check: ${revoked.failedCheck}`)

  tell.step('Three cohorts pass and one is revoked; the next published snapshot shows the movement')
  const moved = await academy.moveCohortsOffline()
  tell.fact(`${moved.awarded} awards made, ${moved.revoked} revoked, while the server was stopped`)
  const managerAgain = await academy.as('manager')
  await publishSnapshot(managerAgain)
  const after = await askGap(managerAgain, slice)
  tell.fact(`gap before ${before.gapPersonLevels}, after ${after.gapPersonLevels} person-levels`)
  expect(after.gapPersonLevels !== before.gapPersonLevels, 'the published gap moves')

  return {
    ontology,
    gap: { before: gapOf(before), after: gapOf(after) },
    path: { hours: path.workloadHours, optimal: path.optimal, modules: path.steps.map(({ slug }) => slug) },
    practical: {
      site: run.site,
      state: run.state,
      assurance: run.graded.evidence.assurance,
      environment: run.graded.evidence.environment,
      metrics: run.graded.metrics,
    },
    assessment: { outcome: run.graded.outcome, scorePercent: award.scorePercent, decidedBy: 'graded-run' },
    award: { title: award.title, module: award.moduleSlug, state: 'revoked' },
    evidence,
    credentials,
    tampered: failure(tampered),
    foreign: failure(foreign),
    revoked: failure(revoked),
  }
}

/** As a learner would: the ratio is measured on this very machine, and a busy moment costs a try. */
async function passPractical(learner: Ask, offeringId: string, tell: Teller) {
  for (let attempt = 1; ; attempt++) {
    const attemptId = await startPractical(learner, offeringId, configuration)
    const run = await followPractical(learner, attemptId, (state) => tell.fact(`state: ${state}`))
    const { graded } = run
    if (!graded) throw new Error(`the practical ended ungraded: ${run.state} ${run.reason ?? ''}`)
    for (const metric of graded.metrics) {
      tell.fact(`${metric.name}: ${metric.value} ${metric.unit} (passes at ${metric.threshold})`)
    }
    const { assurance, environment } = graded.evidence
    tell.fact(`${graded.outcome} on ${run.site}, assurance ${assurance}, environment ${environment}`)
    if (graded.outcome === 'passed' || attempt === tries) return { ...run, graded }
    tell.fact('not fast enough this time: once more')
  }
}

function evidenceLines({
  site,
  partition,
  gpus,
  assurance,
  specDigest,
  metrics,
}: CredentialEvidence): string[] {
  return [
    `its evidence: site ${site}${partition ? `, partition ${partition}` : ''}, ${gpus} GPUs, assurance ${assurance}, spec ${specDigest}`,
    ...metrics.map(
      ({ name, value, unit, threshold }) =>
        `its evidence: ${name} ${value}, unit ${unit}, threshold ${threshold ?? 'none'}`,
    ),
  ]
}

/** What the credential must say of where it was earned. */
function expectEvidence(evidence: CredentialEvidence, site: DemoOptions['site']): void {
  expect(evidence.site === (site?.name ?? 'local'), 'the credential names the site')
  expect(evidence.environment === (site ? 'site' : 'local'), 'the credential says whether it was a local run')
  if (site) expect(evidence.partition === site.partition, 'the credential names the partition')
  const assurance = site ? 'graded-separately' : 'unsupervised-run'
  expect(evidence.assurance === assurance, `the credential states ${assurance}`)
  expect(
    evidence.metrics.length > 0 &&
      evidence.metrics.every(({ unit, threshold }) => unit !== '' && threshold !== undefined),
    'the credential states each metric with its unit and threshold',
  )
}

function gapOf(gap: Awaited<ReturnType<typeof askGap>>) {
  const { gapPersonLevels, coveragePercent, heads, nextModule, snapshot } = gap
  return {
    personLevels: gapPersonLevels,
    coveragePercent,
    heads,
    nextModule: nextModule?.slug,
    snapshot: snapshot.id,
  }
}

function saysValid(page: string, language: 'en' | 'fr'): boolean {
  return page.includes(verificationWords[language].outcomes.valid.title)
}

function failure({ verified, failedCheck, outcome }: Verdict) {
  return { verified, failedCheck, outcome }
}

function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`this should hold and does not: ${what}`)
}
