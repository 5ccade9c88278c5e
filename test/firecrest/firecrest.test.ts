import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { zJobs } from '#adapters/firecrest/z-firecrest.ts'
import { freshKey, job } from '#test/contracts/queue.ts'
import { settableClock } from '#test/support/fixed-ports.ts'
import {
  type Asked,
  failure,
  isSubmit,
  type Script,
  said,
  scriptedFirecrest,
  takesFiles,
} from './scripted-firecrest.ts'

const always =
  (status: number, body?: unknown): Script =>
  () => ({ status, body })
/** A site that takes files, and answers everything else as told. */
const withFiles =
  (script: Script): Script =>
  (asked) =>
    asked.path.startsWith('/filesystem/') ? takesFiles(asked) : script(asked)
const accepted = withFiles(always(201, { jobId: '7' }))
const told = (more: object = {}) => ({
  jobId: '7',
  name: freshKey(),
  user: 'learner',
  partition: 'academy',
  status: { state: 'RUNNING', stateReason: 'None', exitCode: 0, interruptSignal: 0 },
  tasks: [],
  time: { start: 1_795_437_816, end: null },
  ...more,
})
const ended = (state: string, exitCode = 0, interruptSignal = 0) => ({
  status: { state, stateReason: 'None', exitCode, interruptSignal },
  time: { start: 1_795_437_816, end: 1_795_437_830 },
})

