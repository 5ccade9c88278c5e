import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type LocalQueueOptions, localQueue } from '#adapters/local/queue.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { contractProgram, freshKey, job, queueContract, untilEnded, untilRunning } from './queue.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'academy-jobs-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function open(more: Partial<LocalQueueOptions> = {}) {
  const queue = localQueue({
    folder: temporaryFolder(),
    clock: systemClock,
    program: contractProgram,
    graceMs: 300,
    ...more,
  })
  onTestFinished(() => queue.stop())
  return queue
}

queueContract('the local executor', async () => {
  const queue = open()
  return { queue, files: queue.files }
})

const limits = job('succeed').limits

describe.each([
  ['under prlimit', true],
  ['without prlimit', false],
])('the local executor %s', (_name, usePrlimit) => {
  test.each(['eat-memory', 'eat-heap'])('%s ends as out-of-memory', async (program) => {
    const queue = open({ usePrlimit })
    const { jobId } = await queue.submit(job(program, { limits: { ...limits, memoryMiB: 128 } }))
    expect(await untilEnded(queue, jobId)).toMatchObject({ outcome: 'out-of-memory' })
  })

  test.each(['print-for-ever', 'write-for-ever'])('%s ends as output-limit', async (program) => {
    const queue = open({ usePrlimit })
    const { jobId } = await queue.submit(job(program))
    expect(await untilEnded(queue, jobId)).toMatchObject({ outcome: 'output-limit' })
  })

  test('the evidence says how limits are held', async () => {
    const queue = open({ usePrlimit })
    const { jobId } = await queue.submit(job('succeed'))
    const { hardware } = await untilEnded(queue, jobId)
    // prlimit exists on Linux alone.
    const held = usePrlimit && process.platform === 'linux' ? 'enforced' : 'watched'
    expect(hardware).toMatchObject({ limits: held, gpus: 0 })
    expect(hardware?.cores).toBeGreaterThan(0)
  })
})

describe('the local executor', () => {
  test.runIf(process.platform === 'linux')(
    'a job that burns its processor time ends as timeout',
    async () => {
      const queue = open()
      const { jobId } = await queue.submit(job('burn', { limits: { ...limits, cpuSeconds: 1 } }))
      expect(await untilEnded(queue, jobId)).toMatchObject({ outcome: 'timeout', reason: 'CPU_LIMIT' })
    },
  )

  test('a child that a job leaves behind ends with it', async () => {
    const queue = open()
    const { jobId } = await queue.submit(job('leave-child'))
    await untilEnded(queue, jobId)
    const pid = Number(new TextDecoder().decode(await queue.files.read(jobId, 'child.txt', 100)))
    await expect.poll(() => stateOf(pid), { timeout: 3000 }).toBe('gone')
  })

  test('a secret reaches the job on standard input and lies nowhere', async () => {
    const folder = temporaryFolder()
    const queue = open({ folder })
    const secret = new TextEncoder().encode('a secret of one run')
    const { jobId } = await queue.submit(job('look-around', { secret }))
    await untilEnded(queue, jobId)
    const seen = JSON.parse(new TextDecoder().decode(await queue.files.read(jobId, 'seen.json', 10_000)))
    expect(Buffer.from(seen.secret, 'base64').toString()).toBe('a secret of one run')
    expect(JSON.stringify(seen.environment)).not.toContain('secret of')
    expect(readFileSync(join(folder, jobId, 'job.json'), 'utf8')).not.toContain('secret of')
  })

  test('jobs wait for a free slot, and one that waits can be cancelled', async () => {
    const queue = open()
    const first = await queue.submit(job('sleep'))
    await untilRunning(queue, first.jobId)
    const second = await queue.submit(job('succeed'))
    const third = await queue.submit(job('succeed'))
    expect(await queue.get(second.jobId)).toMatchObject({ state: 'pending' })
    await queue.cancel(second.jobId)
    expect(await queue.get(second.jobId)).toMatchObject({ state: 'ended', outcome: 'cancelled' })
    await queue.cancel(first.jobId)
    expect(await untilEnded(queue, third.jobId)).toMatchObject({ outcome: 'completed' })
  })

  test('a restart ends orphans and calls them the failure of the site', async () => {
    const folder = temporaryFolder()
    const before = open({ folder })
    const running = await before.submit(job('sleep'))
    const waiting = await before.submit(job('succeed'))
    await untilRunning(before, running.jobId)
    const { pid } = JSON.parse(readFileSync(join(folder, running.jobId, 'job.json'), 'utf8'))
    // A second executor on the folder is what a restart after kill -9 looks like to the journal.
    const after = open({ folder })
    for (const jobId of [running.jobId, waiting.jobId]) {
      expect(await after.get(jobId)).toMatchObject({ outcome: 'infrastructure', reason: 'NODE_FAIL' })
    }
    await expect.poll(() => stateOf(pid), { timeout: 3000 }).toBe('gone')
  })

  test('a job whose start was already claimed never starts again', async () => {
    const folder = temporaryFolder()
    const request = job('succeed')
    mkdirSync(join(folder, request.key, 'started'), { recursive: true })
    const queue = open({ folder })
    const { jobId } = await queue.submit(request)
    expect(await untilEnded(queue, jobId)).toMatchObject({ outcome: 'infrastructure' })
    expect(await queue.files.read(jobId, 'result.txt', 100)).toBeUndefined()
  })

  test('a folder left without its entry by a cut-off submit is used again', async () => {
    const folder = temporaryFolder()
    const request = job('succeed', { inputs: [{ name: 'a.txt', bytes: new Uint8Array(1) }] })
    mkdirSync(join(folder, request.key, 'work', 'out'), { recursive: true })
    writeFileSync(join(folder, request.key, 'work', 'a.txt'), 'half')
    const queue = open({ folder })
    const { jobId } = await queue.submit(request)
    expect(await untilEnded(queue, jobId)).toMatchObject({ outcome: 'completed' })
  })

  test('an executor that stops takes no more jobs and is down', async () => {
    const queue = open()
    await queue.stop()
    expect(await queue.health()).toBe('down')
    await expect(queue.submit(job('succeed'))).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test('a hostile value leaves nothing behind outside its own file', async () => {
    const folder = temporaryFolder()
    const queue = open({ folder })
    const bytes = new TextEncoder().encode('$(touch owned); `touch owned`')
    const { jobId } = await queue.submit(job('look-around', { inputs: [{ name: 'v.txt', bytes }] }))
    await untilEnded(queue, jobId)
    expect(readdirSync(join(folder, jobId, 'work')).sort()).toEqual(['out', 'v.txt'])
    expect(existsSync('owned')).toBe(false)
  })

  test('a practical without the stage is rejected', async () => {
    const queue = open({ program: () => undefined })
    await expect(queue.submit(job('succeed', { key: freshKey() }))).rejects.toMatchObject({
      kind: 'rejected',
    })
  })
})

/** A zombie has ended too: it only waits to be read by its parent. */
function stateOf(pid: number): 'alive' | 'gone' {
  try {
    process.kill(pid, 0)
  } catch {
    return 'gone'
  }
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, ' ')) ? 'gone' : 'alive'
  } catch {
    return 'gone'
  }
}
