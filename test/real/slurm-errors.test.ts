import { createHmac } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshKey, job, untilEnded, untilRunning } from '#test/contracts/queue.ts'
import { controller, realQueue, realSite, scontrol, stageTestPrograms } from '#test/slurm/real-site.ts'
import { token } from '#test/slurm/scripted-site.ts'

// Rows of the table of errors that a real Slurm can be brought to say; the others are held by recorded answers
// (`test/reference/slurm.test.ts`) and by scripted ones (`test/slurm/errors.test.ts`).
const program = ({ id }: { id: string }) => {
  const file = join(stageTestPrograms('contracts/queue-programs'), `${id}.mjs`)
  return existsSync(file) ? file : undefined
}
const resources = job('p').resources

describe('a token the real Slurm does not take', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const forged = (sun: string) => {
    const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iat: 1, exp: Math.floor(Date.now() / 1000) + 600, sun })}`
    return `${text}.${createHmac('sha256', 'not the key').update(text).digest('base64url')}`
  }

  test('forged: a submit is unconfirmed, a question unavailable, and no job comes of it', async () => {
    const site = realSite()
    writeFileSync(site.accounts.work.tokenFile, forged('learner'))
    const queue = realQueue(program, { accounts: site.accounts })
    const request = job('succeed')
    await expect(queue.submit(request)).rejects.toMatchObject({ kind: 'unconfirmed', code: 5005 })
    await expect(queue.get('1')).rejects.toMatchObject({ kind: 'unavailable' })
    expect(await queue.health()).toBe('down')
    expect(await realQueue(program).findByKey(request.key, new Date())).toEqual([])
  })

  test('of another account: the same', async () => {
    const site = realSite()
    writeFileSync(site.accounts.work.tokenFile, readFileSync(site.accounts.grade.tokenFile))
    const queue = realQueue(program, { accounts: site.accounts })
    await expect(queue.submit(job('succeed'))).rejects.toMatchObject({ kind: 'unconfirmed' })
  })

  test('run out: auth, and nothing is sent', async () => {
    const site = realSite()
    writeFileSync(site.accounts.work.tokenFile, token(-5))
    const queue = realQueue(program, { accounts: site.accounts })
    await expect(queue.submit(job('succeed'))).rejects.toMatchObject({ kind: 'auth' })
    await expect(queue.get('1')).rejects.toMatchObject({ kind: 'auth' })
  })
})

describe('a job the real Slurm does not run', () => {
  test.each([
    ['more time than the partition has', { minutes: 30 }, 2015],
    ['more processors than there are', { cpus: 400 }, 2015],
    ['more memory than there is', { memoryGiB: 900 }, 2014],
  ])('%s is rejected, and does not wait there', async (_name, more, code) => {
    // A site whose file promises more than it has.
    const queue = realQueue(program, { partition: { maxMinutes: 600, cpus: 1000, memoryGiB: 1000 } })
    const request = job('succeed', { resources: { ...resources, ...more } })
    await expect(queue.submit(request)).rejects.toMatchObject({ kind: 'rejected', code })
    const left = await realQueue(program).findByKey(request.key, new Date())
    expect(left.filter(({ state }) => state !== 'ended')).toEqual([])
  })

  test('where the node is drained it waits with a note, and runs when the node comes back', async () => {
    scontrol(['update', 'nodename=one', 'state=drain', 'reason=test'])
    const queue = realQueue(program)
    try {
      const { jobId, warnings } = await queue.submit(job('succeed'))
      expect(warnings).toEqual(['slurm 2068'])
      expect(await queue.get(jobId)).toMatchObject({ state: 'pending' })
      scontrol(['update', 'nodename=one', 'state=resume'])
      expect(await untilEnded(queue, jobId, 30)).toMatchObject({ outcome: 'completed' })
    } finally {
      if (/DRAIN/.test(scontrol(['show', 'node', 'one'])))
        scontrol(['update', 'nodename=one', 'state=resume'])
    }
  })

  test('in a folder that is not there is the site’s failure', async () => {
    const { folder } = realSite()
    const queue = realQueue(program, { folder: { here: folder.here, there: '/nowhere' } })
    const { jobId } = await queue.submit(job('succeed'))
    expect(await untilEnded(queue, jobId)).toMatchObject({ outcome: 'infrastructure' })
  })
})

describe('a job of the other account', () => {
  test('is unknown, and cannot be cancelled', async () => {
    const site = realSite()
    const grade = realQueue(program)
    const { jobId } = await grade.submit(job('sleep', { stage: 'grade' }))
    await untilRunning(grade, jobId)
    const onlyWork = realQueue(program, { accounts: { work: site.accounts.work, grade: site.accounts.work } })
    expect(await onlyWork.get(jobId)).toBe('unknown')
    await onlyWork.cancel(jobId)
    expect(await grade.get(jobId)).toMatchObject({ state: 'running' })
    await grade.cancel(jobId)
    expect(await untilEnded(grade, jobId)).toMatchObject({ outcome: 'cancelled' })
  })
})

test('a controller that is away: a submit is unconfirmed, the rest unavailable; a slurmrestd that is away took nothing', async () => {
  const queue = realQueue(program)
  const { jobId } = await queue.submit(job('succeed'))
  await untilEnded(queue, jobId)
  // Each knows nothing of what the others heard.
  const [one, two, three, four] = [1, 2, 3, 4].map(() => realQueue(program))
  controller('stop')
  try {
    const [submit, question, cancel, health] = await Promise.allSettled([
      one?.submit(job('succeed')),
      two?.get(jobId),
      three?.cancel(jobId),
      four?.health(),
    ])
    expect(submit).toMatchObject({ reason: { kind: 'unconfirmed' } })
    expect(question).toMatchObject({ reason: { kind: 'unavailable' } })
    expect(cancel).toMatchObject({ reason: { kind: 'unavailable' } })
    expect(health).toMatchObject({ value: 'down' })
  } finally {
    controller('start')
  }
  expect(await queue.health()).toBe('up')
  const nobody = realQueue(program, { url: 'http://127.0.0.1:1' })
  await expect(nobody.submit(job('succeed'))).rejects.toMatchObject({ kind: 'unavailable' })
  await expect(nobody.findByKey(freshKey(), new Date())).rejects.toMatchObject({ kind: 'unavailable' })
})

test('a version or an accounting that is not served is rejected as a matter of configuration', async () => {
  const other = realQueue(program, { apiVersion: 'v0.0.42' })
  await expect(other.submit(job('succeed'))).rejects.toMatchObject({ kind: 'rejected' })
  expect(await other.health()).toBe('down')
  const noAccounting = realQueue(program, { accounting: true })
  await expect(noAccounting.get('999999')).rejects.toMatchObject({ kind: 'rejected' })
})