describe('a submit', () => {
  test.each<[string, Script, string]>([
    ['400 is rejected', always(400, failure(400, '1 validation error').body), 'rejected'],
    ['404 (system not known) is rejected', () => failure(404, 'System not found'), 'rejected'],
    ['403 is rejected', () => failure(403, 'not authorized'), 'rejected'],
    [
      '403 for a limit of the account may be sent again',
      () => failure(403, 'QOSMaxSubmitJobPerUserLimit'),
      'unavailable',
    ],
    ['413 is rejected', () => failure(413, 'too large'), 'rejected'],
    ['429 was not looked at', always(429, 'later'), 'unavailable'],
    [
      '503 of its own was not passed on',
      () => failure(503, 'The scheduler service is unhealthy.'),
      'unavailable',
    ],
    ['503 of somebody else is unconfirmed', always(503, '<html>'), 'unconfirmed'],
    [
      '408 (the command took too long) is unconfirmed',
      () => failure(408, 'Command execution timeout'),
      'unconfirmed',
    ],
    [
      '424 (the line to the machine) is unconfirmed',
      () => failure(424, 'SSH connection Reset.'),
      'unconfirmed',
    ],
    [
      'what sbatch refused is rejected',
      () => said('sbatch: error: Batch job submission failed: Invalid partition name specified'),
      'rejected',
    ],
    [
      'what sbatch could not bring to the controller is unconfirmed',
      () =>
        said(
          'sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)',
        ),
      'unconfirmed',
    ],
    [
      'what sbatch did not hear back is unconfirmed',
      () => said('sbatch: error: Batch job submission failed: Socket timed out on send/recv operation'),
      'unconfirmed',
    ],
    ['500 without a reason is unconfirmed', () => failure(500, 'Unable to submit new job'), 'unconfirmed'],
    ['502 with a page is unconfirmed', always(502, '<html>'), 'unconfirmed'],
    ['201 without a job id is unconfirmed', always(201, { jobId: null }), 'unconfirmed'],
    ['201 with garbage is unconfirmed', always(201, 'hello'), 'unconfirmed'],
    ['a cut connection is unconfirmed', () => 'cut', 'unconfirmed'],
    ['a site that says nothing is unconfirmed', () => 'silent', 'unconfirmed'],
  ])('%s', async (_name, script, kind) => {
    const { queue, asked } = await scriptedFirecrest(withFiles(script))
    await expect(queue.submit(job('p'))).rejects.toMatchObject({ name: 'QueueError', kind })
    // Never repeated by the adapter itself.
    expect(asked.filter(isSubmit)).toHaveLength(1)
  })

  test('nothing is sent before the files lie there, and a site that takes none is asked again later', async () => {
    const { queue, asked } = await scriptedFirecrest(() => failure(500, 'Remote process failed'))
    await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind: 'unavailable' })
    expect(asked.filter(isSubmit)).toEqual([])
  })

  test('asks for time, processors, memory and accelerators in the script, and for nothing of the learner there', async () => {
    const { queue, asked } = await scriptedFirecrest(accepted, { account: 'p200000', qos: 'short' })
    const resources = { ...job('p').resources, gpus: 2, cpus: 4, tasks: 2, memoryGiB: 1.5, minutes: 7 }
    const environment = { SKA_ATTEMPT: 'value-of-one' }
    await queue.submit(job('p', { resources, environment, reservation: 'course-7' }))
    await queue.submit(job('p', { resources, environment: { SKA_ATTEMPT: 'value-of-two' } }))
    const [one, two] = asked.filter(isSubmit).map(({ body }) => JSON.parse(body).job)
    expect(one).toMatchObject({
      name: expect.stringMatching(/^ska-/),
      partition: 'academy',
      account: 'p200000',
      reservation: 'course-7',
      workingDirectory: '/site/jobs/work',
      env: { SKA_ATTEMPT: 'value-of-one', ACADEMY_PROGRAM: '/site/programs/p.mjs' },
    })
    expect(one.script).toMatch(
      /^#!\/bin\/bash\n#SBATCH --dependency=singleton\n#SBATCH --no-requeue\n#SBATCH --nodes=1\n#SBATCH --ntasks=2\n#SBATCH --cpus-per-task=2\n#SBATCH --mem=1536M\n#SBATCH --time=7\n#SBATCH --gres=gpu:h200:2\n#SBATCH --qos=short\n# /,
    )
    expect(two.script).toBe(one.script)
  })

  test('no variable with a comma is sent: FirecREST would make two of it', async () => {
    const { queue, asked } = await scriptedFirecrest(accepted, { nodeFile: '/site/node,BASH_ENV=/tmp/x' })
    await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind: 'rejected' })
    expect(asked).toEqual([])
  })

  test('a secret travels in the body of an upload, into a folder that is closed first', async () => {
    const { queue, asked } = await scriptedFirecrest(accepted)
    const secret = 'a secret of one run'
    await queue.submit(job('p', { stage: 'grade', secret: Buffer.from(secret) }))
    const uploads = asked.filter(({ path }) => path.includes('/ops/upload'))
    const holding = asked.filter(({ body }) => body.includes(secret))
    expect(holding).toHaveLength(1)
    expect(holding[0]?.path).toContain('/ops/upload?path=%2Fsite%2Finbox%2Fgrade%2Fska-')
    expect(holding[0]?.body).toContain('filename="secret"')
    const closed = asked.findIndex(({ path, body }) => path.endsWith('/ops/chmod') && body.includes('"700"'))
    expect(closed).toBeGreaterThan(-1)
    expect(closed).toBeLessThan(asked.indexOf(uploads[0] as Asked))
    for (const { path } of asked) expect(path).not.toContain('secret of')
  })

  test('no empty file is uploaded: FirecREST would wait for its bytes until its time is up', async () => {
    const { queue, asked } = await scriptedFirecrest(accepted)
    await queue.submit(job('p'))
    const uploads = asked.filter(({ path }) => path.includes('/ops/upload'))
    expect(uploads).toHaveLength(2)
    for (const { body } of uploads) expect(body).toMatch(/octet-stream\r\n\r\n[\s\S]+\r\n--academy-/)
    const inputs = [{ name: 'empty.txt', bytes: new Uint8Array() }]
    await expect(queue.submit(job('p', { inputs }))).rejects.toMatchObject({ kind: 'rejected' })
  })

  test('a key sent before is looked for before it is sent again', async () => {
    const request = job('p')
    const { queue, asked } = await scriptedFirecrest(({ path }) => {
      if (path.includes('/ops/stat'))
        return { status: 200, body: { output: { mode: 0o100_644, nlink: 1, size: 0 } } }
      return { status: 200, body: { jobs: [told({ jobId: '5', name: request.key })] } }
    })
    expect(await queue.submit(request)).toEqual({ jobId: '5', warnings: [] })
    expect(asked.filter(isSubmit)).toEqual([])
  })
})

