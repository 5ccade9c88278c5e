import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { type SlurmQueue, type SlurmQueueOptions, type SlurmSite, slurmQueue } from '#adapters/slurm/queue.ts'
import { stagePrograms } from '#adapters/slurm/stage-programs.ts'
import type { Stage } from '#core/practicals/queue.ts'

const engine = join(import.meta.dirname, '..', 'engines', 'slurm')
const projectRoot = join(import.meta.dirname, '..', '..')

/** A setting that `test/engines/slurm/start.sh` printed. */
export function engineSetting(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set; test/engines/slurm/start.sh prints it`)
  return value
}

export const siteFolderPath = () => engineSetting('SLURM_SITE_FOLDER')

/** Takes the site's controller away, or gives it back. */
export function controller(action: 'stop' | 'start'): void {
  execFileSync('bash', [join(engine, 'controller.sh'), action], { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Writes a token of an account to a file; it never passes through a command line or this process's environment. */
export function mintToken(user: string, seconds: number, file: string): void {
  execFileSync('bash', [join(engine, 'mint-token.sh'), user, String(seconds), file], { stdio: 'inherit' })
}

/** What the scheduler itself knows, past the interface under test. */
export function scontrol(...args: string[]): string {
  const conf = join(engineSetting('SLURM_STATE'), 'etc', 'slurm.conf')
  return execFileSync('scontrol', args, {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', SLURM_CONF: conf },
  })
}

/** The started Slurm as a site, with tokens of an hour for its two accounts. */
export function realSite(more: Partial<SlurmSite> = {}): SlurmSite {
  const tokens = mkdtempSync(join(tmpdir(), 'academy-tokens-'))
  onTestFinished(() => rmSync(tokens, { recursive: true, force: true }))
  for (const user of ['learner', 'grader']) mintToken(user, 3600, join(tokens, user))
  const account = (user: string) => ({ user, tokenFile: join(tokens, user) })
  return {
    name: 'test-factory',
    url: engineSetting('SLURM_REST_URL'),
    apiVersion: engineSetting('SLURM_API_VERSION'),
    accounting: false,
    partition: 'academy',
    maxMinutes: 10,
    cpus: 4,
    memoryGiB: 6,
    box: 'bwrap',
    accounts: { work: account('learner'), grade: account('grader') },
    machine: { cpu: 'test machine', limits: 'watched' },
    folder: { here: siteFolderPath(), there: siteFolderPath() },
    nodeFile: engineSetting('SLURM_NODE_FILE'),
    ...more,
  }
}

/** Copies a folder of test programs to where the site's accounts can read them; answers the path there. */
export function stageTestPrograms(folder: string): string {
  const to = join(siteFolderPath(), 'programs', 'test', folder)
  cpSync(join(projectRoot, 'test', folder), to, { recursive: true })
  return to
}

let staged = false
/** The platform's programs, laid out once per run of the suite. */
export function stageOnce(): string {
  const programs = join(siteFolderPath(), 'programs')
  if (!staged || !existsSync(join(programs, 'core'))) stagePrograms(projectRoot, programs)
  staged = true
  return programs
}

export function realQueue(
  program: SlurmQueueOptions['program'],
  more: Partial<SlurmSite> = {},
  options: Partial<SlurmQueueOptions> = {},
): SlurmQueue {
  stageOnce()
  return slurmQueue({ site: realSite(more), clock: systemClock, program, ...options })
}

/** Program of a shipped practical as the site's nodes see it. */
export const shippedProgram = ({ id }: { id: string }, stage: Stage): string | undefined =>
  id === 'inference-throughput'
    ? join(siteFolderPath(), 'programs', 'practicals', id, `${stage}.ts`)
    : undefined
