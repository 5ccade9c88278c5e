import { describe, expect, test } from 'vitest'
import { explained, type Noted, toQueueJob } from '#adapters/slurm/job-facts.ts'
import { zAccountedJobs, zControllerJobs } from '#adapters/slurm/z-slurm.ts'

const machine = { cpu: 'a processor', limits: 'enforced' as const }
const plain = (more: object) => ({
  job_id: 5,
  name: 'ska-x',
  user_name: 'learner',
  start_time: 100,
  end_time: 160,
  ...more,
})
const read = (job: object) => {
  const [decoded] = zControllerJobs.parse({ jobs: [job] }).jobs
  if (!decoded) throw new Error('no job')
  return toQueueJob(decoded, machine)
}

describe('how a job ended', () => {
  test.each([
    ['COMPLETED', 'None', 0, { outcome: 'completed', exitCode: 0 }],
    ['FAILED', 'NonZeroExitCode', 3 << 8, { outcome: 'failed', exitCode: 3 }],
    ['FAILED', 'NonZeroExitCode', 124 << 8, { outcome: 'timeout', reason: 'WALL_LIMIT' }],
    ['FAILED', 'NonZeroExitCode', 71 << 8, { outcome: 'infrastructure' }],
    // 16 << 8 is 4096, more than 4000, and still a program's own code.
    ['FAILED', 'NonZeroExitCode', 16 << 8, { outcome: 'failed', exitCode: 16 }],
    ['FAILED', 'JobLaunchFailure', 139, { outcome: 'failed', reason: 'JobLaunchFailure' }],
    ['FAILED', 'JobLaunchFailure', 9, { outcome: 'failed' }],
    ['FAILED', 'JobLaunchFailure', 4021, { outcome: 'infrastructure', reason: 'JobLaunchFailure' }],
    ['TIMEOUT', 'TimeLimit', 15, { outcome: 'timeout' }],
    ['OUT_OF_MEMORY', 'OutOfMemory', 253, { outcome: 'out-of-memory' }],
    ['CANCELLED', 'None', 15, { outcome: 'cancelled' }],
    ['NODE_FAIL', 'NodeDown', 15, { outcome: 'infrastructure', reason: 'NODE_FAIL' }],
    ['BOOT_FAIL', 'None', 0, { outcome: 'infrastructure' }],
    ['PREEMPTED', 'None', 15, { outcome: 'infrastructure' }],
    ['DEADLINE', 'None', 15, { outcome: 'infrastructure' }],
    ['REVOKED', 'None', 0, { outcome: 'infrastructure' }],
    ['LAUNCH_FAILED', 'None', 0, { outcome: 'infrastructure' }],
  ])('%s (%s), exit %i', (state, reason, exit, expected) => {
    const ended = { ...expected, state: 'ended', startedAt: new Date(100_000), endedAt: new Date(160_000) }
    expect(read(plain({ job_state: state, state_reason: reason, exit_code: exit }))).toMatchObject(ended)
  })

  test.each([
    [
      { status: ['SUCCESS'], return_code: { set: true, infinite: false, number: 0 } },
      'COMPLETED',
      { outcome: 'completed' },
    ],
    [
      { status: ['ERROR'], return_code: { set: true, infinite: false, number: 3 } },
      'FAILED',
      { outcome: 'failed', exitCode: 3 },
    ],
    [
      {
        status: ['SIGNALED'],
        return_code: { set: false },
        signal: { id: { set: true, number: 11 }, name: 'SEGV' },
      },
      'FAILED',
      { outcome: 'failed' },
    ],
    [
      {
        status: ['SIGNALED'],
        return_code: { set: false },
        signal: { id: { set: true, number: 53 }, name: '' },
      },
      'FAILED',
      { outcome: 'infrastructure' },
    ],
  ])('written out as %j', (exit_code, state, expected) => {
    expect(read(plain({ job_state: [state], exit_code }))).toMatchObject({ state: 'ended', ...expected })
  })
})

describe('a job that has not ended', () => {
  test.each([
    ['PENDING', 'pending'],
    ['CONFIGURING', 'pending'],
    ['RUNNING', 'running'],
    ['SUSPENDED', 'running'],
    ['COMPLETING', 'running'],
    [['COMPLETED', 'COMPLETING'], 'running'],
    [['RUNNING', 'COMPLETING'], 'running'],
    [['CANCELLED', 'COMPLETING'], 'running'],
  ])('%j is %s', (job_state, state) => {
    expect(read(plain({ job_state }))).toMatchObject({ state })
  })

  test('one that is being cleared away without having started is pending', () => {
    expect(read(plain({ job_state: 'COMPLETING', start_time: 0 }))).toMatchObject({ state: 'pending' })
  })
})

