import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { localQueue } from '#adapters/local/queue.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { contractProgram, job, untilEnded, untilRunning } from './queue.ts'

/** A queue whose journal of one job cannot be written any more, as when the disk is full. */
function open() {
  const folder = mkdtempSync(join(tmpdir(), 'academy-jobs-'))
  const queue = localQueue({ folder, clock: systemClock, program: contractProgram, graceMs: 300 })
  onTestFinished(async () => {
    await queue.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const block = (jobId: string) => {
    const inTheWay = join(folder, jobId, 'job.json.next')
    mkdirSync(inTheWay, { recursive: true })
    return () => rmSync(inTheWay, { recursive: true })
  }
  return { queue, block, folder }
}

test('a job that ends while its journal cannot be written is told as ended, harms no server and holds up nobody', async () => {
  const { queue, block } = open()
  const first = await queue.submit(job('sleep'))
  await untilRunning(queue, first.jobId)
  block(first.jobId)
  const next = await queue.submit(job('succeed'))
  await queue.cancel(first.jobId)
  expect(await untilEnded(queue, first.jobId)).toMatchObject({ outcome: 'cancelled' })
  expect(await untilEnded(queue, next.jobId)).toMatchObject({ outcome: 'completed' })
})

test('a job that cannot be journalled as running does not go on running unseen', async () => {
  const { queue, block } = open()
  const first = await queue.submit(job('sleep'))
  await untilRunning(queue, first.jobId)
  const second = await queue.submit(job('sleep'))
  block(second.jobId)
  await queue.cancel(first.jobId)
  await untilEnded(queue, first.jobId)
  expect(await untilEnded(queue, second.jobId)).toMatchObject({ outcome: 'infrastructure' })
  // Its slot is free again.
  const third = await queue.submit(job('succeed'))
  expect(await untilEnded(queue, third.jobId)).toMatchObject({ outcome: 'completed' })
})

test('a restart finds what could not be written then as the site’s failure', async () => {
  const { queue, block, folder } = open()
  const { jobId } = await queue.submit(job('sleep'))
  await untilRunning(queue, jobId)
  const free = block(jobId)
  await queue.cancel(jobId)
  await untilEnded(queue, jobId)
  free()
  const again = localQueue({ folder, clock: systemClock, program: contractProgram })
  expect(await again.get(jobId)).toMatchObject({ state: 'ended', outcome: 'infrastructure' })
})
