import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hiddenSeed, manifestKey } from '#core/practicals/run-secrets.ts'
import { hiddenPrompts, publicPrompts } from '#practicals/inference-throughput/hidden.ts'
import { decode } from '#practicals/inference-throughput/model/vocabulary.ts'
import { job, untilEnded, untilRunning } from '#test/contracts/queue.ts'
import {
  engineSetting,
  realQueue,
  scontrol,
  siteFolderPath,
  stageTestPrograms,
} from '#test/slurm/real-site.ts'
import { siteWorld, withReference } from '#test/slurm/site-world.ts'

const solution = (name: string) =>
  JSON.parse(readFileSync(`practicals/inference-throughput/solutions/${name}.json`, 'utf8'))

test('a learner’s practical runs on a real Slurm, is graded by another account, and the award says so', async () => {
  const w = await siteWorld({ change: withReference })
  const learner = await w.enrolled()
  const { id } = await w.start(learner, solution('good'))
  const attempt = await w.drive(id)
  if (attempt.state !== 'graded') throw new Error(`the attempt is ${JSON.stringify(attempt)}`)
  expect(attempt.graded.sanity.every(({ held }) => held)).toBe(true)
  expect(attempt.phases.map(({ phase }) => phase)).toEqual(
    expect.arrayContaining(['created', 'work-queued', 'grade-queued', 'ended']),
  )

  const runs = await w.store.runsOf(id)
  expect(runs.map(({ stage, state }) => [stage, state])).toEqual([
    ['work', 'DONE'],
    ['grade', 'DONE'],
  ])
  const users = { work: 'learner', grade: 'grader' }
  for (const run of runs) {
    if (run.state !== 'DONE' || !run.jobId) throw new Error('not done')
    // The scheduler itself, asked past the adapter, tells what the run says.
    const told = scontrol(['show', 'job', run.jobId])
    expect(told).toContain(`JobName=${run.key}`)
    expect(told).toContain(`UserId=${users[run.stage]}(`)
    const [, started = ''] = /StartTime=(\S+)/.exec(told) ?? []
    expect(run.startedAt).toEqual(new Date(started))
    expect(run.hardware).toMatchObject({ cores: 2, gpus: 0, cpu: 'test machine', limits: 'watched' })
  }

  expect(attempt.graded.outcome).toBe('passed')
  expect(attempt.recorded).toBe('assessment')
  const [award] = await w.store.awardsOf(attempt.learnerId)
  expect(award?.evidence).toMatchObject([
    {
      practical: 'inference-throughput',
      specHash: w.practical.specHash,
      environment: 'site',
      site: 'test-factory',
      partition: 'academy',
      assurance: 'graded-separately',
      level: 2,
      hardware: { cores: 2, gpus: 0 },
      metrics: [{ name: 'tokens_per_second_ratio', unit: '1', threshold: 0.4 }],
    },
  ])
  // Neither a job id nor an account of the site.
  expect(JSON.stringify(award?.evidence)).not.toMatch(/"learner"|"grader"|ska-/)
})

test('where nobody agreed on a reference, a person judges; the evidence is there for them', async () => {
  const w = await siteWorld()
  const attempt = await w.drive((await w.start(await w.enrolled(), solution('good'))).id)
  expect(attempt).toMatchObject({
    state: 'graded',
    recorded: 'for-assessor',
    graded: { outcome: 'needs-review', evidence: { level: 2, site: 'test-factory' } },
  })
})

