import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SitePartition } from '#core/practicals/site.ts'
import { freshKey, job, queueContract, untilEnded } from '#test/contracts/queue.ts'
import { realQueue, scontrol, siteFolderPath, stageTestPrograms } from '#test/slurm/real-site.ts'

function program({ id }: { id: string }): string | undefined {
  const file = join(stageTestPrograms('contracts/queue-programs'), `${id}.mjs`)
  return existsSync(file) ? file : undefined
}

/** What a job asks for, with so many devices. */
const asking = (gpus: number) => ({ resources: { ...job('succeed').resources, gpus } })

queueContract('a real Slurm', async () => {
  const queue = realQueue(program)
  return { queue, files: queue.files }
})

describe('a real Slurm', () => {
  test('work and grade jobs run under two accounts of the site', async () => {
    const queue = realQueue(program)
    const work = await queue.submit(job('succeed'))
    const grade = await queue.submit(job('succeed', { stage: 'grade' }))
    await untilEnded(queue, work.jobId)
    await untilEnded(queue, grade.jobId)
    expect(scontrol(['show', 'job', work.jobId])).toMatch(/UserId=learner\(/)
    expect(scontrol(['show', 'job', grade.jobId])).toMatch(/UserId=grader\(/)
  })

  test('accelerators that were given are told while the job runs', async () => {
    const queue = realQueue(program, { partition: { gpus: { type: 'stand-in', count: 2 } } })
    const { jobId } = await queue.submit(job('sleep', asking(2)))
    await expect
      .poll(() => queue.get(jobId), { timeout: 15_000, interval: 250 })
      .toMatchObject({ state: 'running', hardware: { gpuType: 'stand-in', gpus: 2, cores: 1 } })
    await queue.cancel(jobId)
  })

  test('a second job with the same key does nothing, and the first one’s facts are told for both', async () => {
    const queue = realQueue(program)
    const request = job('succeed')
    const first = await queue.submit(request)
    await untilEnded(queue, first.jobId)
    // An academy that knows nothing of the first: what a request repeated on its way does.
    const here = mkdtempSync(join(tmpdir(), 'academy-empty-site-'))
    onTestFinished(() => rmSync(here, { recursive: true, force: true }))
    const forgetful = realQueue(program, { folder: { here, there: siteFolderPath() } })
    const second = await forgetful.submit(request)
    expect(second.jobId).not.toBe(first.jobId)
    const told = await untilEnded(queue, second.jobId)
    expect(scontrol(['show', 'job', second.jobId])).toMatch(/ExitCode=75:0/)
    expect(told).toMatchObject({ jobId: first.jobId, outcome: 'completed' })
    expect(await queue.findByKey(request.key, new Date(0))).toMatchObject([{ jobId: first.jobId }])
  })

  test('a partition that is closed lets a job wait, and the wait can be ended', async () => {
    const queue = realQueue(program, { partition: { name: 'closed' } })
    const { jobId } = await queue.submit(job('succeed', { partition: 'closed' }))
    await expect
      .poll(() => queue.get(jobId), { timeout: 10_000, interval: 250 })
      .toMatchObject({ state: 'pending', reason: 'PartitionDown' })
    await queue.cancel(jobId)
    expect(await untilEnded(queue, jobId)).toMatchObject({ outcome: 'cancelled' })
  })

  test.each([
    ['an unknown partition', { name: 'nowhere' }, 2000],
    ['more devices than there are', { gpus: { type: 'stand-in', count: 9 } }, 2014],
    ['a kind of device there is none of', { gpus: { type: 'h200', count: 9 } }, 2014],
  ])('%s is rejected by the scheduler', async (_name, more, code) => {
    const partition: Partial<SitePartition> = more
    const queue = realQueue(program, { partition })
    const request = job('succeed', {
      partition: partition.name ?? 'academy',
      ...(partition.gpus ? asking(9) : {}),
    })
    await expect(queue.submit(request)).rejects.toMatchObject({ kind: 'rejected', code })
  })

  test('a key nobody sent is not found', async () => {
    expect(await realQueue(program).findByKey(freshKey(), new Date(0))).toEqual([])
  })
})
