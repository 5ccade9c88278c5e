import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { type SlurmSite, slurmQueue } from '#adapters/slurm/queue.ts'
import { stagePrograms } from '#adapters/slurm/stage-programs.ts'
import type { Offering } from '#core/offerings/offering.ts'
import type { Ports } from '#core/ports.ts'
import { allowance } from '#core/practicals/allowance.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import type { JobRequest } from '#core/practicals/queue.ts'
import { reduce } from '#core/practicals/reduce.ts'
import type { Run } from '#core/practicals/run.ts'
import type { RunEvent } from '#core/practicals/run-events.ts'
import { fixedSites } from '#core/practicals/site.ts'
import { localPorts } from '#functions/local-ports.ts'
import { demoInstitutions, northLake } from '#functions/seed/institutions.ts'
import { readSettings } from '#functions/settings.ts'
import { loadShipped } from '#skills-ontology/load.ts'
import { small } from '#test/slurm/chaos-world.ts'
import { engineSetting, mintToken, profileOf, siteAt } from '#test/slurm/real-site.ts'
import { token } from '#test/slurm/scripted-site.ts'
import { type ContestOptions, contest, type Figure } from './contest.ts'
import { recordedSlurm } from './recorded-slurm.ts'
import type { Section } from './report.ts'

const target = { perMinute: 300, requestsPerSecond: 2 }

/** Attempts sent per minute to one site, what tracking them asks of it, and how fast the state machine is. */
export async function dispatchSections(options: ContestOptions): Promise<Section[]> {
  const quick = options.rounds <= 2
  return [await toRecordedSite(quick), await toRealSite(quick), await reducerSection(options)]
}

