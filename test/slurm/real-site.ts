import { execFile, execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { type SlurmQueue, type SlurmQueueOptions, type SlurmSite, slurmQueue } from '#adapters/slurm/queue.ts'
import { stagePrograms } from '#adapters/slurm/stage-programs.ts'
import type { Stage } from '#core/practicals/queue.ts'
import type { SitePartition, SiteProfile } from '#core/practicals/site.ts'
import { shippedIds } from '#practicals/shipped.ts'

const engine = join(import.meta.dirname, '..', 'engines', 'slurm')
const projectRoot = join(import.meta.dirname, '..', '..')

/** The two Slurms of the real suites, by the names their settings begin with: without accounting, and with. */
export type RealSlurm = 'SLURM' | 'SLURM_ACCOUNTING'

/** A setting that `start.sh` of the engine printed. */
export function engineSetting(
  name: 'REST_URL' | 'API_VERSION' | 'STATE' | 'SITE_FOLDER' | 'NODE_FILE',
  slurm: RealSlurm = 'SLURM',
): string {
  const value = process.env[`${slurm}_${name}`]
  if (!value) throw new Error(`${slurm}_${name} is not set; start.sh in test/engines prints it`)
  return value
}

export const siteFolderPath = (slurm?: RealSlurm) => engineSetting('SITE_FOLDER', slurm)

function runScript(name: string, args: string[], slurm: RealSlurm): void {
  const env = { ...process.env, ACCOUNTING: slurm === 'SLURM_ACCOUNTING' ? '1' : '0' }
  execFileSync('bash', [join(engine, name), ...args], { stdio: ['ignore', 'ignore', 'inherit'], env })
}

/** Takes the site's controller away, or gives it back. */
export function controller(action: 'stop' | 'start', slurm: RealSlurm = 'SLURM'): void {
  runScript('controller.sh', [action], slurm)
}

/** The same without holding up this process: away for so long. */
export async function controllerAway(ms: number, slurm: RealSlurm = 'SLURM'): Promise<void> {
  const env = { ...process.env, ACCOUNTING: slurm === 'SLURM_ACCOUNTING' ? '1' : '0' }
  const run = promisify(execFile)
  await run('bash', [join(engine, 'controller.sh'), 'stop'], { env })
  await new Promise((resolve) => setTimeout(resolve, ms))
  await run('bash', [join(engine, 'controller.sh'), 'start'], { env })
}

/** Writes a token of an account to a file; it never passes through a command line or this process's environment. */
export function mintToken(user: string, seconds: number, file: string, slurm: RealSlurm = 'SLURM'): void {
  runScript('mint-token.sh', [user, String(seconds), file], slurm)
}

/** What the scheduler itself knows, past the interface under test. */
export function scontrol(args: string[], slurm: RealSlurm = 'SLURM'): string {
  const conf = join(engineSetting('STATE', slurm), 'etc', 'slurm.conf')
  return execFileSync('scontrol', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin', SLURM_CONF: conf },
  })
}

/** How a test's site differs. */
export type SiteChange = Partial<SlurmSite> & {
  partition?: Partial<SitePartition>
  /** Learners' work runs under these accounts of theirs, and none is the academy's. */
  learnerAccounts?: readonly string[]
}

/** A site of two accounts at an address, with its folder here and there. */
export function siteAt(
  url: string,
  folder: SlurmSite['folder'],
  tokenFileOf: (user: string) => string,
): SlurmSite {
  const account = (user: string) => ({ user, tokenFile: tokenFileOf(user) })
  return {
    name: 'test-factory',
    url,
    apiVersion: 'v0.0.38',
    accounting: false,
    partitions: [
      {
        name: 'academy',
        maxMinutes: 10,
        cpus: 4,
        memoryGiB: 6,
        arch: 'x86_64',
        box: 'bwrap',
        machine: { cpu: 'test machine', limits: 'watched' },
        costPerHour: 0,
      },
    ],
    accounts: { work: account('learner'), grade: account('grader') },
    folder,
    nodeFile: `${folder.there}/programs/node`,
  }
}

/** The started Slurm as a site, with tokens of an hour for its two accounts. */
export function realSite(
  { partition, learnerAccounts, ...more }: SiteChange = {},
  slurm: RealSlurm = 'SLURM',
): SlurmSite {
  const tokens = mkdtempSync(join(tmpdir(), 'academy-tokens-'))
  onTestFinished(() => rmSync(tokens, { recursive: true, force: true }))
  for (const user of new Set(['learner', 'grader', ...(learnerAccounts ?? [])]))
    mintToken(user, 3600, join(tokens, user), slurm)
  const folder = siteFolderPath(slurm)
  const site = siteAt(engineSetting('REST_URL', slurm), { here: folder, there: folder }, (user) =>
    join(tokens, user),
  )
  return {
    ...site,
    apiVersion: engineSetting('API_VERSION', slurm),
    accounting: slurm === 'SLURM_ACCOUNTING',
    partitions: site.partitions.map((one) => ({ ...one, ...partition })),
    nodeFile: engineSetting('NODE_FILE', slurm),
    ...(learnerAccounts
      ? {
          accounts: { work: site.accounts.grade, grade: site.accounts.grade },
          learners: { tokenFolder: tokens },
        }
      : {}),
    ...more,
  }
}

/** What core knows of it. */
export function profileOf(site: SlurmSite): SiteProfile {
  return {
    name: site.name,
    aiFactory: 'Test Factory',
    environment: 'site',
    adapter: 'slurmrest',
    partitions: site.partitions,
    separateAccounts: site.learners !== undefined || site.accounts.work.user !== site.accounts.grade.user,
    accountModel: site.learners ? 'individual' : 'service',
    dataPolicy: { country: 'LU', accepts: 'restricted' },
    calendar: [],
    killSwitch: false,
    maxPendingMinutes: 1440,
    firstPollSeconds: 0.5,
  }
}

/** Copies a folder of test programs to where the site's accounts can read them; answers the path there. */
export function stageTestPrograms(folder: string, slurm: RealSlurm = 'SLURM'): string {
  const to = join(siteFolderPath(slurm), 'programs', 'test', folder)
  cpSync(join(projectRoot, 'test', folder), to, { recursive: true })
  return to
}

const staged = new Set<RealSlurm>()
/** The platform's programs, laid out once per run of the suite. */
export function stageOnce(slurm: RealSlurm = 'SLURM'): string {
  const programs = join(siteFolderPath(slurm), 'programs')
  if (!staged.has(slurm) || !existsSync(join(programs, 'core'))) stagePrograms(projectRoot, programs)
  staged.add(slurm)
  return programs
}

export function realQueue(
  program: SlurmQueueOptions['program'],
  more: SiteChange = {},
  options: Partial<SlurmQueueOptions> = {},
  slurm: RealSlurm = 'SLURM',
): SlurmQueue {
  stageOnce(slurm)
  return slurmQueue({ site: realSite(more, slurm), clock: systemClock, program, ...options })
}

/** Program of a shipped practical as the site's nodes see it. */
export const shippedProgram = ({ id }: { id: string }, stage: Stage): string | undefined =>
  shippedIds.includes(id) ? join(siteFolderPath(), 'programs', 'practicals', id, `${stage}.ts`) : undefined
