import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { attemptFolder, readRunLog } from '#core/practicals/run-files.ts'
import { hiddenSeed, manifestKey } from '#core/practicals/run-secrets.ts'
import { engineSetting, scontrol, siteFolderPath } from '#test/slurm/real-site.ts'
import { siteWorld } from '#test/slurm/site-world.ts'

const script = (name: string) => readFileSync(`practicals/batch-job-repair/solutions/${name}.sh`, 'utf8')

test('a mended script runs in a box under the learner’s account, is judged under another, and earns the award; a poor and a cheating one do not', async () => {
  const w = await siteWorld({ practicalId: 'batch-job-repair' })
  const outcomes = await Promise.all(
    ['good', 'poor', 'cheating'].map(async (name) => {
      const { id } = await w.start(await w.enrolled(), { script: script(name) })
      const attempt = await w.drive(id)
      if (attempt.state !== 'graded') throw new Error(`${name}: ${JSON.stringify(attempt)}`)
      return { name, attempt }
    }),
  )
  const rows = outcomes.map(({ name, attempt: { graded, recorded } }) => [
    name,
    graded.outcome,
    recorded,
    graded.metrics[0]?.value,
  ])
  expect(rows).toEqual([
    ['good', 'passed', 'assessment', 1],
    ['poor', 'failed', 'assessment', 0.8],
    ['cheating', 'failed', 'assessment', expect.toSatisfy((share: number) => share <= 0.2)],
  ])
  const good = outcomes[0]?.attempt
  if (!good) throw new Error('nothing ran')
  expect(await readRunLog(good, await w.store.runsOf(good.id), w)).toContain(
    'task 0: exit code 0, as it should be',
  )
  for (const run of await w.store.runsOf(good.id)) {
    const told = scontrol(['show', 'job', run.state === 'DONE' ? (run.jobId ?? '') : ''])
    expect(told).toContain(`UserId=${run.stage === 'work' ? 'learner' : 'grader'}(`)
    // What the script asks for never reaches the scheduler: 64M and five minutes there, two gigabytes and three here.
    expect(told).toContain('TimeLimit=00:03:00')
    expect(told).toMatch(/mem=2G/)
  }
  const [award] = await w.store.awardsOf(good.learnerId)
  expect(award?.evidence).toMatchObject([
    {
      practical: 'batch-job-repair',
      environment: 'site',
      assurance: 'graded-separately',
      level: 2,
      graderSha256: w.practical.graderSha256,
      metrics: [{ name: 'tasks_right', value: 1, threshold: 1 }, { name: 'memory_fit' }],
    },
  ])
})

/**
 * Keeps what it can get at, wherever it runs; one task, so that its loot is one file. Its own words are written so
 * that finding the script itself is finding nothing.
 */
const spy = (planted: string, port: string) => `#!/bin/bash
#SBATCH --array=0
#SBATCH --mem=256M
loot=results/loot
say() { echo "$@" >>"$loot"; }
cat shards/* >>"$loot"
for file in /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/[0-9]*/fd/*; do tr '\\0' ' ' <"$file" >>"$loot"; done 2>/dev/null
env >>"$loot"
find / -xdev -type f -not -path '/usr/*' -not -path '/proc/*' -size -100k -exec cat {} + >>"$loot" 2>/dev/null
for place in '${planted}' /etc/passwd /root /home /var /artefact ../.. "$HOME/../../../.."; do
  cat "$place" >>"$loot" 2>/dev/null && say "RE""AD $place"
done
(echo >/dev/tcp/127.0.0.1/${port}) 2>/dev/null && say NE""TWORK
for place in /usr/x /software/x /job/shards/x /job/job.sh; do (echo x >"$place") 2>/dev/null && say "WR""OTE $place"; done
mv results elsewhere 2>/dev/null && say MO""VED
unshare -Ur true 2>/dev/null && say NA""MESPACE
say "processes $(ls -d /proc/[0-9]* | wc -l) user $(id -u)"
`

test('a script of a learner, run by the grader, sees its shards and nothing else: no key, no seed, no file of the site, no network', async () => {
  const planted = join(siteFolderPath(), 'readable-by-all')
  const control = randomBytes(12).toString('hex')
  writeFileSync(planted, control, { mode: 0o644 })
  onTestFinished(() => rmSync(planted, { force: true }))
  const port = new URL(engineSetting('REST_URL')).port
  const w = await siteWorld({ practicalId: 'batch-job-repair' })
  const { id } = await w.start(await w.enrolled(), { script: spy(planted, port) })
  const attempt = await w.drive(id)
  if (attempt.state !== 'graded') throw new Error(JSON.stringify(attempt))
  expect(attempt.graded.outcome).toBe('failed')

  for (const run of await w.store.runsOf(id)) {
    const folder = join(siteFolderPath(), 'jobs', run.stage, run.key, 'run', 'job')
    expect(readdirSync(folder)).toContain('results')
    const loot = readFileSync(join(folder, 'results', 'loot'), 'latin1')
    // What shows that it really looked, and at what it was given.
    expect(loot).toContain('# lines 12')
    expect(loot).toContain('SLURM_ARRAY_TASK_ID=0')
    expect(loot).toMatch(/processes \d+ user \d+/)
    expect(Number(/processes (\d+)/.exec(loot)?.[1])).toBeLessThan(10)
    for (const word of ['READ', 'NETWORK', 'WROTE', 'MOVED', 'NAMESPACE', control])
      expect(loot).not.toContain(word)
    const secret = Buffer.from(manifestKey(w.signers, run.key, run.nonce))
    const seed = hiddenSeed(w.signers, id, w.practical.specHash)
    // The job's name is no secret: anybody sees it in the queue.
    const forms = [
      ...(['base64url', 'base64', 'hex', 'latin1'] as const).map((form) => secret.toString(form)),
      run.nonce,
      id,
      String(seed),
      w.practical.specHash,
    ]
    for (const wanted of forms) expect(loot.includes(wanted)).toBe(false)
  }
})

/** Each of them would hold a node up, fill its disk or outlive its job. */
const greedy = `#!/bin/bash
#SBATCH --array=0-3
#SBATCH --mem=64M
#SBATCH --output=task-%a.log
case "$SLURM_ARRAY_TASK_ID" in
  0) bomb() { bomb | bomb & }; bomb; sleep 100 ;;
  1) (setsid sleep 3000 &) ; exit 0 ;;
  2) data=x; while :; do data="$data$data"; done ;;
  3) while :; do head -c 1000000 /dev/zero >"results/fill-$RANDOM"; done ;;
esac
`

test('a script that breeds processes, fills the disk, leaves something running or takes all memory is stopped and harms nobody', async () => {
  const w = await siteWorld({ practicalId: 'batch-job-repair' })
  const { id } = await w.start(await w.enrolled(), { script: greedy })
  const attempt = await w.drive(id)
  expect(attempt).toMatchObject({ state: 'graded', graded: { outcome: 'failed' } })
  const kept = await w.files.get(`${attemptFolder(attempt)}run-1/artefact.json`)
  const { tasks } = JSON.parse(new TextDecoder().decode(kept)) as {
    tasks: { exitCode: number; stopped?: string }[]
  }
  expect(tasks.map(({ stopped }) => stopped)).toEqual(['wall-time', undefined, undefined, 'output'])
  expect(tasks[1]).toMatchObject({ exitCode: 0 })
  expect(tasks[2]?.exitCode).not.toBe(0)
})