describe('a token', () => {
  test('is fetched with the client’s own credentials, once for many requests, and renewed before its end', async () => {
    const clock = settableClock('2026-11-23T09:00:00.000Z')
    const { queue, asked } = await scriptedFirecrest(
      always(404, failure(404, 'Job not found.').body),
      {},
      { clock },
    )
    await queue.get('5')
    await queue.get('6')
    const fetched = () => asked.filter(({ path }) => path === '/token')
    expect(fetched()).toHaveLength(2)
    const [first] = fetched()
    // Form-encoded before they are joined: the colon and the blank of the secret cannot be mistaken.
    expect(Buffer.from(first?.authorization.slice('Basic '.length) ?? '', 'base64').toString()).toBe(
      'academy+work:a+secret%3A+of%2Fthe+client',
    )
    expect(first?.body).toBe('grant_type=client_credentials')
    clock.advance({ seconds: 241 })
    await queue.get('5')
    expect(fetched()).toHaveLength(4)
    for (const { path, body } of asked) expect(`${path}${body}`).not.toMatch(/token-\d|a.secret/)
  })

  test('that is refused is replaced once; one that is refused again is auth', async () => {
    const bad: Script = ({ authorization }) =>
      authorization === 'Bearer token-1'
        ? failure(401, 'Access token expired')
        : failure(404, 'Job not found.')
    const once = await scriptedFirecrest(bad)
    expect(await once.queue.get('5')).toBe('unknown')
    const never = await scriptedFirecrest(() => failure(401, 'Access token is invalid.'))
    await expect(never.queue.get('5')).rejects.toMatchObject({ kind: 'auth' })
    expect(never.calls()).toHaveLength(2)
  })

  test.each([
    ['a client that is refused', { status: 401, body: { error: 'invalid_client' } }, 'auth'],
    ['a page', { status: 200, body: '<html>' }, 'unavailable'],
    [
      'a token of another kind',
      { status: 200, body: { access_token: 'x', token_type: 'DPoP' } },
      'unavailable',
    ],
    ['an error', { status: 503, body: '' }, 'unavailable'],
  ])('%s is %s: nothing is sent to the site', async (_name, answer, kind) => {
    const { queue, calls } = await scriptedFirecrest(accepted, {}, { tokens: () => answer })
    await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind })
    expect(calls()).toEqual([])
  })

  test('a secret file that is gone is auth', async () => {
    const { queue, secretFile, asked } = await scriptedFirecrest(accepted)
    rmSync(secretFile)
    await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind: 'auth' })
    expect(asked).toEqual([])
  })
})

