import { expect, test } from 'vitest'
import { freshKey, job } from '#test/contracts/queue.ts'
import { type Script, scriptedSite } from './scripted-site.ts'

const listed = (jobId: number, state: string, more: object = {}) => ({
  job_id: jobId,
  name: freshKey(),
  user_name: 'learner',
  partition: 'academy',
  job_state: state,
  exit_code: 0,
  start_time: 100,
  end_time: 160,
  ...more,
})
const asText = (one: object) => JSON.stringify(one)

/** A site with these jobs of the work account; the other account has none. */
function site(
  jobs: () => object[],
  more: { unchanged?: () => boolean; states?: () => [string, string][] } = {},
): Script {
  return ({ path, headers }) => {
    if (headers['x-slurm-user-name'] !== 'learner') return { status: 200, body: { jobs: [], last_update: 1 } }
    if (path.includes('/jobs/state/')) {
      const states = (more.states?.() ?? []).map(([job_id, state]) => ({ job_id, state: [state] }))
      return more.states ? { status: 200, body: { jobs: states } } : { status: 404, body: 'no' }
    }
    if (path.includes('update_time') && more.unchanged?.()) return { status: 304 }
    return { status: 200, body: { jobs: jobs(), last_update: { set: true, infinite: false, number: 1234 } } }
  }
}
const questions = (asked: { method: string; path: string }[]) =>
  asked.filter(({ method }) => method === 'GET').map(({ path }) => path)

test('any number of jobs is one question per account, and none for an account that has none of them', async () => {
  const all = Array.from({ length: 300 }, (_, at) => listed(at + 1, 'RUNNING'))
  const { queue, asked } = await scriptedSite(site(() => all))
  const ids = all.map(({ job_id }) => String(job_id))
  expect((await queue.list(ids)).size).toBe(300)
  expect(questions(asked)).toEqual(['/slurm/v0.0.38/jobs'])
  expect((await queue.list(ids)).size).toBe(300)
  expect(questions(asked)).toHaveLength(2)
  expect((await queue.list([...ids, '4000'])).size).toBe(300)
  // Nobody knows whose 4000 is.
  expect(questions(asked)).toHaveLength(4)
})

test('v0.0.38: a list in which nothing changed is answered with 304, and still told', async () => {
  let state = 'RUNNING'
  let unchanged = false
  const one = listed(7, state)
  const { queue, asked } = await scriptedSite(
    site(() => [{ ...one, job_state: state }], { unchanged: () => unchanged }),
  )
  expect((await queue.list(['7'])).get('7')).toMatchObject({ state: 'running' })
  unchanged = true
  expect((await queue.list(['7'])).get('7')).toMatchObject({ state: 'running', key: one.name })
  unchanged = false
  state = 'COMPLETED'
  expect((await queue.list(['7'])).get('7')).toMatchObject({ state: 'ended', outcome: 'completed' })
  // A minute earlier than we asked: the site's clock may go differently.
  const [, since] = /update_time=(\d+)$/.exec(questions(asked)[1] ?? '') ?? []
  expect(Number(since)).toBeLessThan(Date.now() / 1000 - 55)
  expect(Number(since)).toBeGreaterThan(Date.now() / 1000 - 300)
})

test('newer versions are asked for states, and for the list only when one is another', async () => {
  let state = 'RUNNING'
  const { queue, asked } = await scriptedSite(
    site(() => [listed(7, state, { job_state: [state] })], { states: () => [['7', state]] }),
    { apiVersion: 'v0.0.43' },
  )
  expect((await queue.list(['7'])).get('7')).toMatchObject({ state: 'running' })
  await queue.list(['7'])
  await queue.list(['7'])
  expect(questions(asked)).toEqual([
    '/slurm/v0.0.43/jobs/',
    '/slurm/v0.0.43/jobs/state/?job_id=7',
    '/slurm/v0.0.43/jobs/state/?job_id=7',
  ])
  state = 'COMPLETED'
  expect((await queue.list(['7'])).get('7')).toMatchObject({ state: 'ended' })
  // Since the site's own moment of the last change.
  expect(questions(asked).slice(3)).toEqual([
    '/slurm/v0.0.43/jobs/state/?job_id=7',
    '/slurm/v0.0.43/jobs/?update_time=1234',
  ])
})

test('a newer site that tells no states is asked for them once', async () => {
  const { queue, asked } = await scriptedSite(
    site(() => [listed(7, 'RUNNING', { job_state: ['RUNNING'] })]),
    { apiVersion: 'v0.0.42' },
  )
  for (let round = 0; round < 4; round++)
    expect((await queue.list(['7'])).get('7')).toMatchObject({ state: 'running' })
  expect(questions(asked).filter((path) => path.includes('/state/'))).toHaveLength(1)
})

test('a job that has just been sent is looked for in the list, not only among states', async () => {
  const jobs = [listed(7, 'RUNNING', { job_state: ['RUNNING'] })]
  const script = site(() => jobs, { states: () => [['7', 'RUNNING']] })
  const { queue } = await scriptedSite(
    (asked) => (asked.method === 'POST' ? { status: 200, body: { job_id: 8, errors: [] } } : script(asked)),
    { apiVersion: 'v0.0.45' },
  )
  await queue.list(['7'])
  const request = job('p')
  await queue.submit(request)
  jobs.push(listed(8, 'PENDING', { job_state: ['PENDING'], name: request.key }))
  expect((await queue.list(['7', '8'])).get('8')).toMatchObject({ state: 'pending', key: request.key })
})

test('a duplicate, another’s job and one that is not ours by name are left for a closer look', async () => {
  const { queue } = await scriptedSite(
    site(() => [
      listed(1, 'FAILED', { exit_code: 75 << 8 }),
      listed(2, 'RUNNING', { user_name: 'eve' }),
      listed(3, 'RUNNING', { name: 'other' }),
      listed(4, 'RUNNING'),
    ]),
  )
  expect([...(await queue.list(['1', '2', '3', '4', '5; rm', ''])).keys()]).toEqual(['4'])
})

test.each<[string, Script]>([
  ['an error', () => ({ status: 500, body: { errors: [{ error_number: -1 }] } })],
  ['a page', () => ({ status: 200, body: '<html>' })],
  ['garbage', () => ({ status: 200, body: { jobs: [{ job_id: 'x' }] } })],
  ['nothing for too long', () => 'silent'],
  ['a cut connection', () => 'cut'],
])(
  '%s instead of a list is unavailable, and what was known before is not told as new',
  async (_name, broken) => {
    let well = true
    const good = site(() => [listed(7, 'RUNNING')])
    const { queue } = await scriptedSite((asked) => (well ? good(asked) : broken(asked)))
    await queue.list(['7'])
    well = false
    await expect(queue.list(['7'])).rejects.toMatchObject({ name: 'QueueError', kind: 'unavailable' })
    well = true
    expect(asText([...(await queue.list(['7'])).keys()])).toBe('["7"]')
  },
)
