import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { zJobs } from '#adapters/firecrest/z-firecrest.ts'
import { toQueueJob } from '#adapters/slurm/job-facts.ts'
import { job } from '#test/contracts/queue.ts'
import { isSubmit, scriptedFirecrest, takesFiles } from '#test/firecrest/scripted-firecrest.ts'
import { referencePath } from './reference-data.ts'

interface Recorded {
  request: { method: string; path: string; body?: { job: object } }
  response: { status: number; body?: unknown; text?: string }
}
const recorded = (name: string): Recorded =>
  JSON.parse(readFileSync(referencePath('slurm', 'recorded', 'firecrest-v2', `${name}.json`), 'utf8'))
const answerOf = (name: string) => {
  const { status, body, text } = recorded(name).response
  return { status, body: body ?? text }
}
const decoded = (name: string) => {
  const [first] = zJobs.parse(recorded(name).response.body).jobs
  if (!first) throw new Error('no job')
  return { ...first, told: toQueueJob(first, { cpu: 'a processor', limits: 'watched' }) }
}

// Answers of a real FirecREST v2 in front of a real Slurm with accounting.
describe('recorded answers of FirecREST v2 to a submit', () => {
  test.each(['submit-ok', 'submit-long', 'submit-fail'])('%s: the job exists', async (name) => {
    const { queue } = await scriptedFirecrest((asked) =>
      isSubmit(asked) ? answerOf(name) : takesFiles(asked),
    )
    expect(Number((await queue.submit(job('p'))).jobId)).toBeGreaterThan(0)
  })

  test.each([
    ['submit-partition-unknown', 'rejected'],
    ['submit-invalid', 'rejected'],
    ['system-unknown', 'rejected'],
    ['auth-expired', 'auth'],
    ['auth-garbage', 'auth'],
    ['auth-none', 'auth'],
  ])('%s is %s', async (name, kind) => {
    const { queue } = await scriptedFirecrest((asked) =>
      isSubmit(asked) ? answerOf(name) : takesFiles(asked),
    )
    await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind })
  })

  test('our request has the form of the one that was recorded', async () => {
    const { queue, asked } = await scriptedFirecrest((one) =>
      isSubmit(one) ? answerOf('submit-ok') : takesFiles(one),
    )
    await queue.submit(job('p'))
    const ours = JSON.parse(asked.find(isSubmit)?.body ?? '')
    const { request } = recorded('submit-ok')
    expect(Object.keys(ours.job)).toEqual(expect.arrayContaining(Object.keys(request.body?.job ?? {})))
    expect(asked.find(isSubmit)?.path).toBe(request.path)
  })

  test('a comma in a variable made a second one at the site, so we send none', () => {
    const { body } = recorded('submit-env-comma').request
    expect(JSON.stringify(body)).toContain('A1,INJ=owned')
    // What the job printed: `[$ATTEMPT_ID] [$INJ]`.
    expect(JSON.stringify(recorded('fs-tail').response.body)).toContain('[A1] [owned]')
  })
})

describe('recorded answers about a job', () => {
  test.each([
    ['job-completed', { outcome: 'completed', exitCode: 0, startedAt: new Date(1_795_437_816_000) }],
    ['job-failed', { outcome: 'failed', exitCode: 3 }],
    ['job-cancelled', { outcome: 'cancelled' }],
    ['job-running', { state: 'running', startedAt: new Date(1_795_437_816_000) }],
  ])('%s', (name, expected) => {
    expect(decoded(name).user).toBe('learner')
    expect(decoded(name).told).toMatchObject(expected)
  })

  test('just after its start a job is called `allocation`', () => {
    expect(decoded('job-running').name).toBe('allocation')
  })

  test('every job of a list is read', () => {
    const { jobs } = zJobs.parse(recorded('jobs-list').response.body)
    expect(jobs.map(({ states }) => states)).toEqual([
      ['COMPLETED'],
      ['COMPLETED'],
      ['CANCELLED'],
      ['FAILED'],
      ['COMPLETED'],
      ['COMPLETED'],
    ])
  })

  test('job-unknown is unknown', async () => {
    expect(await (await scriptedFirecrest(() => answerOf('job-unknown'))).queue.get('999999')).toBe('unknown')
  })

  test('the health of the recorded system is up', async () => {
    expect(await (await scriptedFirecrest(() => answerOf('systems'))).queue.health()).toBe('up')
  })

  test('the end of a log is read', async () => {
    const { queue } = await scriptedFirecrest(() => answerOf('fs-tail'))
    const tail = await queue.files.workLogTail({ key: job('p').key, jobId: '8' }, 100)
    expect(Buffer.from(tail ?? []).toString()).toBe('[A1] [owned]\n')
  })
})

test.each(['cancel-running', 'cancel-again', 'cancel-unknown'])('%s is done', async (name) => {
  const { request } = recorded('cancel-running')
  const running = recorded('job-running').response.body
  const { queue, asked } = await scriptedFirecrest(({ method }) =>
    method === 'DELETE'
      ? answerOf(name)
      : { status: 200, body: JSON.parse(JSON.stringify(running).replace('"7"', '"10"')) },
  )
  await queue.cancel('10')
  expect(asked.some(({ method, path }) => method === 'DELETE' && path === request.path)).toBe(true)
})
