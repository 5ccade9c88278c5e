import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { job } from '#test/contracts/queue.ts'
import { type Script, scriptedSite, token } from './scripted-site.ts'

/** A site whose learners have accounts of their own; it takes every job, and shows the grade account all of them. */
async function site(jobsShown: () => object[], failing: (user: string) => boolean = () => false) {
  const script: Script = ({ method, path, headers }) => {
    const user = String(headers['x-slurm-user-name'])
    if (failing(user)) return { status: 500, body: { errors: [{ error_number: -1 }] } }
    if (method === 'POST') return { status: 200, body: { job_id: user === 'anna' ? 5 : 6, errors: [] } }
    if (path.endsWith('/jobs')) return { status: 200, body: { jobs: user === 'grader' ? jobsShown() : [] } }
    return { status: 500, body: { errors: [{ error_number: 2017 }] } }
  }
  const tokens = { tokenFolder: '' }
  const made = await scriptedSite(script, { learners: tokens })
  tokens.tokenFolder = join(made.folder, 'tokens')
  mkdirSync(tokens.tokenFolder)
  for (const user of ['anna', 'ben']) {
    writeFileSync(join(tokens.tokenFolder, user), token(600))
    for (const part of ['inbox', 'jobs'])
      mkdirSync(join(made.folder, part, 'learners', user), { recursive: true })
  }
  return { ...made, tokenOf: (user: string) => join(tokens.tokenFolder, user) }
}

const shown = (jobId: number, name: string, user: string) => ({
  job_id: jobId,
  name,
  user_name: user,
  partition: 'academy',
  job_state: 'RUNNING',
  exit_code: 0,
  start_time: 100,
  end_time: 0,
})

test('work is sent under each learner’s own account; one list call under the grade account follows all of it', async () => {
  const [annas, bens] = [job('sleep', { account: 'anna' }), job('sleep', { account: 'ben' })]
  let jobs: object[] = []
  const { queue, asked } = await site(() => jobs)
  expect((await queue.submit(annas)).jobId).toBe('5')
  expect((await queue.submit(bens)).jobId).toBe('6')
  const sent = asked.map(({ headers, body }) => [headers['x-slurm-user-name'], body] as const)
  expect(sent.map(([user]) => user)).toEqual(['anna', 'ben'])
  expect(JSON.parse(sent[0]?.[1] ?? '')).toMatchObject({
    job: {
      current_working_directory: '/site/jobs/learners/anna',
      environment: { ACADEMY_INBOX: '/site/inbox/learners/anna' },
    },
  })
  asked.length = 0
  // Somebody else's job with the number and the name of one of ours is none of ours.
  jobs = [shown(5, annas.key, 'anna'), shown(6, bens.key, 'mallory')]
  const listed = await queue.list(['5', '6'])
  expect([...listed.keys()]).toEqual(['5'])
  expect(listed.get('5')).toMatchObject({ state: 'running', key: annas.key })
  expect(asked.map(({ path, headers }) => [path, headers['x-slurm-user-name']])).toEqual([
    ['/slurm/v0.0.38/jobs', 'grader'],
  ])
})

test('a learner’s token that is gone, has run out or is refused holds up nobody else', async () => {
  let failing = ''
  const { queue, asked, tokenOf } = await site(
    () => [],
    (user) => user === failing,
  )
  chmodSync(tokenOf('anna'), 0o600)
  writeFileSync(tokenOf('anna'), token(-5))
  const sending = queue.submit(job('sleep', { account: 'anna' }))
  await expect(sending).rejects.toMatchObject({ kind: 'auth' })
  // No name of an account in what is told.
  await expect(sending).rejects.toMatchObject({ message: expect.not.stringContaining('anna') })
  expect(asked).toEqual([])
  writeFileSync(tokenOf('anna'), token(600))
  failing = 'anna'
  for (let time = 0; time < 8; time++)
    await expect(queue.submit(job('sleep', { account: 'anna' }))).rejects.toMatchObject({
      kind: expect.stringMatching(/unconfirmed|unavailable/),
    })
  expect((await queue.submit(job('sleep', { account: 'ben' }))).jobId).toBe('6')
})

test('a job that was laid down for one account is never sent for another, whatever was heard of it', async () => {
  let failing = true
  const { queue, asked, folder } = await site(
    () => [],
    () => failing,
  )
  const annas = job('sleep', { account: 'anna' })
  await expect(queue.submit(annas)).rejects.toMatchObject({ kind: 'unconfirmed' })
  expect(await queue.files.canSee?.(annas.key)).toBe(true)
  failing = false
  asked.length = 0
  await expect(queue.submit({ ...annas, account: 'ben' })).rejects.toMatchObject({
    kind: 'rejected',
    message: expect.stringMatching(/^account: /),
  })
  expect(asked.filter(({ method }) => method === 'POST')).toEqual([])
  expect((await queue.submit(annas)).jobId).toBe('5')
  // Not mounted, nothing of it can be seen.
  rmSync(join(folder, 'inbox'), { recursive: true })
  expect(await queue.files.canSee?.(annas.key)).toBe(false)
})
