import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { type SlurmQueue, slurmQueue } from '#adapters/slurm/queue.ts'
import { isLive } from '#core/practicals/attempt.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import type { Practical } from '#core/practicals/practical.ts'
import type { Queue, Stage } from '#core/practicals/queue.ts'
import { fixedSites } from '#core/practicals/site.ts'
import type { Json } from '#core/records.ts'
import { cuttingProxy, type Fate } from '#test/slurm/cutting-proxy.ts'
import {
  controller,
  engineSetting,
  mintToken,
  profileOf,
  realSite,
  scontrol,
  stageOnce,
  stageTestPrograms,
} from '#test/slurm/real-site.ts'
import { token } from '#test/slurm/scripted-site.ts'
import { siteWorld, withReference } from '#test/slurm/site-world.ts'

const attempts = Number(process.env['CHAOS_ATTEMPTS'] ?? 12)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const smallStage = <S extends Practical['grade']>(stage: S): S => ({
  ...stage,
  resources: { ...stage.resources, cpus: 1, memoryGiB: 0.5 },
  limits: { ...stage.limits, memoryMiB: 512 },
})
/** Small jobs, so that what is tried is the dispatch. */
const small = (practical: Practical): Practical => ({
  ...withReference(practical),
  attemptsPerDay: 1000,
  work: smallStage(practical.work),
  grade: smallStage(practical.grade),
  parseConfiguration: (input) => input as Json,
})

test(`${attempts} attempts survive lost requests, lost answers, a dying server, a controller that goes and tokens that run out`, async () => {
  stageOnce()
  const programs = stageTestPrograms('practicals/programs')
  const program = (_practical: unknown, stage: Stage) => join(programs, `${stage}.ts`)
  const events: string[] = []
  let posts = 0
  const fates: Record<number, Fate> = {
    2: 'lose-answer',
    4: 'lose-request',
    7: 'lose-answer',
    11: 'lose-answer',
    14: 'lose-request',
  }
  const url = await cuttingProxy(engineSetting('REST_URL'), (method) => {
    const fate = method === 'POST' ? (fates[++posts] ?? 'pass') : 'pass'
    if (fate !== 'pass') events.push(`submit ${posts}: ${fate}`)
    return fate
  })
  const site = { ...realSite(), url }
  const sitesWith = (queue: SlurmQueue) =>
    fixedSites([{ profile: profileOf(site), queue, files: queue.files }])

  /** A server of its own, with nothing remembered. It may die while the answer to a submit is on its way. */
  function server(diesAtSubmit?: number) {
    const queue = slurmQueue({ site, clock: systemClock, program })
    let submits = 0
    const dying: Queue['submit'] = async (job) => {
      const answer = await queue.submit(job)
      if (++submits !== diesAtSubmit) return answer
      events.push('server died before it could write down the job id')
      return new Promise(() => {})
    }
    return { ...queue, submit: dying }
  }

  const first = server(6)
  const w = await siteWorld({ queue: first, change: small })
  const started = []
  for (let n = 0; n < attempts; n++) started.push(await w.start(await w.enrolled(), { mode: 'pass' }))
  const disturbances: (() => Promise<void> | void)[] = [
    async () => {
      events.push('controller stopped')
      controller('stop')
      await pause(3000)
      controller('start')
      events.push('controller started')
    },
    async () => {
      for (const { tokenFile } of Object.values(site.accounts)) writeFileSync(tokenFile, token(-5))
      events.push('tokens ran out')
      await driveAttempts(world)
      for (const { user, tokenFile } of Object.values(site.accounts)) mintToken(user, 3600, tokenFile)
      events.push('tokens renewed')
    },
  ]

  let world: typeof w = w
  const until = Date.now() + 250_000
  let live = attempts
  for (let round = 0; live > 0 && Date.now() < until; round++) {
    const driven = driveAttempts(world).then(() => true)
    // A round that never ends is a server that has died; the next one starts on what was written.
    if (!(await Promise.race([driven, pause(25_000).then(() => false)])))
      world = { ...w, sites: sitesWith(server()) }
    if (round % 4 === 3) await disturbances.shift()?.()
    const now = await Promise.all(started.map(({ id }) => w.store.findAttempt(id)))
    live = now.filter((attempt) => attempt && isLive(attempt)).length
    await pause(100)
  }

  const jobs = jobsByName()
  const ends = []
  for (const { id, learnerId } of started) {
    const attempt = await w.store.findAttempt(id)
    const did = (await w.store.runsOf(id)).map(({ key, stage, state }) => {
      const sent = jobs.get(key) ?? []
      // A duplicate ends with 75; one cancelled before its start has no run time.
      return {
        stage,
        state,
        sent: sent.length,
        worked: sent.filter(({ exit, ran }) => ran && exit !== '75:0').length,
      }
    })
    const worked = (stage: Stage) => did.reduce((sum, run) => sum + (run.stage === stage ? run.worked : 0), 0)
    const awards = (await w.store.awardsOf(learnerId)).length
    ends.push({ state: attempt?.state, work: worked('work'), grade: worked('grade'), awards })
    const runs = did.map((run) => `${run.stage} ${run.state}, sent ${run.sent}, worked ${run.worked}`)
    events.push(`attempt ${attempt?.state}: ${runs.join('; ')}`)
  }
  process.stdout.write(`chaos on a real Slurm, ${posts} submits:\n  ${events.join('\n  ')}\n`)
  expect(ends).toEqual(started.map(() => ({ state: 'graded', work: 1, grade: 1, awards: 1 })))
  expect(events).toEqual(
    expect.arrayContaining([
      'submit 2: lose-answer',
      'submit 4: lose-request',
      'controller started',
      'tokens renewed',
    ]),
  )
  expect(events).toContain('server died before it could write down the job id')
}, 290_000)

/** Every job the scheduler knows, told by itself. */
function jobsByName(): Map<string, { exit: string; ran: boolean }[]> {
  const found = new Map<string, { exit: string; ran: boolean }[]>()
  for (const text of scontrol(['-o', 'show', 'job']).split('\n')) {
    const fact = (name: string) => new RegExp(`\\b${name}=(\\S+)`).exec(text)?.[1] ?? ''
    const name = fact('JobName')
    if (name === '') continue
    const ran = !(fact('JobState') === 'CANCELLED' && fact('RunTime') === '00:00:00')
    found.set(name, [...(found.get(name) ?? []), { exit: fact('ExitCode'), ran }])
  }
  return found
}
