import { rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { slurmVersions } from '#adapters/slurm/z-slurm.ts'
import type { JobRequest } from '#core/practicals/queue.ts'
import { freshKey, job } from '#test/contracts/queue.ts'
import { type Script, scriptedSite, token } from './scripted-site.ts'

const error = (code: number, field = 'error_code') => ({ errors: [{ [field]: code, error: 'some text' }] })
const always =
  (status: number, body?: unknown): Script =>
  () => ({ status, body })
const accepted = (more: object = {}) => ({ job_id: 7, step_id: 'BATCH', errors: [], ...more })
const isSubmit = ({ path }: { path: string }) => path.endsWith('/job/submit')

describe('a submit', () => {
  test.each([
    ['401 is auth', always(401, 'Authentication failure'), 'auth', undefined],
    ['500/5005 after a token that looks good is unconfirmed', always(500, error(5005)), 'unconfirmed', 5005],
    ['500/1800 (controller down) is unconfirmed', always(500, error(1800)), 'unconfirmed', 1800],
    ['500/-1 is unconfirmed', always(500, error(-1, 'error_number')), 'unconfirmed', -1],
    ['500 without a number is unconfirmed', always(500, { errors: [] }), 'unconfirmed', undefined],
    ['502 with a page is unconfirmed', always(502, '<html>Bad gateway</html>'), 'unconfirmed', undefined],
    ['500/2000 (partition) is rejected', always(500, error(2000)), 'rejected', 2000],
    ['500/2014 (resources) is rejected', always(500, error(2014)), 'rejected', 2014],
    ['500/2009 (no script) is rejected', always(500, error(2009)), 'rejected', 2009],
    ['500/2012 (script too large) is rejected', always(500, error(2012)), 'rejected', 2012],
    ['400/9001 (parsing) is rejected', always(400, error(9001)), 'rejected', 9001],
    ['400/2127 (no environment) is rejected', always(400, error(2127)), 'rejected', 2127],
    ['400/-1 (wrong type) is rejected', always(400, error(-1)), 'rejected', -1],
    ['400 with text is rejected', always(400, 'Unable to parse query.'), 'rejected', undefined],
    [
      '404 (version not served) is rejected',
      always(404, 'Unable find requested URL.'),
      'rejected',
      undefined,
    ],
    ['429 was not looked at', always(429, 'later'), 'unavailable', undefined],
    ['200 with garbage is unconfirmed', always(200, '<html>hello</html>'), 'unconfirmed', undefined],
    ['200 without a job id is unconfirmed', always(200, { errors: [] }), 'unconfirmed', undefined],
    [
      '200 with job id 0 and an error is rejected',
      always(200, accepted({ job_id: 0, ...error(2014) })),
      'rejected',
      2014,
    ],
    [
      '200 with a job id that is text is unconfirmed',
      always(200, { job_id: 'seven' }),
      'unconfirmed',
      undefined,
    ],
    ['a cut connection is unconfirmed', () => 'cut' as const, 'unconfirmed', undefined],
    ['a site that says nothing is unconfirmed', () => 'silent' as const, 'unconfirmed', undefined],
    [
      'a site that says little at a time, for ever, is unconfirmed',
      () => 'drip' as const,
      'unconfirmed',
      undefined,
    ],
    ['a site that does not stop talking is unconfirmed', () => 'flood' as const, 'unconfirmed', undefined],
    ['a redirect is not followed, and unconfirmed', always(302, ''), 'unconfirmed', undefined],
    [
      '200 with a job id that is no number of Slurm’s is unconfirmed',
      always(200, { job_id: 1.5 }),
      'unconfirmed',
      undefined,
    ],
  ])('%s', async (_name, script, kind, code) => {
    const { queue, asked } = await scriptedSite(script)
    const failed = await queue.submit(job('p')).catch((caught: unknown) => caught)
    expect(failed).toMatchObject({ name: 'QueueError', kind, code })
    // Never repeated by the adapter itself.
    expect(asked.filter(isSubmit)).toHaveLength(1)
  })

  test('nobody listening is unavailable: nothing was sent', async () => {
    const { queue } = await scriptedSite(() => 'cut', { url: 'http://127.0.0.1:1' })
    await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test.each([
    ['has run out', token(-10)],
    ['runs out before an answer could come', token(3)],
    ['names no end', token(undefined)],
    ['is garbage', 'not a token'],
    ['is empty', ''],
  ])('a token that %s is auth, and nothing is sent', async (_name, text) => {
    const { queue, asked, tokenFile } = await scriptedSite(always(200, accepted()))
    writeFileSync(tokenFile, text)
    await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind: 'auth' })
    expect(asked).toEqual([])
  })

  test('a token file that is gone is auth; a fresh one is used at the next call', async () => {
    const { queue, tokenFile } = await scriptedSite(always(200, accepted()))
    rmSync(tokenFile)
    await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind: 'auth' })
    writeFileSync(tokenFile, token(600))
    expect(await queue.submit(job('p'))).toMatchObject({ jobId: '7' })
  })

  test.each([2042, 2068])('with a job id the job exists, whatever note %i says', async (code) => {
    const { queue } = await scriptedSite(always(200, accepted(error(code))))
    expect(await queue.submit(job('p'))).toEqual({ jobId: '7', warnings: [`slurm ${code}`] })
  })

  test('2015, which can never run, is cancelled and rejected', async () => {
    const { queue, asked } = await scriptedSite(always(200, accepted(error(2015))))
    await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind: 'rejected', code: 2015 })
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /slurm/v0.0.38/job/submit',
      'DELETE /slurm/v0.0.38/job/7',
    ])
  })

  test('2015 whose cancel fails is a job like any other: it is not forgotten', async () => {
    const script: Script = (asked) =>
      isSubmit(asked) ? { status: 200, body: accepted(error(2015)) } : { status: 500, body: error(1800) }
    const { queue } = await scriptedSite(script)
    expect(await queue.submit(job('p'))).toMatchObject({ jobId: '7' })
  })

  test('a key sent before is looked for before it is sent again', async () => {
    const request = job('p')
    const listed = {
      jobs: [{ job_id: 5, name: request.key, user_name: 'learner', job_state: 'PENDING', exit_code: 0 }],
    }
    let answers: Script = always(500, error(5005))
    const { queue, asked } = await scriptedSite((one) => answers(one))
    await expect(queue.submit(request)).rejects.toMatchObject({ kind: 'unconfirmed' })
    answers = always(200, listed)
    expect(await queue.submit(request)).toEqual({ jobId: '5', warnings: [] })
    expect(asked.filter(isSubmit)).toHaveLength(1)
  })

  test.each<[string, Partial<JobRequest['resources']>]>([
    ['more time', { minutes: 11 }],
    ['more processors', { cpus: 3 }],
    ['more memory', { memoryGiB: 4.5 }],
    ['more accelerators', { gpus: 3 }],
    ['an accelerator of another kind', { gpus: 1, gpuTypes: ['h200'] }],
    ['another architecture', { arch: ['aarch64'] }],
  ])('asking %s than the partition has is rejected before anything is sent', async (_title, more) => {
    const { queue, asked } = await scriptedSite(always(200, accepted()), {
      partition: { memoryGiB: 4, gpus: { type: 'a100', count: 2 } },
    })
    const large = job('p', { resources: { ...job('p').resources, ...more } })
    await expect(queue.submit(large)).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(/^resources\./),
    })
    expect(asked).toEqual([])
  })

  test('a job that starts programs of the learner is not sent to a site without a box for them', async () => {
    const { queue, asked } = await scriptedSite(always(200, accepted()))
    await expect(queue.submit(job('p', { isolation: 'box' }))).rejects.toMatchObject({ kind: 'rejected' })
    expect(asked).toEqual([])
  })

  test('what a job asks for is what the scheduler is asked for', async () => {
    const { queue, asked } = await scriptedSite(always(200, accepted()), {
      partition: { gpus: { type: 'a100', count: 4 }, cpus: 8, box: 'bwrap' },
    })
    const resources = {
      ...job('p').resources,
      gpus: 2,
      gpuTypes: ['h200', 'a100'],
      cpus: 8,
      tasks: 2,
      minutes: 9,
    }
    await queue.submit(job('p', { resources: { ...resources, memoryGiB: 4 }, isolation: 'box' }))
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({
      job: {
        gres: 'gpu:a100:2',
        tasks: 2,
        cpus_per_task: 4,
        memory_per_cpu: 512,
        time_limit: 9,
        environment: { SKA_BOX: 'bwrap' },
      },
    })
  })
})

