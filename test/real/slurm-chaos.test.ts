import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { AttemptId, LearnerId } from '#core/ids.ts'
import { addCompute, monthOf, noCompute } from '#core/practicals/compute.ts'
import type { Stage } from '#core/practicals/queue.ts'
import { isFinal, type Run } from '#core/practicals/run.ts'
import { type ChaosPlan, chaosWorld } from '#test/slurm/chaos-world.ts'
import { cuttingProxy, type Fate } from '#test/slurm/cutting-proxy.ts'
import {
  controllerAway,
  engineSetting,
  mintToken,
  realSite,
  stageOnce,
  stageTestPrograms,
} from '#test/slurm/real-site.ts'
import { token } from '#test/slurm/scripted-site.ts'

const attempts = Number(process.env['CHAOS_ATTEMPTS'] ?? 100)
const minutes = 6

/** What happens to the n-th submit; the rest pass. Every seventh loses its answer, every eleventh its way. */
function fateOfSubmit(n: number): Fate {
  if (n > attempts * 2) return 'pass'
  // Heard again when the job has long been sent a second time.
  if (n === 3 || n === 20 || n === 41) return 'come-late'
  if (n % 11 === 4) return 'lose-request'
  return n % 7 === 2 ? 'lose-answer' : 'pass'
}
/** Submits during which the server is killed: it has sent, and will not write down what it hears. */
const killsAtSubmit = [6, 31, 77, 120, 160].filter((n) => n < attempts * 2)

