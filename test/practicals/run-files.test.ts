import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deliverEvents } from '#core/deliver-events.ts'
import { requestErasure } from '#core/learners/request-erasure.ts'
import type { Attempt } from '#core/practicals/attempt.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import { sweepRunFiles } from '#core/practicals/forget-attempts.ts'
import { attemptFolder, readRunLog, runFileLimits } from '#core/practicals/run-files.ts'
import { type AttemptWorld, attemptWorld } from './attempt-world.ts'

const namesOf = async (w: AttemptWorld, attempt: Attempt) => {
  const folder = attemptFolder(attempt)
  return (await w.files.list(folder)).map((name) => name.slice(folder.length))
}
const jobsOf = async (w: AttemptWorld, { id }: Attempt) => (await w.store.runsOf(id)).map(({ key }) => key)
const erase = (w: AttemptWorld) =>
  requestErasure(
    w.learnerActor,
    { requestId: w.requestId(), learnerId: w.enrolled.learner.id, revokeAwards: false },
    w,
  )

test('what went into a run, what it printed, what it left and what the grader said are kept by day, attempt and run', async () => {
  const w = await attemptWorld()
  const attempt = await w.drive((await w.start('chatty')).id)
  expect(await namesOf(w, attempt)).toEqual([
    'run-1/artefact.json',
    'run-1/configuration.json',
    'run-1/log.txt',
    'run-2/manifest.jws',
  ])
  expect(attemptFolder(attempt)).toBe(
    `${attempt.tenant}/attempts/${attempt.createdAt.toISOString().slice(0, 10)}/${attempt.id}/`,
  )
  const handedIn = await w.files.get(`${attemptFolder(attempt)}run-1/configuration.json`)
  expect(JSON.parse(new TextDecoder().decode(handedIn))).toEqual(attempt.configuration)
})

test('the log of a run that failed is there, as text: no colours, no bells, nothing that is no text', async () => {
  const w = await attemptWorld()
  const attempt = await w.drive((await w.start('work-fails')).id)
  expect(attempt.state).toBe('failed')
  const log = await readRunLog(attempt, await w.store.runsOf(attempt.id), w)
  expect(log).toContain('the end is near: \ufffd red <b>bold</b>\ttab\n')
  expect(log).not.toMatch(/[^\P{Cc}\t\n]/u)
})

test('of a log too long to keep the end is kept, in whole lines; while it is being written it can be read too', async () => {
  const w = await attemptWorld()
  const { id } = await w.start('work-overruns')
  await w.drive(id, ({ phases }) => phases.some(({ phase }) => phase === 'work-running'))
  const live = async () => {
    const attempt = await w.store.findAttempt(id)
    return attempt && readRunLog(attempt, await w.store.runsOf(id), w)
  }
  await expect.poll(live, { timeout: 10_000 }).toContain('line 9999\n')
  const attempt = await w.drive(id)
  const kept = (await live()) ?? ''
  expect(attempt.state).toBe('failed')
  expect(kept.length).toBeLessThanOrEqual(runFileLimits.log)
  expect(kept.split('\n')[0]).toMatch(/^line \d+$/)
  expect(kept).toContain('line 9999\n')
})

test('a grade run’s output is never kept nor shown', async () => {
  const w = await attemptWorld()
  const attempt = await w.drive((await w.start('pass')).id)
  const runs = await w.store.runsOf(attempt.id)
  expect(
    await readRunLog(
      attempt,
      runs.filter(({ stage }) => stage === 'grade'),
      w,
    ),
  ).toBeUndefined()
  expect((await namesOf(w, attempt)).filter((name) => name.startsWith('run-2'))).toEqual([
    'run-2/manifest.jws',
  ])
})

test('an erased learner’s files, inputs and the site’s copies go; the attempt stays as a record without them', async () => {
  const w = await attemptWorld()
  const attempt = await w.drive((await w.start('chatty')).id)
  const [work = ''] = await jobsOf(w, attempt)
  expect(existsSync(join(w.jobsFolder, work))).toBe(true)
  await erase(w)
  await deliverEvents(w)
  expect(await namesOf(w, attempt)).toEqual([])
  expect(readdirSync(w.jobsFolder)).toEqual([])
  expect(await w.store.findAttempt(attempt.id)).toMatchObject({ state: 'graded', configuration: null })
  expect(await readRunLog(attempt, await w.store.runsOf(attempt.id), w)).toBeUndefined()
})

test.each(['work-running', 'grade-queued'] as const)(
  'a run that is under way when its learner is erased (%s) is stopped, and leaves nothing behind',
  async (phase) => {
    const w = await attemptWorld()
    const { id } = await w.start(phase === 'work-running' ? 'work-overruns' : 'chatty')
    await w.drive(id, ({ phases }) => phases.some((one) => one.phase === phase))
    await erase(w)
    await deliverEvents(w)
    const attempt = await w.drive(id)
    expect(attempt).toMatchObject({ state: 'cancelled', configuration: null })
    expect(await namesOf(w, attempt)).toEqual([])
    expect(readdirSync(w.jobsFolder)).toEqual([])
    expect(await driveAttempts(w)).toBe(0)
  },
)

test('files go when they have been kept as long as the settings say, and not before', async () => {
  const w = await attemptWorld()
  w.settings.runFilesKeptDays = 30
  const attempt = await w.drive((await w.start('chatty')).id)
  w.clock.advance({ days: 30 })
  expect(await sweepRunFiles(w)).toBe(0)
  expect(await namesOf(w, attempt)).toHaveLength(4)
  w.clock.advance({ days: 2 })
  expect(await sweepRunFiles(w)).toBe(1)
  expect(await namesOf(w, attempt)).toEqual([])
  expect(await w.store.findAttempt(attempt.id)).toMatchObject({
    state: 'graded',
    configuration: { mode: 'chatty' },
  })
  expect(await sweepRunFiles(w)).toBe(0)
})