describe('a question', () => {
  test('an accounting that answers 200 with 9003 has found nothing: unknown, and no job with the key', async () => {
    const script: Script = ({ path }) =>
      path.startsWith('/slurmdb/')
        ? { status: 200, body: { errors: [{ error_number: 9003 }], jobs: [] } }
        : path.endsWith('/jobs')
          ? { status: 200, body: { jobs: [] } }
          : { status: 500, body: error(2017, 'error_number') }
    const { queue, asked } = await scriptedSite(script, { accounting: true })
    expect(await queue.get('5')).toBe('unknown')
    expect(await queue.findByKey(freshKey(), new Date())).toEqual([])
    expect(asked.filter(({ path }) => path.startsWith('/slurmdb/'))).toHaveLength(4)
  })

  test.each([
    ['500/2017 is unknown', always(500, error(2017, 'error_number')), 'unknown'],
    [
      'another account’s job is unknown',
      always(200, { jobs: [{ job_id: 5, name: freshKey(), user_name: 'eve', job_state: 'RUNNING' }] }),
      'unknown',
    ],
    [
      'a job that is not ours by name is unknown',
      always(200, { jobs: [{ job_id: 5, name: 'other', user_name: 'learner', job_state: 'RUNNING' }] }),
      'unknown',
    ],
  ])('%s', async (_name, script, said) => {
    const { queue } = await scriptedSite(script)
    expect(await queue.get('5')).toBe(said)
  })

  test.each([
    ['401', always(401, 'Authentication failure'), 'auth'],
    ['500/-1', always(500, error(-1, 'error_number')), 'unavailable'],
    ['500 with errno', always(500, error(-1, 'errno')), 'unavailable'],
    ['a page', always(200, '<html>'), 'unavailable'],
    ['garbage', always(200, { jobs: [{ job_id: 'x' }] }), 'unavailable'],
    ['200 with an error', always(200, { errors: [{ error_number: 1234 }] }), 'unavailable'],
    ['nothing for too long', () => 'silent' as const, 'unavailable'],
    ['little at a time, for ever,', () => 'drip' as const, 'unavailable'],
    ['more than anybody can hold', () => 'flood' as const, 'unavailable'],
    ['a redirect', always(302, ''), 'unavailable'],
    [
      'a list that nests without end',
      always(200, `${'['.repeat(200_000)}${']'.repeat(200_000)}`),
      'unavailable',
    ],
    ['a cut connection', () => 'cut' as const, 'unavailable'],
    ['404', always(404, 'Unable find requested URL.'), 'rejected'],
    [
      'a state nobody knows',
      always(200, { jobs: [{ job_id: 5, name: freshKey(), user_name: 'learner', job_state: 'DREAMING' }] }),
      'unavailable',
    ],
  ])('%s is %s', async (_name, script, kind) => {
    const { queue } = await scriptedSite(script)
    await expect(queue.get('5')).rejects.toMatchObject({ name: 'QueueError', kind })
  })

  test.each(['0', '-1', '5; rm', '../5', '99999999999', ''])('the job id %j is not asked for', async (id) => {
    const { queue, asked } = await scriptedSite(always(200, { jobs: [] }))
    expect(await queue.get(id)).toBe('unknown')
    await queue.cancel(id)
    expect(asked).toEqual([])
  })

  test.each([
    ['up', always(200, { pings: [{ ping: 'UP' }] }), 'up'],
    ['up in newer words', always(200, { pings: [{ responding: true, pinged: 'UP' }] }), 'up'],
    ['down', always(200, { pings: [{ ping: 'DOWN' }] }), 'down'],
    ['an error', always(500, error(-1, 'error_number')), 'down'],
    ['a version that is not served', always(404, 'no'), 'down'],
    ['silence', () => 'silent' as const, 'down'],
  ])('health of a site that says %s', async (_name, script, said) => {
    expect(await (await scriptedSite(script)).queue.health()).toBe(said)
  })
})

