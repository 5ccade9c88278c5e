import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { toQueueJob } from '#adapters/slurm/job-facts.ts'
import { slurmVersions, zAccountedJobs, zControllerJobs } from '#adapters/slurm/z-slurm.ts'
import { job } from '#test/contracts/queue.ts'
import { type ScriptedAnswer, scriptedSite } from '#test/slurm/scripted-site.ts'
import { referencePath } from './reference-data.ts'

interface Recorded {
  request: { method: string; path: string }
  response: { status?: number; body?: unknown; text?: string }
}
const folder = referencePath('slurm', 'recorded')
const recorded = (name: string): Recorded => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'))
const answerOf = (name: string): ScriptedAnswer => {
  const { status = 0, body, text } = recorded(name).response
  return { status, body: body ?? text }
}
const machine = { cpu: 'a processor', limits: 'enforced' as const }

describe('recorded answers of a real Slurm to a submit', () => {
  test.each([
    ['submit-ok', []],
    ['submit-gpu', []],
    ['submit-on-hold', ['slurm 2042']],
    ['submit-while-drained', ['slurm 2068']],
    ['submit-error-partition-down', []],
    ['submit-same-name-singleton', []],
  ])('%s: the job exists', async (name, warnings) => {
    const { queue } = await scriptedSite(() => answerOf(name))
    const said = await queue.submit(job('p'))
    expect(said.warnings).toEqual(warnings)
    expect(Number(said.jobId)).toBeGreaterThan(0)
  })

  test.each([
    ['auth-no-headers-submit', 'auth'],
    ['auth-expired-submit', 'unconfirmed'],
    ['auth-bad-signature-submit', 'unconfirmed'],
    ['ctld-down-submit', 'unconfirmed'],
    ['submit-error-partition-unknown', 'rejected'],
    ['submit-error-gpu-too-many', 'rejected'],
    ['submit-error-gpu-type-unknown', 'rejected'],
    ['submit-error-memory-too-much', 'rejected'],
    ['submit-error-gres-unknown', 'rejected'],
    ['submit-error-unknown-field', 'rejected'],
    ['submit-error-wrong-type', 'rejected'],
    ['submit-error-no-environment', 'rejected'],
    ['submit-error-no-script', 'rejected'],
    ['submit-error-malformed-json', 'rejected'],
    ['submit-error-empty-body', 'rejected'],
    ['submit-error-environment-as-list-v0.0.39-style', 'rejected'],
    ['submit-error-number-object-v0.0.39-style', 'rejected'],
    ['submit-tres-per-node-gpu', 'rejected'],
    ['submit-big-script', 'rejected'],
    ['submit-error-time-limit-over-partition', 'rejected'],
    ['submit-error-cpus-too-many', 'rejected'],
    ['version-not-loaded', 'rejected'],
  ])('%s is %s', async (name, kind) => {
    const ok = { status: 200, body: { errors: [] } }
    const { queue } = await scriptedSite(({ method }) => (method === 'DELETE' ? ok : answerOf(name)))
    await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind })
  })
})