test(
  `${attempts} attempts survive killed servers, lost requests, lost answers, a controller that goes and tokens that run out`,
  async () => {
    stageOnce()
    const folder = mkdtempSync(join(tmpdir(), 'academy-chaos-'))
    mkdirSync(join(folder, 'tmp'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const counts = {
      submits: 0,
      'lose-request': 0,
      'lose-answer': 0,
      'come-late': 0,
      'question lost': 0,
      kills: 0,
    }
    const events: string[] = []
    let heardLate = 0
    const lost = new Map<string, Exclude<Fate, 'pass'> | 'killed'>()
    const began = Date.now()
    const note = (text: string) =>
      events.push(`${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`)

    let server: ChildProcess | undefined
    const url = await cuttingProxy(
      engineSetting('REST_URL'),
      (method, head) => {
        if (method !== 'POST') {
          const fate = Math.random() < 0.02 ? 'lose-answer' : 'pass'
          if (fate !== 'pass') counts['question lost']++
          return fate
        }
        const n = ++counts.submits
        const key = /ska-[a-z2-7]{24}/.exec(head)?.[0] ?? ''
        if (killsAtSubmit.includes(n)) {
          server?.kill('SIGKILL')
          lost.set(key, 'killed')
          note(`submit ${n}: server killed with -9 while its request is on the way`)
          return 'pass'
        }
        const fate = fateOfSubmit(n)
        if (fate !== 'pass') {
          counts[fate]++
          if (!lost.has(key)) lost.set(key, fate)
        }
        return fate
      },
      () => {
        heardLate++
      },
    )

    const site = { ...realSite({ partition: { cpus: 1, memoryGiB: 1 } }), url }
    const programs = stageTestPrograms('practicals/programs')
    const plan: ChaosPlan = { database: join(folder, 'academy.db'), site, programs }
    const planFile = join(folder, 'plan.json')
    writeFileSync(planFile, JSON.stringify(plan))
    const run = (...args: string[]) =>
      spawn(
        process.execPath,
        [join(import.meta.dirname, '..', 'slurm', 'chaos-server.ts'), planFile, ...args],
        {
          env: {
            PATH: process.env['PATH'] ?? '',
            TMPDIR: join(folder, 'tmp'),
            NODE_COMPILE_CACHE: join(tmpdir(), 'academy-compile-cache'),
          },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )

    const started = await printed(run(String(attempts)))
    expect(started).toHaveLength(attempts)
    note(`${attempts} attempts started`)

    let live = attempts
    let over = false
    const guard = keepAlive()
    /** A server that died is started again, as whoever runs one does. */
    async function keepAlive(): Promise<void> {
      while (!over) {
        const child = run()
        server = child
        child.stdout?.on('data', (text: Buffer) => {
          const [, count] = [...text.toString().matchAll(/live (\d+)/g)].at(-1) ?? []
          if (count !== undefined) live = Number(count)
        })
        await new Promise((resolve) => child.once('exit', resolve))
        if (!over) counts.kills++
      }
    }
    onTestFinished(async () => {
      over = true
      server?.kill('SIGKILL')
      await guard
    })

    const kill = async () => {
      server?.kill('SIGKILL')
      note('server killed with -9 at a random moment')
    }
    const controllerGoes = async () => {
      note('controller stopped')
      await controllerAway(3000)
      note('controller started')
    }
    const tokensRunOut = async () => {
      for (const { tokenFile } of Object.values(site.accounts)) writeFileSync(tokenFile, token(-5))
      note('tokens ran out')
      await pause(3000)
      for (const { user, tokenFile } of Object.values(site.accounts)) mintToken(user, 3600, tokenFile)
      note('tokens renewed')
    }
    const disturbances = [
      kill,
      tokensRunOut,
      kill,
      controllerGoes,
      kill,
      kill,
      tokensRunOut,
      kill,
      controllerGoes,
      kill,
    ]
    const until = began + (minutes * 60 - 20) * 1000
    let nextDisturbance = Date.now() + 4000
    while (live > 0 && Date.now() < until) {
      await pause(200)
      if (Date.now() < nextDisturbance) continue
      await disturbances.shift()?.()
      nextDisturbance = Date.now() + 3000 + Math.random() * 5000
    }
    note(live === 0 ? 'every attempt has ended' : `${live} attempts have not ended`)
    over = true
    server?.kill('SIGKILL')
    await guard

    // What comes late comes after all, and must find that another did its work.
    const late = [...lost].filter(([, fate]) => fate === 'come-late').map(([key]) => key)
    await expect.poll(() => heardLate, { timeout: 130_000, interval: 500 }).toBe(late.length)
    const missing = () => late.filter((key) => (endedJobs().get(key) ?? []).length < 2)
    for (let waited = 0; waited < 40 && missing().length > 0; waited++) await pause(500)
    const jobs = endedJobs()
    const w = await chaosWorld(plan)
    const ends = []
    const bills = { attempts: noCompute, learners: noCompute, runs: 0 }
    const stories = new Map<string, number>()
    const total = { jobs: 0, worked: 0, duplicates: 0 }
    for (const { id, learnerId } of started) {
      const attempt = await w.store.findAttempt(id)
      const runs = await w.store.runsOf(id)
      const worked = { work: 0, grade: 0 } satisfies Record<Stage, number>
      for (const one of runs) {
        const sent = jobs.get(one.key) ?? []
        const did = sent.filter((job) => job.worked).length
        worked[one.stage] += did
        total.jobs += sent.length
        total.worked += did
        total.duplicates += sent.length - did
        const fate = lost.get(one.key)
        if (!fate) continue
        const story = `${fate.padEnd(12)} ${one.stage.padEnd(5)} ${one.state}: jobs at the site ${sent.length}, that did anything ${did}`
        stories.set(story, (stories.get(story) ?? 0) + 1)
      }
      if (!attempt) throw new Error('an attempt is gone')
      // Its own record of what it used, and what its learner was charged, which nobody else adds to.
      const { site: name, offeringId, budget } = attempt
      const usages = await w.store.usagesAt({ site: name, offeringId, learnerId, day: budget.day })
      bills.attempts = addCompute(bills.attempts, budget.used)
      bills.learners = addCompute(bills.learners, usages.learner.used)
      // A job that ran for less than a second is no line of the report.
      bills.runs += runs.filter((one) => chargeFor([one]) > 0).length
      ends.push({
        state: attempt.state,
        charged: usages.learner.used.coreSeconds === chargeFor(runs),
        held: usages.learner.held.coreSeconds,
        ...worked,
        open: runs.filter((one) => !isFinal(one)).length,
        awards: (await w.store.awardsOf(learnerId)).length,
      })
    }
    const seconds = ((Date.now() - began) / 1000).toFixed(0)
    process.stdout.write(
      [
        `chaos on a real Slurm: ${attempts} attempts in ${seconds} s`,
        `  jobs run: ${total.jobs}, of which ${total.worked} did anything and ${total.duplicates} found that another had`,
        `  submits: ${counts.submits}; lost on the way: ${counts['lose-request']}; heard much later: ${counts['come-late']}; answers lost: ${counts['lose-answer']}; lost answers to questions: ${counts['question lost']}`,
        `  servers killed with -9: ${counts.kills}`,
        `  charged: ${bills.attempts.coreSeconds} core-seconds for ${total.worked} runs`,
        ...events.map((line) => `  ${line}`),
        '  what became of each lost submit:',
        ...[...stories]
          .sort(([a], [b]) => a.localeCompare(b))
          .map(([story, times]) => `    ${String(times).padStart(3)} × ${story}`),
        '',
      ].join('\n'),
    )
    const once = { state: 'graded', work: 1, grade: 1, open: 0, awards: 1, charged: true, held: 0 }
    expect(ends).toEqual(started.map(() => once))
    // The cohort's counter, the days' and the month's report all say the same: every job once.
    const [first] = started
    const offeringId = first && (await w.store.findAttempt(first.id))?.offeringId
    if (!offeringId) throw new Error('no attempt')
    const cohort = await w.store.cohortUsage(site.name, offeringId)
    expect({ cohort, learners: bills.learners }).toEqual({
      cohort: { held: noCompute, used: bills.attempts },
      learners: bills.attempts,
    })
    const months = [...new Set([monthOf(new Date(began)), monthOf(new Date())])]
    const lines = (await Promise.all(months.map((month) => w.store.monthUsage(month)))).flat()
    expect(lines.reduce((sum, line) => sum + line.jobs, 0)).toBe(bills.runs)
    expect(lines.reduce((sum, line) => sum + line.used.coreSeconds, 0)).toBe(bills.attempts.coreSeconds)
    // A drill in which nothing went wrong would prove nothing.
    expect(counts['lose-request']).toBeGreaterThan(0)
    expect(counts['lose-answer']).toBeGreaterThan(0)
    expect(total.duplicates).toBeGreaterThan(0)
    expect(counts.kills).toBeGreaterThan(2)
    expect([...lost.values()]).toContain('killed')
    for (const told of ['controller started', 'tokens renewed'])
      expect(events.some((line) => line.endsWith(told))).toBe(true)
  },
  minutes * 60_000,
)

/** One processor for each started second of each run. */
function chargeFor(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => {
    if (run.state !== 'DONE' || !run.startedAt) return sum
    return sum + Math.ceil((run.endedAt.getTime() - run.startedAt.getTime()) / 1000)
  }, 0)
}

/** Attempts a seeding process printed; throws when it ends badly. */
async function printed(child: ChildProcess): Promise<{ id: AttemptId; learnerId: LearnerId }[]> {
  let text = ''
  child.stdout?.on('data', (part: Buffer) => {
    text += part.toString()
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error('the attempts could not be started')
  return [...text.matchAll(/^attempt (\S+) (\S+)$/gm)].map(([, id, learnerId]) => ({
    id: id as AttemptId,
    learnerId: learnerId as LearnerId,
  }))
}

/** Every job that has ended, from the log the scheduler writes for itself: it forgets none. */
function endedJobs(): Map<string, { worked: boolean }[]> {
  const found = new Map<string, { worked: boolean }[]>()
  const log = readFileSync(join(engineSetting('STATE'), 'log', 'jobcomp.log'), 'utf8')
  for (const line of log.split('\n')) {
    const fact = (name: string) => new RegExp(`\\b${name}=(\\S+)`).exec(line)?.[1] ?? ''
    const name = fact('Name')
    if (name === '') continue
    const neverRan = fact('JobState') === 'CANCELLED' && fact('StartTime') === fact('EndTime')
    // A duplicate ends with 75 and has done nothing.
    const worked = !neverRan && fact('ExitCode') !== '75:0'
    found.set(name, [...(found.get(name) ?? []), { worked }])
  }
  return found
}