describe('what a job was given', () => {
  test.each([
    ['cpu=4,mem=1536M,node=1,billing=4', [], { cores: 4, memoryGiB: 1.5, gpus: 0 }],
    ['cpu=4,mem=2G,node=1', ['gpu:h200:2(IDX:0-1)'], { cores: 4, memoryGiB: 2, gpus: 2, gpuType: 'h200' }],
    [
      'cpu=8,mem=1T,node=2',
      ['gpu:a100:4(IDX:0-3)', 'gpu:a100:4(IDX:0-3)'],
      { gpus: 8, gpuType: 'a100', memoryGiB: 1024 },
    ],
    ['cpu=1,mem=100M,gres/gpu=2', [], { gpus: 2 }],
    ['cpu=1,mem=100M,gres/gpu:h200=2', [], { gpus: 2, gpuType: 'h200' }],
    ['cpu=1,mem=100M', ['gpu:1(IDX:0)'], { gpus: 1 }],
  ])('%s with %j', (tres_alloc_str, gres_detail, hardware) => {
    expect(read(plain({ job_state: 'RUNNING', tres_alloc_str, gres_detail }))).toMatchObject({
      hardware: { ...hardware, cpu: 'a processor', limits: 'enforced' },
    })
  })

  test('nothing is said where the site said nothing', () => {
    expect(read(plain({ job_state: 'RUNNING' }))).not.toHaveProperty('hardware')
  })
})

test('the accounting tells the same of an ended job in its own words', () => {
  const jobs = [
    {
      job_id: 5,
      name: 'ska-x',
      association: { user: 'learner' },
      state: { current: 'COMPLETED', reason: 'None' },
      exit_code: { status: 'SUCCESS', return_code: 0 },
      time: { start: 100, end: 160 },
      tres: {
        allocated: [
          { type: 'cpu', name: null, count: 2 },
          { type: 'mem', name: null, count: 1024 },
          { type: 'gres', name: 'gpu', count: 1 },
        ],
      },
    },
  ]
  const [job] = zAccountedJobs.parse({ jobs }).jobs
  expect(job).toMatchObject({ user: 'learner' })
  expect(job && toQueueJob(job, machine)).toMatchObject({
    state: 'ended',
    outcome: 'completed',
    hardware: { cores: 2, memoryGiB: 1, gpus: 1 },
  })
})

describe('an exit code that the accounting does not tell', () => {
  const read = (current: string, exit_code: object, note?: Noted) => {
    const told = {
      job_id: 5,
      name: 'ska-x',
      association: { user: 'learner' },
      time: { start: 100, end: 160 },
    }
    const [job] = zAccountedJobs.parse({ jobs: [{ ...told, exit_code, state: { current } }] }).jobs
    if (!job) throw new Error('no job')
    return toQueueJob(
      explained(job, () => note),
      machine,
    )
  }
  const zero = { status: 'SUCCESS', return_code: 0 }
  const by = (signal_id: number) => ({
    status: 'SIGNALED',
    return_code: null,
    signal: { signal_id, name: '' },
  })

  test.each([
    ['3', zero, { jobId: '5', exitCode: 3 }, { outcome: 'failed', exitCode: 3 }],
    ['71', zero, { jobId: '5', exitCode: 71 }, { outcome: 'infrastructure' }],
    ['124', zero, { jobId: '5', exitCode: 124 }, { outcome: 'timeout' }],
    ['no end', zero, { jobId: '5' }, { outcome: 'failed' }],
    ['nothing', zero, undefined, { outcome: 'failed' }],
  ])('is taken from our script’s note: %s', (_name, exit, note, expected) => {
    expect(read('FAILED', exit, note)).toMatchObject(expected)
  })

  test.each([
    ['COMPLETED', zero, { outcome: 'completed', exitCode: 0 }],
    ['CANCELLED', zero, { outcome: 'cancelled' }],
    ['FAILED', by(11), { outcome: 'failed' }],
    ['FAILED', by(53), { outcome: 'infrastructure' }],
  ])('%s with %j needs no note, and none changes it', (current, exit, expected) => {
    expect(read(current, exit, { jobId: '5', exitCode: 71 })).toMatchObject(expected)
  })
})
