import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { confirmSiteAccount, stateSiteAccount } from '#core/practicals/name-site-account.ts'
import { job, untilEnded, untilRunning } from '#test/contracts/queue.ts'
import { realQueue, scontrol, siteFolderPath, stageTestPrograms } from '#test/slurm/real-site.ts'
import { type SiteWorld, siteWorld, withReference } from '#test/slurm/site-world.ts'

/** Two people with an account of their own at the site each; the academy grades under a third. */
const learnerAccounts = ['learner', 'nobody']
const groups: Record<string, string> = { learner: 'learner', nobody: 'nogroup' }

/** What the site does when it makes an account. */
function foldersMade(): void {
  const root = siteFolderPath()
  for (const part of ['inbox', 'jobs']) {
    const all = join(root, part, 'learners')
    mkdirSync(all, { recursive: true })
    execFileSync('chmod', ['711', all])
    onTestFinished(() => rmSync(all, { recursive: true, force: true }))
    for (const user of learnerAccounts) {
      const own = join(all, user)
      mkdirSync(own, { recursive: true })
      execFileSync('chown', [part === 'inbox' ? `root:${groups[user]}` : `${user}:grader`, own])
      execFileSync('chmod', ['2750', own])
    }
  }
}

async function bound(w: SiteWorld, actor: Actor, user: string): Promise<void> {
  const site = 'test-factory'
  await stateSiteAccount(actor, { requestId: w.requestId(), site, user, consent: true }, w)
  const { learnerId } = actor
  if (!learnerId) throw new Error('not a learner')
  const seen = { requestId: w.requestId(), site, learnerId, userName: user }
  await confirmSiteAccount(w.actor('site-operator'), seen, w)
}

test('where a site wants it, two learners’ practicals run under their own accounts at once, each graded by the academy’s', async () => {
  foldersMade()
  const w = await siteWorld({ change: withReference, site: { learnerAccounts } })
  const good = JSON.parse(readFileSync('practicals/inference-throughput/solutions/good.json', 'utf8'))
  const withoutOne = await w.enrolled()
  await expect(w.start(withoutOne, good)).rejects.toMatchObject({ message: /needs your own account there/ })

  const attempts = await Promise.all(
    learnerAccounts.map(async (user) => {
      const learner = await w.enrolled()
      await bound(w, learner, user)
      return { user, id: (await w.start(learner, good)).id }
    }),
  )
  for (const { user, id } of attempts) {
    const attempt = await w.drive(id)
    expect(attempt).toMatchObject({
      state: 'graded',
      graded: { outcome: 'passed', evidence: { level: 2, assurance: 'graded-separately' } },
    })
    const runs = await w.store.runsOf(id)
    expect(runs.map(({ stage, state }) => [stage, state])).toEqual([
      ['work', 'DONE'],
      ['grade', 'DONE'],
    ])
    // The scheduler itself, asked past the adapter, tells whose each job was.
    const owners = runs.map((run) => (run.state === 'DONE' ? ownerOf(run.jobId) : ''))
    expect(owners).toEqual([user, 'grader'])
    const other = user === 'learner' ? 'nobody' : 'learner'
    const [work] = runs
    for (const part of ['inbox', 'jobs']) {
      const own = join(siteFolderPath(), part, 'learners', user, work?.key ?? '')
      // Beside the refusal, that the same look succeeds under the account it belongs to.
      expect(listedBy(user, own)).toBe(true)
      expect(listedBy(other, own)).toBe(false)
    }
  }
})

test('a server that starts anew still follows and stops a job under a learner’s account; another’s name is not taken', async () => {
  foldersMade()
  const programs = stageTestPrograms('contracts/queue-programs')
  const program = ({ id }: { id: string }) => join(programs, `${id}.mjs`)
  const queue = () => realQueue(program, { learnerAccounts })
  const sleep = job('sleep', { account: 'nobody' })
  const { jobId } = await queue().submit(sleep)
  await untilRunning(queue(), jobId)
  expect(ownerOf(jobId)).toBe('nobody')
  expect((await queue().findByKey(sleep.key, new Date(0))).map((one) => one.jobId)).toEqual([jobId])
  // The learner has another account by now: the job keeps the one it was sent under, and is not sent twice.
  expect((await queue().submit({ ...sleep, account: 'learner' })).jobId).toBe(jobId)
  await queue().cancel(jobId)
  expect(await untilEnded(queue(), jobId)).toMatchObject({ outcome: 'cancelled' })

  const refused = (more: Parameters<typeof job>[1]) => queue().submit(job('succeed', more))
  await expect(refused({})).rejects.toMatchObject({ kind: 'rejected' })
  await expect(refused({ account: 'grader' })).rejects.toMatchObject({ kind: 'rejected' })
  await expect(refused({ account: '../work' })).rejects.toMatchObject({ kind: 'rejected' })
  await expect(refused({ account: 'unheard-of' })).rejects.toMatchObject({
    kind: 'rejected',
    message: expect.stringContaining('no folders'),
  })
})

const ownerOf = (jobId = '') => /UserId=([^(]+)\(/.exec(scontrol(['show', 'job', jobId]))?.[1]

function listedBy(user: string, path: string): boolean {
  try {
    execFileSync('/usr/sbin/runuser', ['-u', user, '--', 'ls', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