describe('a question', () => {
  const jobs = (...list: object[]): Script => always(200, { jobs: list })

  test.each<[string, object, object]>([
    ['RUNNING', told(), { state: 'running', startedAt: new Date(1_795_437_816_000) }],
    [
      'PENDING',
      told({ status: { state: 'PENDING' }, time: { start: null, end: null } }),
      { state: 'pending' },
    ],
    ['COMPLETED', told(ended('COMPLETED')), { outcome: 'completed', exitCode: 0 }],
    ['FAILED by 3', told(ended('FAILED', 3)), { outcome: 'failed', exitCode: 3 }],
    ['FAILED by our own 71', told(ended('FAILED', 71)), { outcome: 'infrastructure' }],
    ['FAILED by our own 124', told(ended('FAILED', 124)), { outcome: 'timeout' }],
    ['FAILED by a signal', told(ended('FAILED', 0, 11)), { outcome: 'failed' }],
    ['CANCELLED by 999', told(ended('CANCELLED by 999', 0, 15)), { outcome: 'cancelled' }],
    ['TIMEOUT', told(ended('TIMEOUT', 0, 15)), { outcome: 'timeout' }],
    ['OUT_OF_MEMORY', told(ended('OUT_OF_MEMORY', 0, 125)), { outcome: 'out-of-memory' }],
    ['NODE_FAIL', told(ended('NODE_FAIL')), { outcome: 'infrastructure' }],
  ])('%s', async (_name, one, expected) => {
    const { queue } = await scriptedFirecrest(jobs(one))
    expect(await queue.get('7')).toMatchObject({ jobId: '7', ...expected })
    expect((await queue.list(['7'])).get('7')).toMatchObject(expected)
  })

  test('a job that is called `allocation` just after its start is known by its number, or waited for', async () => {
    const { queue } = await scriptedFirecrest(jobs(told({ name: 'allocation' })))
    expect(await queue.get('7')).toMatchObject({ state: 'pending' })
    expect(await queue.findByKey(freshKey(), new Date())).toEqual([])
    const request = job('p')
    const sent = await scriptedFirecrest((asked) =>
      isSubmit(asked) || asked.path.startsWith('/filesystem/')
        ? accepted(asked)
        : { status: 200, body: { jobs: [told({ name: 'allocation' })] } },
    )
    await sent.queue.submit(request)
    expect(await sent.queue.get('7')).toMatchObject({ state: 'running', key: request.key })
    expect(await sent.queue.findByKey(request.key, new Date())).toMatchObject([{ jobId: '7' }])
  })

  test('a job whose first step runs is running, whatever the accounting says of it', () => {
    const one = told({
      status: { state: 'PENDING', stateReason: 'None', exitCode: 0, interruptSignal: 0 },
      tasks: [{ status: { state: 'RUNNING' } }],
    })
    expect(zJobs.parse({ jobs: [one] }).jobs[0]?.states).toEqual(['RUNNING'])
  })

  test('a job that was just sent and is not told yet waits; later it is unknown', async () => {
    const clock = settableClock('2026-11-23T09:00:00.000Z')
    const { queue } = await scriptedFirecrest(
      (asked) =>
        asked.method === 'GET' && asked.path.startsWith('/compute/')
          ? failure(404, 'Job not found.')
          : accepted(asked),
      {},
      { clock },
    )
    await queue.submit(job('p'))
    expect(await queue.get('7')).toMatchObject({ state: 'pending' })
    clock.advance({ seconds: 121 })
    expect(await queue.get('7')).toBe('unknown')
  })

  test('what a job was given is what the script it was started with asked for', async () => {
    const script =
      '#!/bin/bash\n#SBATCH --ntasks=2\n#SBATCH --cpus-per-task=8\n#SBATCH --mem=2048M\n#SBATCH --gres=gpu:h200:2\n'
    const { queue } = await scriptedFirecrest(({ path }) =>
      path.endsWith('/metadata')
        ? { status: 200, body: { jobs: [{ jobId: '7', script }] } }
        : { status: 200, body: { jobs: [told()] } },
    )
    expect(await queue.get('7')).toMatchObject({
      hardware: { cores: 16, memoryGiB: 2, gpus: 2, gpuType: 'h200', cpu: 'a processor', limits: 'enforced' },
    })
  })

  test('a list asks one question per account and about few jobs more, whatever their number', async () => {
    const script = '#!/bin/bash\n#SBATCH --ntasks=1\n#SBATCH --cpus-per-task=8\n#SBATCH --mem=2048M\n'
    const all = Array.from({ length: 40 }, (_, at) => told({ jobId: String(at + 1) }))
    const { queue, calls } = await scriptedFirecrest(({ path }) => {
      const [, id] = /jobs\/(\d+)\/metadata$/.exec(path) ?? []
      if (id !== undefined) return { status: 200, body: { jobs: [{ jobId: id, script }] } }
      return { status: 200, body: { jobs: all } }
    })
    const ids = all.map(({ jobId }) => jobId)
    expect((await queue.list(ids)).size).toBe(40)
    expect(calls().length).toBeLessThanOrEqual(queue.requestsPer.list)
    // In the next round a few more are known.
    const again = await queue.list(ids)
    expect([...again.values()].filter((job) => 'hardware' in job).length).toBe(4)
  })

  test('a job of another account, or with a name that is no key, is unknown', async () => {
    for (const one of [told({ user: 'eve' }), told({ name: 'other' })]) {
      const { queue } = await scriptedFirecrest(jobs(one))
      expect(await queue.get('7')).toBe('unknown')
      expect(await queue.list(['7'])).toEqual(new Map())
    }
  })

  test.each<[string, Script, string]>([
    ['a page', always(200, '<html>'), 'unavailable'],
    ['garbage', always(200, { jobs: [{ jobId: 'x' }] }), 'unavailable'],
    ['an error', () => failure(500, 'Error executing Slurm command.'), 'unavailable'],
    ['a system that is not known', () => failure(404, 'System not found'), 'rejected'],
    ['a state nobody knows', jobs(told(ended('DREAMING'))), 'unavailable'],
    ['nothing for too long', () => 'silent', 'unavailable'],
    ['a cut connection', () => 'cut', 'unavailable'],
  ])('%s', async (_name, script, kind) => {
    const { queue } = await scriptedFirecrest(script)
    await expect(queue.get('7')).rejects.toMatchObject({ kind })
  })

  test.each(['0', '-1', '5; rm', '../5', '99999999999', ''])('the job id %j is not asked for', async (id) => {
    const { queue, asked } = await scriptedFirecrest(jobs())
    expect(await queue.get(id)).toBe('unknown')
    await queue.cancel(id)
    expect(asked).toEqual([])
  })

  test.each<[string, unknown, string]>([
    ['a system without health checks', { systems: [{ name: 'aif', servicesHealth: [] }] }, 'up'],
    [
      'a checker that failed',
      { systems: [{ name: 'aif', servicesHealth: [{ serviceType: 'exception', healthy: false }] }] },
      'up',
    ],
    [
      'a scheduler that is not well',
      { systems: [{ name: 'aif', servicesHealth: [{ serviceType: 'scheduler', healthy: false }] }] },
      'down',
    ],
    ['another system', { systems: [{ name: 'other' }] }, 'down'],
    ['a page', '<html>', 'down'],
  ])('the health of %s', async (_name, body, expected) => {
    expect(await (await scriptedFirecrest(always(200, body))).queue.health()).toBe(expected)
  })
})