test('a learner’s job that searches processes, files, environment and scheduler finds no key, hidden input or seed', async () => {
  const programs = stageTestPrograms('slurm/programs')
  const asLearner = realQueue(({ id }) => join(programs, `${id}.mjs`))
  const control = { file: randomBytes(12).toString('hex'), environment: randomBytes(12).toString('hex') }
  const planted = join(siteFolderPath(), 'readable-by-all')
  writeFileSync(planted, control.file, { mode: 0o644 })
  onTestFinished(() => rmSync(planted, { force: true }))
  const beside = await asLearner.submit(job('hold', { environment: { SKA_CONTROL: control.environment } }))
  await untilRunning(asLearner, beside.jobId)

  const w = await siteWorld({ change: withReference })
  const { id } = await w.start(await w.enrolled(), solution('good'))
  const grading = await w.drive(id, ({ phases }) => phases.some(({ phase }) => phase === 'grade-running'))
  const grade = (await w.store.runsOf(id)).find(({ number }) => number === grading.runNumber)
  if (grade?.state !== 'RUNNING') throw new Error('the grade job does not run')
  const limits = { ...job('spy').limits, wallSeconds: 60, cpuSeconds: 60, outputBytes: 64 * 1024 * 1024 }
  const spy = await asLearner.submit(job('spy', { limits, environment: { SKA_NEAR: grade.jobId } }))
  const { key, ...ended } = await untilEnded(asLearner, spy.jobId, 70)
  expect(ended).toMatchObject({ outcome: 'completed' })
  const attempt = await w.drive(id)
  expect(attempt.state).toBe('graded')

  const bytes = await asLearner.files.read(key, 'loot', 64 * 1024 * 1024)
  const loot = Buffer.from(bytes ?? []).toString('latin1')
  const counted = JSON.parse(
    Buffer.from((await asLearner.files.read(key, 'counted.json', 10_000)) ?? []).toString(),
  )
  // What shows that the search is a real one.
  expect(loot).toContain(control.file)
  expect(loot).toContain(control.environment)
  expect(counted.foreign).toBeGreaterThan(0)
  expect(counted.files).toBeGreaterThan(50)
  // All of the site was looked through; of other people's temporary files as much as a job may keep.
  const state = engineSetting('STATE')
  expect(counted.left.filter((folder: string) => folder.startsWith(state))).toEqual([])

  const secret = Buffer.from(manifestKey(w.signers, grade.key, grade.nonce))
  const seed = hiddenSeed(w.signers, id, w.practical.specHash)
  // A prompt is a few words of one grammar: some stand in the public set and in the texts that are staged for all.
  const known = `${publicPrompts().map(decode).join('\n')}\n${stagedText()}`
  const hidden = hiddenPrompts(seed)
    .map(decode)
    .filter((prompt) => !known.includes(prompt))
  expect(hidden.length).toBeGreaterThan(3)
  const forms = [
    ...(['base64url', 'base64', 'hex', 'latin1'] as const).map((form) => secret.toString(form)),
    grade.nonce,
  ]
  for (const wanted of [...forms, String(seed), ...hidden]) expect(loot.includes(wanted)).toBe(false)
  expect(counted).toMatchObject({ opened: 0, wrote: [] })
})

test('on the real Slurm one threshold lets a good configuration pass and a poor one fail; two others fail by what they say', async () => {
  const w = await siteWorld({ change: withReference })
  const graded = async (name: string) => {
    const attempt = await w.drive((await w.start(await w.enrolled(), solution(name))).id)
    if (attempt.state !== 'graded') throw new Error(`${name}: ${JSON.stringify(attempt)}`)
    return attempt.graded
  }
  const missed = ({ sanity }: Awaited<ReturnType<typeof graded>>) =>
    sanity.filter(({ held }) => !held).map(({ name: check }) => check)
  // The poor one is the good one without its cache: many times slower on any machine, so the load decides nothing.
  const good = await graded('good')
  expect([good.outcome, missed(good)]).toEqual(['passed', []])
  const poor = await graded('poor')
  expect([poor.outcome, missed(poor)]).toEqual(['failed', []])
  expect(poor.metrics).toMatchObject([{ met: false, threshold: 0.4 }])
  const others = await Promise.all(['broken', 'cheating'].map(graded))
  expect(others.map((one) => [one.outcome, missed(one)])).toEqual([
    ['failed', ['outputs_match_reference']],
    ['failed', ['answers_complete']],
  ])
})

/** Everything of ours that lies at the site for all to read. */
function stagedText(): string {
  const programs = join(siteFolderPath(), 'programs', 'practicals')
  return readdirSync(programs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}