async function toRecordedSite(quick: boolean): Promise<Section> {
  const recorded = await recordedSlurm({ work: 'learner', grade: 'grader' })
  const folder = temporaryFolder()
  try {
    for (const part of ['inbox/work', 'inbox/grade', 'jobs/work', 'jobs/grade'])
      mkdirSync(join(folder, part), { recursive: true })
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, token(3600))
    const academy = await dispatchAcademy(
      siteAt(recorded.url, { here: folder, there: '/site' }, () => tokenFile),
      folder,
    )
    const chunks = Array.from({ length: quick ? 2 : 6 }, () => (quick ? 50 : 200))
    const figure = await dispatchAll(academy, chunks, 'attempts sent, work job queued')
    const watched = []
    for (const more of quick ? [0] : [0, 800]) {
      await dispatchAll(academy, more > 0 ? [more] : [], 'more')
      watched.push(await trackFor(academy.ports, recorded, quick ? 6 : 20))
    }
    await academy.close()
    return {
      title: 'Dispatch to one site: a recorded Slurm in the same process, records in SQLite on disk',
      proved: [`every attempt was sent once: ${recorded.counts.submits} submits for ${recorded.jobs()} jobs`],
      figures: [figure],
      bars: watched.map(({ live, perSecond }) => ({
        figure: `${target.requestsPerSecond} requests per second`,
        anchor: `what tracking ${live} live jobs asked (${perSecond.toFixed(2)} per second)`,
        atLeast: 1,
        ratio: target.requestsPerSecond / perSecond,
        met: perSecond <= target.requestsPerSecond,
      })),
      notes: [perMinute(figure)],
    }
  } finally {
    recorded.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function toRealSite(quick: boolean): Promise<Section> {
  const title = 'Dispatch to one site: a real Slurm 22.05 on this machine, which also runs the jobs'
  const engine = startSlurm()
  if (typeof engine === 'string')
    return { title, proved: [], figures: [], bars: [], notes: [`not measured: ${engine}`] }
  const folder = temporaryFolder()
  try {
    const tokenFileOf = (user: string) => join(folder, `token-${user}`)
    for (const user of ['learner', 'grader']) mintToken(user, 3600, tokenFileOf(user))
    const shared = engineSetting('SITE_FOLDER')
    stagePrograms(join(import.meta.dirname, '..'), join(shared, 'programs'))
    const site = siteAt(engineSetting('REST_URL'), { here: shared, there: shared }, tokenFileOf)
    const academy = await dispatchAcademy(site, folder)
    const chunks = Array.from({ length: quick ? 2 : 5 }, () => (quick ? 20 : 60))
    const figure = await dispatchAll(academy, chunks, 'attempts sent, work job queued')
    await academy.close()
    return { title, proved: [], figures: [figure], bars: [], notes: [perMinute(figure)] }
  } finally {
    engine.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const perMinute = ({ perSecond }: Figure) => {
  const minute = Math.round(perSecond * 60)
  const verdict = minute >= target.perMinute ? 'reached' : 'MISSED'
  return `${minute.toLocaleString('en')} attempts per minute; the target of ${target.perMinute} is ${verdict}`
}

interface DispatchAcademy {
  ports: Ports
  /** Starts so many attempts of as many learners; nothing is sent. */
  start(count: number): Promise<void>
  /** Jobs the site has taken. */
  sent(): number
  close(): Promise<void>
}

async function dispatchAcademy(site: SlurmSite, folder: string): Promise<DispatchAcademy> {
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  const local = localPorts(readSettings({ DATA_DIR: dataDir }), 'https://academy.example', loadShipped())
  const found = local.ports.practicals.find('inference-throughput')
  if (!found) throw new Error('the shipped practical is gone')
  const practical = small(found)
  // Nothing is run to its end here, so any program will do.
  const queue = slurmQueue({ site, clock: systemClock, program: () => `${site.folder.there}/programs/none` })
  let sent = 0
  const counting = {
    ...queue,
    submit: async (job: JobRequest) => {
      const taken = await queue.submit(job)
      sent++
      return taken
    },
  }
  const profile = profileOf(site)
  const ports: Ports = {
    ...local.ports,
    practicals: { ...local.ports.practicals, find: (id) => (id === practical.id ? practical : undefined) },
    sites: fixedSites([
      {
        profile,
        queue: counting,
        files: queue.files,
        allowance: allowance(systemClock, profile.firstPollSeconds),
        health: () => queue.health(),
      },
    ]),
  }
  for (const institution of demoInstitutions) await ports.store.saveInstitutionOnce(institution)
  const offering = await bigOffering(ports)
  let learners = 0
  return {
    ports,
    sent: () => sent,
    async start(count) {
      for (let n = 0; n < count; n++) await startOne(++learners, offering, ports)
    },
    close: () => local.close(),
  }
}

const requestOf = (operation: string, n = 0) => ({
  tenant: northLake.tag,
  operation,
  requestId: `bench-${operation}-${n}`,
  inputHash: `${operation}-${n}`,
})

function bigOffering({ store, random, ontology }: Ports): Promise<Offering> {
  const module = [...ontology.modules.values()].find((one) => one.practical?.id === 'inference-throughput')
  if (!module) throw new Error('no module has the practical')
  return store.saveOfferingOnce(requestOf('offering'), {
    id: random.id(northLake.tag, 'ofg'),
    tenant: northLake.tag,
    moduleId: module.id,
    startsOn: '2026-01-01',
    endsOn: '2099-12-31',
    language: 'en',
    seats: 100_000,
    allowsLocalEvidence: true,
  })
}

async function startOne(n: number, offering: Offering, ports: Ports): Promise<void> {
  const { store, random, clock } = ports
  const tenant = northLake.tag
  const subject = `bench-${n}`
  const learner = await store.saveLearnerOnce(subject, {
    id: random.id(tenant, 'lrn'),
    tenant,
    rev: 0,
    person: { givenName: 'Ada', familyName: 'Example', email: `${subject}@example.org` },
    recognisedSkills: [],
  })
  await store.saveEnrolmentOnce(requestOf('enrolment', n), {
    learnerId: learner.id,
    offeringId: offering.id,
    enrolledAt: clock.now(),
    analyticsConsent: true,
    purpose: 'skills-gap-statistics',
    country: 'LU',
    targetGroup: 'professionals',
    sector: 'manufacturing',
  })
  const actor = { subject, tenant, roles: ['learner' as const], learnerId: learner.id }
  const input = { requestId: `bench-start-${n}`, offeringId: offering.id, configuration: { mode: 'pass' } }
  await startPractical(actor, input, ports)
}

/** Drives chunk after chunk until every attempt of it is at the site; what is there already stays live. */
async function dispatchAll(
  academy: DispatchAcademy,
  chunks: readonly number[],
  name: string,
): Promise<Figure> {
  const rounds: number[] = []
  for (const count of chunks) {
    await academy.start(count)
    const began = performance.now()
    const before = academy.sent()
    // What a round has sent it has also written down.
    while (academy.sent() < before + count) await driveAttempts(academy.ports)
    rounds.push((1000 * count) / (performance.now() - began))
  }
  const sorted = [...rounds].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const spread = ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / middle
  return {
    name,
    perSecond: middle,
    spread,
    p50: 1000 / middle,
    p95: 1000 / (sorted[0] ?? Number.NaN),
    p99: 1000 / (sorted[0] ?? Number.NaN),
    rounds,
  }
}

/** What the driver asks of the site while it follows everything that is live. */
async function trackFor(
  ports: Ports,
  site: { counts: { questions: number }; jobs(): number },
  seconds: number,
): Promise<{ live: number; perSecond: number }> {
  const drive = async (for_: number) => {
    const until = Date.now() + for_ * 1000
    while (Date.now() < until) {
      await driveAttempts(ports)
      await pause(100)
    }
  }
  // What was saved up of the allowance is spent first.
  await drive(4)
  const before = site.counts.questions
  const began = performance.now()
  await drive(seconds)
  const perSecond = (1000 * (site.counts.questions - before)) / (performance.now() - began)
  return { live: site.jobs(), perSecond }
}

async function reducerSection(options: ContestOptions): Promise<Section> {
  const at = (seconds: number) => new Date(Date.UTC(2026, 10, 23, 9, 0, seconds))
  const first: Run = {
    id: 'k3vq7m2a-run-bench' as Run['id'],
    attemptId: 'k3vq7m2a-att-bench' as Run['attemptId'],
    stage: 'work',
    number: 1,
    try: 1,
    key: `ska-${'a'.repeat(24)}`,
    nonce: 'bench',
    wallSeconds: 60,
    pendingSeconds: 86_400,
    createdAt: at(0),
    version: 0,
    state: 'CREATED',
    notBefore: at(0),
  }
  const story: RunEvent[] = [
    { type: 'budget-reserved', at: at(1) },
    { type: 'submit-failed', kind: 'unconfirmed', reason: 'lost', at: at(2) },
    { type: 'not-found', at: at(5) },
    { type: 'found', jobId: '7', at: at(9) },
    { type: 'pending', at: at(10) },
    { type: 'running', startedAt: at(11), at: at(12) },
    { type: 'running', startedAt: at(11), at: at(20) },
    {
      type: 'ended',
      outcome: 'completed',
      reason: 'COMPLETED',
      startedAt: at(11),
      endedAt: at(30),
      at: at(31),
    },
    { type: 'delivered', delivery: { verdict: 'valid', sha256: 'a'.repeat(64) }, at: at(32) },
  ]
  const tell = () => story.reduce<Run>((run, event) => reduce(run, event).run, first)
  if (tell().state !== 'DONE') throw new Error('the story of a run does not end as it should')
  const figures = await contest(
    [{ name: `${story.length} events of one run, created to done`, run: tell }],
    options,
  )
  const events = Math.round((figures[0]?.perSecond ?? 0) * story.length)
  return {
    title: 'The state machine of a run, alone',
    proved: [`${story.length} events take a run from CREATED to DONE through a lost answer`],
    figures,
    bars: [],
    notes: [`${events.toLocaleString('en')} reducer events per second`],
  }
}

const temporaryFolder = () => mkdtempSync(join(tmpdir(), 'academy-dispatch-'))

/** The Slurm the environment names, or one of our own; why not when there is none. */
function startSlurm(): { stop(): void } | string {
  if (process.env['SLURM_REST_URL'] && process.env['SLURM_STATE']) return { stop: () => {} }
  const script = (name: string) => join(import.meta.dirname, '..', 'test', 'engines', 'slurm', name)
  try {
    const [state, ...settings] = execFileSync('bash', [script('start.sh')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).split('\n')
    for (const line of settings) {
      const [, key, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? []
      if (key && value !== undefined) process.env[key] = value
    }
    const stop = () => void execFileSync('bash', [script('stop.sh')], { stdio: 'ignore' })
    return { stop: state === 'started' ? stop : () => {} }
  } catch (error) {
    return `no Slurm could be started here (${error instanceof Error ? error.message.split('\n')[0] : 'unknown'})`
  }
}
