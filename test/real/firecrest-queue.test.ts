import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type FirecrestSite, firecrestQueue } from '#adapters/firecrest/queue.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { job, queueContract, untilEnded } from '#test/contracts/queue.ts'
import { firecrestFolder, slurm, standInOptions } from '#test/firecrest/site-folder.ts'
import { firecrestStandIn } from '#test/firecrest/stand-in.ts'
import { realSite, scontrol, siteFolderPath, stageTestPrograms } from '#test/slurm/real-site.ts'

/**
 * A FirecREST of one's own in front of the same Slurm, when it is named: `FIRECREST_URL` and
 * `FIRECREST_TOKEN_URL`, with clients and system as below. Else the stand-in.
 */
const given = process.env['FIRECREST_URL']
const behind = given === undefined ? 'a stand-in of FirecREST' : 'a running FirecREST'

async function open(more: Partial<FirecrestSite> = {}) {
  const secrets = mkdtempSync(join(tmpdir(), 'academy-secrets-'))
  onTestFinished(() => rmSync(secrets, { recursive: true, force: true }))
  for (const user of ['learner', 'grader']) writeFileSync(join(secrets, user), `secret-of-${user}`)
  const there = firecrestFolder()
  const url = given ?? (await firecrestStandIn(standInOptions()))
  const programs = stageTestPrograms('contracts/queue-programs', slurm)
  return firecrestQueue({
    clock: systemClock,
    program: ({ id }) => {
      const file = join(programs, `${id}.mjs`)
      return existsSync(file) ? file : undefined
    },
    site: {
      name: 'test-factory',
      url,
      system: 'aif',
      tokenUrl: process.env['FIRECREST_TOKEN_URL'] ?? `${url}/token`,
      partitions: realSite({}, slurm).partitions,
      accounts: {
        work: { user: 'learner', clientId: 'work', secretFile: join(secrets, 'learner') },
        grade: { user: 'grader', clientId: 'grade', secretFile: join(secrets, 'grader') },
      },
      folder: { there },
      nodeFile: join(siteFolderPath(slurm), 'programs', 'node'),
      ...more,
    },
  })
}

queueContract(`a real Slurm behind ${behind}`, async () => {
  const queue = await open()
  return { queue, files: queue.files }
})

describe(`a real Slurm behind ${behind}`, () => {
  test('gives what the script asks for, under two accounts', async () => {
    const queue = await open({
      partitions: [
        { ...realSite({}, slurm).partitions[0], gpus: { type: 'stand-in', count: 2 } },
      ] as FirecrestSite['partitions'],
    })
    const resources = { ...job('sleep').resources, gpus: 2, cpus: 2, tasks: 2, memoryGiB: 0.5 }
    const { jobId } = await queue.submit(job('sleep', { stage: 'grade', resources }))
    await expect
      .poll(() => queue.get(jobId), { timeout: 20_000, interval: 250 })
      .toMatchObject({
        state: 'running',
        hardware: { cores: 2, memoryGiB: 0.5, gpus: 2, gpuType: 'stand-in' },
      })
    const told = scontrol(['show', 'job', '--details', jobId], slurm)
    expect(told).toMatch(/UserId=grader\(/)
    expect(told).toMatch(/NumTasks=2 CPUs\/Task=1/)
    expect(told).toMatch(/MinMemoryNode=512M/)
    expect(told).toMatch(/GRES=gpu:stand-in:2\(IDX:0-1\)/)
    expect(told).toMatch(/Dependency=\(null\)|singleton/)
    await queue.cancel(jobId)
  })

  test('what sbatch refuses is rejected', async () => {
    const [partition] = realSite({ partition: { name: 'nowhere' } }, slurm).partitions
    const queue = await open({ partitions: partition ? [partition] : [] })
    await expect(queue.submit(job('succeed', { partition: 'nowhere' }))).rejects.toMatchObject({
      kind: 'rejected',
    })
  })

  test('the secret of a job is read by its account alone, and gone when the job has ended', async () => {
    const queue = await open()
    const request = job('look-around', { stage: 'grade', secret: Buffer.from('a secret of one run') })
    const { jobId } = await queue.submit(request)
    const inbox = join(firecrestFolder(), 'inbox', 'grade', request.key)
    expect(execFileSync('stat', ['-c', '%U %a', inbox], { encoding: 'utf8' }).trim()).toMatch(
      /^grader 2?700$/,
    )
    await untilEnded(queue, jobId)
    expect(existsSync(join(inbox, 'secret'))).toBe(false)
    const seen = Buffer.from((await queue.files.read(request.key, 'seen.json', 100_000)) ?? []).toString()
    expect(Buffer.from(JSON.parse(seen).secret, 'base64').toString()).toBe('a secret of one run')
  })
})