describe('a cancel', () => {
  const running = {
    jobs: [{ job_id: 5, name: freshKey(), user_name: 'learner', job_state: 'RUNNING', start_time: 9 }],
  }
  const cancelled =
    (status: number, body?: unknown): Script =>
    ({ method }) =>
      method === 'DELETE' ? { status, body } : { status: 200, body: running }

  test.each([
    ['200', cancelled(200, { errors: [] })],
    ['500/2017 (unknown by now)', cancelled(500, error(2017, 'error_number'))],
    ['500/2021 (already ended)', cancelled(500, error(2021, 'error_number'))],
    ['200 in newer words', cancelled(200, { status: [{ job_id: {}, error: { code: 0 } }] })],
    ['200 that says it has already ended', cancelled(200, { status: [{ error: { code: 2021 } }] })],
  ])('%s is done', async (_name, script) => {
    await (await scriptedSite(script)).queue.cancel('5')
  })

  test.each([
    ['500/2002 (another’s)', cancelled(500, error(2002, 'error_number')), 'rejected'],
    ['500/1800 (controller down)', cancelled(500, error(1800)), 'unavailable'],
    ['200 that says it was not allowed', cancelled(200, { status: [{ error: { code: 2002 } }] }), 'rejected'],
    ['200 that says it did not work', cancelled(200, { status: [{ error: { code: 1007 } }] }), 'unavailable'],
  ])('%s is %s', async (_name, script, kind) => {
    await expect((await scriptedSite(script)).queue.cancel('5')).rejects.toMatchObject({ kind })
  })
})

