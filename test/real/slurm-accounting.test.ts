import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { callRest } from '#adapters/slurm/rest-call.ts'
import type { Stage } from '#core/practicals/queue.ts'
import { freshKey, job, queueContract, untilEnded } from '#test/contracts/queue.ts'
import { realQueue, realSite, scontrol, siteFolderPath, stageTestPrograms } from '#test/slurm/real-site.ts'

// The controller of this Slurm forgets a job two seconds after its end, so most of what the contract asks
// about ended jobs is answered by the accounting.
const program = ({ id }: { id: string }) => {
  const file = join(stageTestPrograms('contracts/queue-programs', 'SLURM_ACCOUNTING'), `${id}.mjs`)
  return existsSync(file) ? file : undefined
}
const open = (more: Parameters<typeof realQueue>[1] = {}) => realQueue(program, more, {}, 'SLURM_ACCOUNTING')

queueContract('a real Slurm with accounting', async () => {
  const queue = open()
  return { queue, files: queue.files }
})

/** Waits until the controller itself says that it has no such job. */
async function untilForgotten(jobId: string): Promise<void> {
  await expect
    .poll(
      () => {
        try {
          return scontrol(['show', 'job', jobId], 'SLURM_ACCOUNTING')
        } catch {
          return 'forgotten'
        }
      },
      { timeout: 90_000, interval: 500 },
    )
    .toBe('forgotten')
}

describe('a job the controller has forgotten', () => {
  test('is told by the accounting as it was, by its id and by its key; without accounting it is unknown', async () => {
    const queue = open()
    const gpus = open({ partition: { gpus: { type: 'stand-in', count: 1 } } })
    const since = new Date()
    const resources = { ...job('p').resources, gpus: 1 }
    const done = await gpus.submit(job('succeed', { stage: 'grade', resources }))
    const failed = await queue.submit(job('fail'))
    const slow = await queue.submit(job('sleep'))
    const overrun = await queue.submit(job('sleep', { limits: { ...job('sleep').limits, wallSeconds: 1 } }))
    // Without Node the script cannot take the artefact, and says that the site failed.
    const broken = await open({ nodeFile: '/nowhere/node' }).submit(
      job('succeed', { stage: 'grade', artefactOf: freshKey() }),
    )
    const nowhere = await open({
      folder: { here: siteFolderPath('SLURM_ACCOUNTING'), there: '/nowhere' },
    }).submit(job('succeed'))
    const before = await untilEnded(gpus, done.jobId)
    await queue.cancel(slow.jobId)
    for (const { jobId } of [done, failed, slow, overrun, broken, nowhere]) await untilForgotten(jobId)

    // A server that has just started and remembers nothing.
    const later = open()
    const { key, startedAt, endedAt } = before
    expect(await later.get(done.jobId)).toMatchObject({
      key,
      outcome: 'completed',
      exitCode: 0,
      startedAt,
      endedAt,
      hardware: { cores: 1, gpus: 1 },
    })
    expect(await later.get(failed.jobId)).toMatchObject({ outcome: 'failed', exitCode: 3 })
    expect(await later.get(slow.jobId)).toMatchObject({ outcome: 'cancelled' })
    expect(await later.get(overrun.jobId)).toMatchObject({ outcome: 'timeout', reason: 'WALL_LIMIT' })
    expect(await later.get(broken.jobId)).toMatchObject({
      outcome: 'infrastructure',
      reason: 'JOB_SETUP_FAILED',
    })
    expect(await later.get(nowhere.jobId)).toMatchObject({ outcome: 'infrastructure' })
    expect(await later.findByKey(key, since)).toMatchObject([{ jobId: done.jobId, outcome: 'completed' }])
    expect(await later.findByKey(freshKey(), since)).toEqual([])

    const forgetful = open({ accounting: false })
    expect(await forgetful.get(done.jobId)).toBe('unknown')
    expect(await forgetful.findByKey(key, since)).toEqual([])
  })

  test('is not sent a second time; a duplicate of it is told by its facts', async () => {
    const request = job('succeed')
    const first = await open().submit(request)
    await untilEnded(open(), first.jobId)
    await untilForgotten(first.jobId)
    expect(await open().submit(request)).toMatchObject({ jobId: first.jobId })

    const here = mkdtempSync(join(tmpdir(), 'academy-empty-site-'))
    onTestFinished(() => rmSync(here, { recursive: true, force: true }))
    const there = siteFolderPath('SLURM_ACCOUNTING')
    const second = await open({ accounting: false, folder: { here, there } }).submit(request)
    expect(second.jobId).not.toBe(first.jobId)
    await untilForgotten(second.jobId)
    expect(await open().get(second.jobId)).toMatchObject({ jobId: first.jobId, outcome: 'completed' })
    expect(await open().findByKey(request.key, new Date(0))).toMatchObject([{ jobId: first.jobId }])
  })
})

test('neither account sees the other’s jobs in the accounting', async () => {
  const site = realSite({}, 'SLURM_ACCOUNTING')
  const { jobId } = await open().submit(job('succeed', { stage: 'grade' }))
  const { key } = await untilEnded(open(), jobId)
  const rest = { url: site.url, now: () => new Date() }
  const asks = async (stage: Stage, path: string) =>
    JSON.stringify(await callRest(rest, site.accounts[stage], { method: 'GET', path }))
  for (const path of [`/slurmdb/v0.0.38/job/${jobId}`, '/slurmdb/v0.0.38/jobs']) {
    await expect.poll(() => asks('grade', path), { timeout: 15_000 }).toContain(key)
    expect(await asks('work', path)).not.toContain(key)
  }
})