describe('a cancel', () => {
  const cancelled =
    (answer: ReturnType<Script>): Script =>
    ({ method }) =>
      method === 'DELETE' ? answer : { status: 200, body: { jobs: [told()] } }

  test.each<[string, ReturnType<Script>]>([
    ['204', { status: 204 }],
    [
      '500 for one that has ended',
      said('scancel: error: Kill job error on job id 7: Job/step already completing or completed', 0),
    ],
    [
      '500 for one that is unknown by now',
      said('scancel: error: Kill job error on job id 7: Invalid job id specified', 0),
    ],
  ])('%s is done', async (_name, answer) => {
    await (await scriptedFirecrest(cancelled(answer))).queue.cancel('7')
  })

  test.each<[string, ReturnType<Script>, string]>([
    [
      'another’s',
      said('scancel: error: Kill job error on job id 7: Access/permission denied', 0),
      'rejected',
    ],
    [
      'a controller that is down',
      said('scancel: error: slurm_kill_job2() failed Unable to contact slurm controller'),
      'unavailable',
    ],
  ])('%s', async (_name, answer, kind) => {
    await expect((await scriptedFirecrest(cancelled(answer))).queue.cancel('7')).rejects.toMatchObject({
      kind,
    })
  })
})

describe('a file', () => {
  const key = freshKey()
  const stat = (mode: number, size: number, nlink = 1) => ({
    status: 200,
    body: { output: { mode, size, nlink } },
  })
  const site =
    (found: ReturnType<Script>, ending: ReturnType<Script> = stat(0o100_640, 3)): Script =>
    ({ path }) => {
      if (path.includes('inbox') || path.includes('jobs%2Fgrade'))
        return failure(404, 'No such file or directory')
      if (path.includes('.ended')) return ending
      return path.includes('/ops/stat') ? found : { status: 200, body: 'the bytes' }
    }

  test('is handed over when it is a plain file of a fitting size and the job has come to its end', async () => {
    const read = async (script: Script) =>
      (await scriptedFirecrest(script)).queue.files.read(key, 'artefact.json', 100)
    expect(Buffer.from((await read(site(stat(0o100_640, 9)))) ?? []).toString()).toBe('the bytes')
    for (const odd of [stat(0o120_777, 9), stat(0o040_755, 9), stat(0o100_640, 101), stat(0o100_640, 9, 2)])
      expect(await read(site(odd))).toBeUndefined()
    expect(await read(site(stat(0o100_640, 9), failure(404, 'No such file or directory')))).toBeUndefined()
    expect(await read(() => failure(500, 'Remote process failed'))).toBeUndefined()
  })

  test.each(['../../x', '', 'a/b', '.hidden'])('the name %j is not asked for', async (name) => {
    const { queue, asked } = await scriptedFirecrest(always(200, {}))
    expect(await queue.files.read(key, name, 100)).toBeUndefined()
    expect(await queue.files.read('../etc', 'passwd', 100)).toBeUndefined()
    expect(asked).toEqual([])
  })
})

test('a site that fails five times in a row is left alone for a while', async () => {
  const { queue, calls } = await scriptedFirecrest(() => failure(424, 'Unable to establish SSH connection.'))
  for (let round = 0; round < 5; round++) expect(await queue.health()).toBe('down')
  await expect(queue.submit(job('p'))).rejects.toMatchObject({ kind: 'unavailable' })
  expect(calls()).toHaveLength(5)
})