test.each(['v0.0.37', 'v0.0.39', 'v0.0.40', 'v0.0.41', 'v0.0.46', 'v1', '38', ''])(
  'the version %j is refused by name',
  async (apiVersion) => {
    const opened = scriptedSite(() => 'cut', { apiVersion })
    await expect(opened).rejects.toThrow(new RegExp(`${apiVersion}.*v0\\.0\\.38, v0\\.0\\.42`))
  },
)

test('the token goes in a header for the account of the stage, never in an address or a body', async () => {
  const { queue, asked } = await scriptedSite(always(200, accepted()))
  await queue.submit(job('p'))
  await queue.submit(job('p', { stage: 'grade', secret: Buffer.from('a secret of one run') }))
  expect(asked.map(({ headers }) => headers['x-slurm-user-name'])).toEqual(['learner', 'grader'])
  for (const { headers, path, body } of asked) {
    expect(headers['x-slurm-user-token']).toMatch(/^ey.*\.c2ln$/)
    expect(`${path}${body}`).not.toMatch(/c2ln|a secret of one run/)
  }
})

test.each(slurmVersions)(
  '%s: the script is the same for every job; values travel as environment',
  async (apiVersion) => {
    const { queue, asked } = await scriptedSite(always(200, accepted()), { apiVersion })
    await queue.submit(job('one', { environment: { SKA_ATTEMPT: 'value-of-one' } }))
    await queue.submit(job('two', { environment: { SKA_ATTEMPT: 'value-of-two' } }))
    const bodies = asked.map(({ body }) => JSON.parse(body) as { script?: string; job: { script?: string } })
    const scripts = bodies.map((body) => body.script ?? body.job.script)
    expect(scripts[0]).toBe(scripts[1])
    expect(scripts[0]).not.toContain('value-of-one')
    expect(JSON.stringify(bodies[0])).toContain('value-of-one')
  },
)

test('a site that fails five times in a row is left alone for a while', async () => {
  let down = true
  const { queue, asked } = await scriptedSite(() =>
    down ? { status: 500, body: error(-1) } : { status: 200, body: { pings: [{ ping: 'UP' }] } },
  )
  for (let round = 0; round < 5; round++) expect(await queue.health()).toBe('down')
  expect(asked).toHaveLength(5)
  await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind: 'unavailable' })
  expect(asked).toHaveLength(5)
  down = false
  await expect.poll(() => queue.health(), { timeout: 3000, interval: 50 }).toBe('up')
})

test('tokens that run out and questions about unknown jobs do not close a site', async () => {
  const { queue, asked } = await scriptedSite(always(500, error(2017, 'error_number')))
  for (let round = 0; round < 8; round++) expect(await queue.get('5')).toBe('unknown')
  expect(asked).toHaveLength(16)
})
