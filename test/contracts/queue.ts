import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { JobFiles, JobRequest, Queue, QueueJob } from '#core/practicals/queue.ts'

/** What a queue under test brings: itself, and a way to reach the programs of this suite by name. */
export interface QueueUnderTest {
  queue: Queue
  files: JobFiles
}

/** Programs any site must be able to run; `id` of the practical is the name of the program. */
export const contractProgram = ({ id }: { id: string }): string =>
  fileURLToPath(new URL(`./queue-programs/${id}.mjs`, import.meta.url))

const letters = 'abcdefghijklmnopqrstuvwxyz234567'
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  return `ska-${[...bytes].map((byte) => letters[byte & 31]).join('')}`
}

export function job(program: string, more: Partial<JobRequest> = {}): JobRequest {
  return {
    key: freshKey(),
    stage: 'work',
    partition: 'academy',
    practical: { id: program, version: 1 },
    environment: {},
    inputs: [],
    isolation: 'none',
    resources: { gpus: 0, cpus: 1, tasks: 1, memoryGiB: 0.25, minutes: 2, arch: ['x86_64', 'aarch64'] },
    ...more,
    limits: {
      wallSeconds: 20,
      cpuSeconds: 20,
      memoryMiB: 256,
      outputBytes: 1_000_000,
      openFiles: 128,
      processes: 32,
      ...more.limits,
    },
  }
}

export type EndedJob = Extract<QueueJob, { state: 'ended' }>