describe('recorded answers about a job', () => {
  test.each([
    ['job-running', { state: 'running', hardware: { cores: 1 } }],
    ['job-just-cancelled', { state: 'running' }],
    ['job-pending-resources', { state: 'pending', reason: 'Resources' }],
    ['job-pending-singleton', { state: 'pending', reason: 'Dependency' }],
    ['job-after-partition-down', { state: 'pending', reason: 'PartitionDown' }],
    ['job-after-time-limit-over-partition', { state: 'pending', reason: 'PartitionTimeLimit' }],
    ['job-completed', { outcome: 'completed', exitCode: 0 }],
    ['job-failed-exit-3', { outcome: 'failed', exitCode: 3 }],
    ['job-failed-signal-11', { outcome: 'failed' }],
    ['job-after-usr1', { outcome: 'failed' }],
    ['job-out-of-memory-without-cgroup', { outcome: 'failed' }],
    ['job-out-of-memory', { outcome: 'out-of-memory' }],
    ['job-timeout', { outcome: 'timeout' }],
    ['job-cancelled', { outcome: 'cancelled' }],
    ['job-cancelled-before-start', { outcome: 'cancelled' }],
    ['job-node-fail', { outcome: 'infrastructure', reason: 'NODE_FAIL' }],
    ['job-after-bad-cwd', { outcome: 'infrastructure', reason: 'JobLaunchFailure' }],
  ])('%s', (name, expected) => {
    const [decoded] = zControllerJobs.parse(recorded(name).response.body).jobs
    expect(decoded?.user).toBe('learner')
    expect(decoded && toQueueJob(decoded, machine)).toMatchObject(expected)
  })

  test('every recorded list of jobs can be read', () => {
    const names = readdirSync(folder).filter((name) => /^jobs?-.*\.json$/.test(name))
    const lists = names
      .map((name) => recorded(name.slice(0, -5)).response)
      .filter(
        ({ status, body }) =>
          status === 200 && z.object({ jobs: z.array(z.unknown()).min(1) }).safeParse(body).success,
      )
    expect(lists.length).toBeGreaterThan(30)
    for (const { body } of lists) expect(zControllerJobs.parse(body).jobs.length).toBeGreaterThan(0)
  })

  test.each(['job-unknown-id', 'job-of-other-user', 'no-slurmdb/job-left-memory'])(
    '%s is unknown',
    async (name) => {
      const { queue } = await scriptedSite(() => answerOf(name))
      expect(await queue.get('5')).toBe('unknown')
    },
  )

  test.each([
    ['auth-expired', 'unavailable'],
    ['auth-bearer', 'auth'],
    ['ctld-down-jobs', 'unavailable'],
    ['ctld-down-nodes', 'unavailable'],
    ['path-unknown', 'rejected'],
  ])('%s is %s', async (name, kind) => {
    const { queue } = await scriptedSite(() => answerOf(name))
    await expect(queue.get('5')).rejects.toMatchObject({ kind })
  })

  test('a job that has left memory is found in the accounting, by its id and by its name', async () => {
    const { queue, asked } = await scriptedSite(
      ({ path }) =>
        answerOf(path.startsWith('/slurmdb/') ? 'slurmdb/slurmdb-job' : 'slurmdb/job-left-memory'),
      { accounting: true },
    )
    const [accounted] = zAccountedJobs.parse(recorded('slurmdb/slurmdb-job').response.body).jobs
    expect(accounted).toMatchObject({ user: 'learner' })
    expect(accounted && toQueueJob(accounted, machine)).toMatchObject({
      outcome: 'completed',
      hardware: { cores: 1 },
    })
    // Its name is not a key of ours, so the adapter does not take it for one.
    expect(await queue.get(accounted?.jobId ?? '')).toBe('unknown')
    expect(asked.some(({ path }) => path.startsWith('/slurmdb/v0.0.38/job/'))).toBe(true)
  })

  test('the accounting that finds nothing finds nothing', async () => {
    const { queue } = await scriptedSite(
      ({ path }) =>
        answerOf(
          path.startsWith('/slurmdb/') ? 'slurmdb/slurmdb-jobs-by-name-none' : 'slurmdb/jobs-list-empty',
        ),
      { accounting: true },
    )
    expect(await queue.findByKey(job('p').key, new Date())).toEqual([])
  })
})

describe('recorded answers to a cancel', () => {
  test.each(['cancel-running', 'cancel-pending', 'cancel-already-completed', 'cancel-unknown-id'])(
    '%s is done',
    async (name) => {
      const { queue } = await scriptedSite(({ method }) =>
        answerOf(method === 'DELETE' ? name : 'job-running'),
      )
      await queue.cancel(runningId())
    },
  )
  test.each([
    ['cancel-job-of-other-user', 'rejected'],
    ['ctld-down-cancel', 'unavailable'],
  ])('%s is %s', async (name, kind) => {
    const { queue } = await scriptedSite(({ method }) => answerOf(method === 'DELETE' ? name : 'job-running'))
    await expect(queue.cancel(runningId())).rejects.toMatchObject({ kind })
  })
})

const runningId = () => zControllerJobs.parse(recorded('job-running').response.body).jobs[0]?.jobId ?? ''

test.each([
  ['ping', 'up'],
  ['ctld-down-ping', 'down'],
  ['version-not-loaded', 'down'],
])('%s is %s', async (name, said) => {
  expect(await (await scriptedSite(() => answerOf(name))).queue.health()).toBe(said)
})

type Schema = Record<string, unknown>

/** The schema of one type of a version, in which a member nobody described is an error. */
function schemaOf(version: string, name: string): z.ZodType {
  const api = JSON.parse(readFileSync(referencePath('slurm', 'openapi', `${version}.json`), 'utf8')) as {
    components: { schemas: Record<string, Schema> }
  }
  const strict = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strict)
    if (typeof value !== 'object' || value === null) return value
    const copied = Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
        if (key === '$ref') return [[key, String(inner).replace('#/components/schemas/', '#/$defs/')]]
        // A mark for readers, not for values.
        const mark = ['deprecated', 'description'].includes(key) && typeof inner !== 'object'
        return mark ? [] : [[key, strict(inner)]]
      }),
    )
    return copied['type'] === 'object' && 'properties' in copied
      ? { ...copied, additionalProperties: false }
      : copied
  }
  const $defs = strict(api.components.schemas) as Record<string, Schema>
  return z.fromJSONSchema({ $defs, ...$defs[`${version}_${name}`] } as Parameters<typeof z.fromJSONSchema>[0])
}

describe.each(slurmVersions.filter((version) => version !== 'v0.0.38'))(
  'the published description of %s',
  (version) => {
    const number = (value: number) => ({ set: true, infinite: false, number: value })

    test('describes the body of our submit', async () => {
      const schema = schemaOf(version, 'job_submit_req')
      const { queue, asked } = await scriptedSite(() => ({ status: 200, body: { job_id: 7, errors: [] } }), {
        apiVersion: version,
        account: 'academy',
        qos: 'normal',
        partition: { gpus: { type: 'h200', count: 2 } },
      })
      const resources = { ...job('p').resources, gpus: 2 }
      await queue.submit(job('p', { environment: { SKA_ATTEMPT: 'x' }, resources }))
      const body = JSON.parse(asked[0]?.body ?? '') as { job: Record<string, unknown> }
      expect(asked[0]?.path).toBe(`/slurm/${version}/job/submit`)
      expect(() => schema.parse(body)).not.toThrow()
      expect(body.job).toMatchObject({
        account: 'academy',
        qos: 'normal',
        tres_per_node: 'gres/gpu:h200:2',
        time_limit: number(2),
      })
      // The schema is really strict: shapes of the older dialect do not pass.
      for (const wrong of [{ environment: { A: 'b' } }, { time_limit: 2 }, { gres: 'gpu:1' }, { nodes: 1 }])
        expect(schema.safeParse({ job: { ...body.job, ...wrong } }).success).toBe(false)
    })

    const described = {
      job_id: 5,
      name: job('p').key,
      user_name: 'learner',
      partition: 'gpu',
      job_state: ['RUNNING'],
      state_reason: 'None',
      exit_code: {
        status: ['SUCCESS'],
        return_code: number(0),
        signal: { id: { set: false, infinite: false, number: 0 }, name: '' },
      },
      start_time: number(1_795_436_285),
      end_time: number(1_795_436_405),
      tres_alloc_str: 'cpu=4,mem=8G,node=1,billing=4,gres/gpu=2',
      gres_detail: ['gpu:h200:2(IDX:0-1)'],
    }

    test('describes the list of jobs we read', () => {
      const answer = {
        jobs: [described],
        errors: [],
        warnings: [],
        last_update: number(1),
        last_backfill: number(1),
      }
      expect(() => schemaOf(version, 'openapi_job_info_resp').parse(answer)).not.toThrow()
      const [decoded] = zControllerJobs.parse(answer).jobs
      expect(decoded && toQueueJob(decoded, machine)).toMatchObject({
        state: 'running',
        startedAt: new Date(1_795_436_285_000),
        hardware: { cores: 4, memoryGiB: 8, gpus: 2, gpuType: 'h200' },
      })
    })

    test.each([
      [['COMPLETED'], 0, 'completed'],
      [['FAILED'], 3, 'failed'],
      [['TIMEOUT'], 0, 'timeout'],
      [['OUT_OF_MEMORY'], 0, 'out-of-memory'],
      [['CANCELLED'], 0, 'cancelled'],
      [['NODE_FAIL'], 0, 'infrastructure'],
      [['LAUNCH_FAILED'], 0, 'infrastructure'],
    ])('describes the end %j with code %i', (job_state, code, outcome) => {
      const exit_code = { ...described.exit_code, return_code: number(code) }
      const answer = {
        jobs: [{ ...described, job_state, exit_code }],
        errors: [],
        last_update: number(1),
        last_backfill: number(1),
      }
      expect(() => schemaOf(version, 'openapi_job_info_resp').parse(answer)).not.toThrow()
      const [decoded] = zControllerJobs.parse(answer).jobs
      expect(decoded && toQueueJob(decoded, machine)).toMatchObject({ state: 'ended', outcome })
    })

    test('describes what the accounting keeps', () => {
      const time = { start: 1_795_436_285, end: 1_795_436_405, elapsed: 120, submission: 1 }
      const accounted = {
        job_id: 5,
        name: described.name,
        user: 'learner',
        partition: 'gpu',
        state: { current: ['COMPLETED'], reason: 'None' },
        exit_code: described.exit_code,
        time,
        tres: {
          allocated: [
            { type: 'cpu', name: '', id: 1, count: 4 },
            { type: 'gres', name: 'gpu', id: 1001, count: 2 },
          ],
        },
      }
      const answer = { jobs: [accounted], errors: [] }
      expect(() => schemaOf(version, 'openapi_slurmdbd_jobs_resp').parse(answer)).not.toThrow()
      const [decoded] = zAccountedJobs.parse(answer).jobs
      expect(decoded && toQueueJob(decoded, machine)).toMatchObject({
        outcome: 'completed',
        hardware: { cores: 4, gpus: 2 },
      })
    })

    test('describes the answer to a submit and an error', async () => {
      const schema = schemaOf(version, 'openapi_job_submit_response')
      const ok = { job_id: 7, errors: [], warnings: [], job_submit_user_msg: '' }
      const no = { errors: [{ error_number: 2000, error: 'text', description: 'text', source: 'text' }] }
      for (const body of [ok, no]) expect(() => schema.parse(body)).not.toThrow()
      const good = await scriptedSite(() => ({ status: 200, body: ok }), { apiVersion: version })
      expect(await good.queue.submit(job('p'))).toMatchObject({ jobId: '7' })
      const bad = await scriptedSite(() => ({ status: 500, body: no }), { apiVersion: version })
      await expect(bad.queue.submit(job('p'))).rejects.toMatchObject({ kind: 'rejected', code: 2000 })
    })

    test('describes the answers to a cancel and a ping', async () => {
      const killed = { status: [], errors: [], warnings: [] }
      expect(() => schemaOf(version, 'openapi_kill_job_resp').parse(killed)).not.toThrow()
      const listed = { jobs: [described], errors: [], last_update: number(1), last_backfill: number(1) }
      const { queue, asked } = await scriptedSite(
        ({ method }) => ({ status: 200, body: method === 'DELETE' ? killed : listed }),
        { apiVersion: version },
      )
      await queue.cancel('5')
      expect(asked.at(-1)).toMatchObject({ method: 'DELETE', path: `/slurm/${version}/job/5` })
      const pinged = (responding: boolean) => ({
        pings: [{ hostname: 'host', responding, latency: 5, primary: true }],
      })
      for (const [responding, said] of [
        [true, 'up'],
        [false, 'down'],
      ] as const) {
        expect(() => schemaOf(version, 'openapi_ping_array_resp').parse(pinged(responding))).not.toThrow()
        const site = await scriptedSite(() => ({ status: 200, body: pinged(responding) }), {
          apiVersion: version,
        })
        expect(await site.queue.health()).toBe(said)
        expect(site.asked[0]?.path).toBe(`/slurm/${version}/ping/`)
      }
    })

    test('describes a submit into a reservation', async () => {
      const { queue, asked } = await scriptedSite(() => ({ status: 200, body: { job_id: 7, errors: [] } }), {
        apiVersion: version,
      })
      await queue.submit(job('p', { reservation: 'academy-day' }))
      const body = JSON.parse(asked[0]?.body ?? '')
      expect(() => schemaOf(version, 'job_submit_req').parse(body)).not.toThrow()
      expect(body.job.reservation).toBe('academy-day')
    })
  },
)