/** Asks until the job has ended. */
export async function untilEnded(queue: Queue, jobId: string, seconds = 15): Promise<EndedJob> {
  for (let waited = 0; waited < seconds * 20; waited++) {
    const found = await queue.get(jobId)
    if (found === 'unknown') throw new Error('the queue has forgotten the job')
    if (found.state === 'ended') return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the job has not ended in time')
}

/** Asks until the job runs. */
export async function untilRunning(queue: Queue, jobId: string): Promise<void> {
  for (let waited = 0; waited < 200; waited++) {
    const found = await queue.get(jobId)
    if (found !== 'unknown' && found.state === 'running') return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('the job has not started in time')
}

const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes)

/** What every queue must do, whatever runs behind it. */
export function queueContract(name: string, open: () => Promise<QueueUnderTest>): void {
  describe(`the contract of Queue on ${name}`, () => {
    test('a job runs, ends completed and hands over its file', async () => {
      const { queue, files } = await open()
      const { jobId } = await queue.submit(job('succeed'))
      const ended = await untilEnded(queue, jobId)
      expect(ended).toMatchObject({ outcome: 'completed', exitCode: 0 })
      expect(ended.endedAt.getTime()).toBeGreaterThanOrEqual(ended.startedAt?.getTime() ?? Number.NaN)
      const bytes = await files.read(ended.key, 'result.txt', 100)
      expect(new TextDecoder().decode(bytes)).toBe('done')
    })

    test('a job that returns another code has failed', async () => {
      const { queue } = await open()
      const { jobId } = await queue.submit(job('fail'))
      expect(await untilEnded(queue, jobId)).toMatchObject({ outcome: 'failed', exitCode: 3 })
    })

    test('the same key runs once and is found by it', async () => {
      const { queue } = await open()
      const request = job('succeed')
      const since = new Date(Date.now() - 60_000)
      const [first, second] = await Promise.all([queue.submit(request), queue.submit(request)])
      expect(second.jobId).toBe(first.jobId)
      const found = await queue.findByKey(request.key, since)
      expect(found).toMatchObject([{ jobId: first.jobId, key: request.key }])
      await untilEnded(queue, first.jobId)
    })

    test('an unknown job is unknown, and cancelling it is no error', async () => {
      const { queue } = await open()
      expect(await queue.get(freshKey())).toBe('unknown')
      expect(await queue.findByKey(freshKey(), new Date(0))).toEqual([])
      await queue.cancel(freshKey())
    })

    test('a list tells of the jobs that are asked for and of no other', async () => {
      const { queue } = await open()
      const [first, second, other] = await Promise.all(
        ['succeed', 'fail', 'succeed'].map((program) => queue.submit(job(program))),
      )
      if (!first || !second || !other) throw new Error('not submitted')
      for (const { jobId } of [first, second, other]) await untilEnded(queue, jobId)
      const ids = [first.jobId, second.jobId, '4000000000', 'no-id']
      // A list may lag behind; what it is silent about is asked for by itself.
      await expect
        .poll(async () => [...(await queue.list(ids)).keys()].sort(), { timeout: 10_000, interval: 500 })
        .toEqual([first.jobId, second.jobId].sort())
      const told = await queue.list(ids)
      expect(told.get(first.jobId)).toEqual(await queue.get(first.jobId))
      expect(told.get(second.jobId)).toMatchObject({ state: 'ended', outcome: 'failed' })
      expect(await queue.list([])).toEqual(new Map())
    })

    test('the end of what a work job printed can be read, and nothing of a grade job', async () => {
      const { queue, files } = await open()
      const [work, grade] = await Promise.all([
        queue.submit(job('chatter')),
        queue.submit(job('chatter', { stage: 'grade' })),
      ])
      const [ofWork, ofGrade] = [await untilEnded(queue, work.jobId), await untilEnded(queue, grade.jobId)]
      await expect
        .poll(async () => textOf(await files.workLogTail(ofWork, 12)), { timeout: 5000 })
        .toBe('last words\n'.padStart(12, '\n'))
      expect(await files.workLogTail(ofGrade, 12)).toBeUndefined()
      expect(await files.workLogTail({ key: freshKey(), jobId: '4000000000' }, 12)).toBeUndefined()
    })

    test('a running job can be cancelled, twice, though it is deaf to a polite signal', async () => {
      const { queue } = await open()
      const { jobId } = await queue.submit(job('sleep'))
      await untilRunning(queue, jobId)
      await queue.cancel(jobId)
      await queue.cancel(jobId)
      expect(await untilEnded(queue, jobId)).toMatchObject({ outcome: 'cancelled' })
      await queue.cancel(jobId)
    })

    test('a job that outlives its wall time ends as timeout', async () => {
      const { queue } = await open()
      const { jobId } = await queue.submit(
        job('sleep', { limits: { ...job('sleep').limits, wallSeconds: 1 } }),
      )
      expect(await untilEnded(queue, jobId)).toMatchObject({ outcome: 'timeout' })
    })

    test('only what was given reaches the job: no environment of ours, no argument', async () => {
      const { queue, files } = await open()
      const request = job('look-around', { environment: { SKA_ATTEMPT: 'k3vq7m2a-att-x' } })
      const { jobId } = await queue.submit(request)
      expect(await untilEnded(queue, jobId)).toMatchObject({ outcome: 'completed' })
      const seen = JSON.parse(new TextDecoder().decode(await files.read(request.key, 'seen.json', 100_000)))
      expect(seen.environment).toMatchObject({ SKA_ATTEMPT: 'k3vq7m2a-att-x' })
      expect(Object.keys(seen.environment)).not.toContain('HOME')
      expect(Object.keys(seen.environment)).not.toContain('VITEST')
      expect(seen.arguments).toEqual([])
    })

    const hostile = [
      '$(touch owned)',
      '`touch owned`',
      '"; touch owned; "',
      "' ; touch owned '",
      'line\nbreak\r\n#SBATCH --time=999',
      'comma,SKA_KEY=1',
      'NUL \0 inside',
      '../../escape',
      '\u202eright to left',
      'x'.repeat(100_000),
      // As large as a job's inputs may be, beside the ones above.
      'é'.repeat(450_000),
    ]
    test('values of a learner arrive byte for byte in a file and are never run', async () => {
      const { queue, files } = await open()
      const inputs = hostile.map((text, at) => ({
        name: `v${at}.txt`,
        bytes: new TextEncoder().encode(text),
      }))
      const limits = { ...job('p').limits, outputBytes: 8_000_000 }
      const { jobId } = await queue.submit(job('look-around', { inputs, limits }))
      const { key, ...ended } = await untilEnded(queue, jobId)
      expect(ended).toMatchObject({ outcome: 'completed' })
      const seen = JSON.parse(new TextDecoder().decode(await files.read(key, 'seen.json', 4_000_000)))
      for (const [at, text] of hostile.entries()) {
        expect(Buffer.from(seen.inputs[`v${at}.txt`], 'base64').toString()).toBe(text)
      }
    })

    const forbidden = hostile.filter((text) => /[^A-Za-z0-9._:/@+=-]/.test(text))
    test.each(forbidden)('as an environment value %j is rejected', async (value) => {
      const { queue } = await open()
      await expect(queue.submit(job('succeed', { environment: { SKA_VALUE: value } }))).rejects.toMatchObject(
        {
          kind: /^[A-Za-z0-9._:/@+=-]*$/.test(value) ? 'never' : 'rejected',
        },
      )
    })

    test.each(['PATH', 'LD_PRELOAD', 'BASH_ENV', 'SLURM_JOB_ID', 'NODE_OPTIONS', 'SKA_a', ''])(
      'the environment name %j is rejected',
      async (name) => {
        const { queue } = await open()
        const submitted = queue.submit(job('succeed', { environment: { [name]: 'x' } }))
        await expect(submitted).rejects.toMatchObject({ kind: 'rejected' })
      },
    )

    test.each(['../up', '/etc/passwd', 'A', '.hidden', 'a/b', '', 'out', 'artefact'])(
      'the input name %j is rejected',
      async (name) => {
        const { queue } = await open()
        const submitted = queue.submit(job('succeed', { inputs: [{ name, bytes: new Uint8Array(1) }] }))
        await expect(submitted).rejects.toMatchObject({ kind: 'rejected' })
      },
    )

    test.each(['ska-short', 'ska-AAAAAAAAAAAAAAAAAAAAAAAA', '../../../../../../../../etc', ''])(
      'the key %j is rejected',
      async (key) => {
        const { queue } = await open()
        await expect(queue.submit(job('succeed', { key }))).rejects.toMatchObject({ kind: 'rejected' })
      },
    )

    test('inputs of more than 1 MiB are rejected', async () => {
      const { queue } = await open()
      const inputs = [{ name: 'large', bytes: new Uint8Array(1024 * 1024 + 1) }]
      await expect(queue.submit(job('succeed', { inputs }))).rejects.toMatchObject({ kind: 'rejected' })
    })

    const { resources } = job('succeed')
    test.each([
      ['accelerators', { ...resources, gpus: 1000 }],
      ['a machine of another kind', { ...resources, arch: [] }],
      ['processors that cannot be shared evenly', { ...resources, cpus: 3, tasks: 2 }],
    ])('a job that asks for %s nobody there has is rejected, not left to wait', async (_title, asked) => {
      const { queue } = await open()
      const submitted = queue.submit(job('succeed', { resources: asked }))
      await expect(submitted).rejects.toMatchObject({
        kind: 'rejected',
        message: expect.stringMatching(/^resources\./),
      })
    })

    test('only plain files of a fitting size are handed over', async () => {
      const { queue, files } = await open()
      const { jobId } = await queue.submit(job('trick'))
      const { key, ...ended } = await untilEnded(queue, jobId)
      expect(ended).toMatchObject({ outcome: 'completed' })
      expect(await files.read(key, 'plain.txt', 100)).toBeDefined()
      for (const name of ['large.txt', 'link.txt', 'folder.txt', 'absent.txt', '../job.json', '../../x']) {
        expect(await files.read(key, name, 4000)).toBeUndefined()
      }
    })

    test('a later job gets a copy of the plain files of an earlier one', async () => {
      const { queue, files } = await open()
      const first = await queue.submit(job('trick'))
      const earlier = await untilEnded(queue, first.jobId)
      const second = await queue.submit(job('read-artefact', { stage: 'grade', artefactOf: earlier.key }))
      const { key, ...ended } = await untilEnded(queue, second.jobId)
      expect(ended).toMatchObject({ outcome: 'completed' })
      const list = JSON.parse(new TextDecoder().decode(await files.read(key, 'artefact-list.json', 1000)))
      expect(list.sort()).toEqual(['large.txt', 'plain.txt'])
    })

    test('what a job was given and left can be forgotten; forgetting what is not there is fine', async () => {
      const { queue, files } = await open()
      const { jobId } = await queue.submit(job('succeed'))
      const { key } = await untilEnded(queue, jobId)
      expect(await files.read(key, 'result.txt', 100)).toBeDefined()
      await files.forget(key)
      await files.forget(key)
      await files.forget(freshKey())
      await files.forget('../../etc')
      expect(await files.read(key, 'result.txt', 100)).toBeUndefined()
    })

    test('a queue that runs is up', async () => {
      expect(await (await open()).queue.health()).toBe('up')
    })
  })
}
