import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { stagePrograms } from '#adapters/slurm/stage-programs.ts'
import { defaultPartition, layOutFolder, mintToken, ownSlurmAt } from './slurm-on-this-machine.ts'

/** A site the demo sends its practical to, described in a `SITES_FILE` of its own. */
export interface DemoSite {
  name: string
  partition: string
  sitesFile: string
  /** Takes away the file, and what was made for it: tokens, and the site's folder where it was made here. */
  end(): void
}

/** Something of the environment is missing; the message is for whoever types the command. */
export class SiteMissing extends Error {
  constructor(missing: string[]) {
    super(`--site slurm needs ${missing.join(', ')}.\n\n${slurmHelp}`)
    this.name = 'SiteMissing'
  }
}

/** What `--site slurm` reads, and how to have a Slurm at all. */
export const slurmHelp = `--site slurm sends the practical to a Slurm through its REST interface, and reads:
  SLURM_REST_URL          address of slurmrestd, like http://127.0.0.1:6820
  SLURM_SITE_FOLDER       the academy's folder at the site, mounted here under the same path (docs/sites.md)
  SLURM_WORK_TOKEN_FILE   file with a token of the account that runs learners' work
  SLURM_GRADE_TOKEN_FILE  file with a token of the account that grades
  SLURM_CONF              instead of these three, for a Slurm on this machine and as root: its slurm.conf
and, if they differ: SLURM_API_VERSION (v0.0.38), SLURM_PARTITION (academy, or the default one of SLURM_CONF),
SLURM_WORK_USER (learner), SLURM_GRADE_USER (grader), SLURM_NODE_FILE (programs/node in the folder),
SLURM_ACCOUNT and SLURM_QOS (none).

This clone brings a real one-node Slurm (Debian 12, as root; loopback only), which needs the address alone:
  export $(bash test/engines/slurm/start.sh | grep SLURM_REST_URL)
  npm run demo -- --site slurm
  bash test/engines/slurm/stop.sh`

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The Slurm that the environment names, as a site, with this release's practicals laid into its folder. Throws
 * `SiteMissing` with what is not set; whether what is set is right, the server says when it reads the file.
 */
export function slurmSite(env: Environment): DemoSite {
  const url = env['SLURM_REST_URL']
  const own = url ? ownSlurmAt(url) : undefined
  const conf = env['SLURM_CONF'] || (own && join(own, 'etc', 'slurm.conf'))
  const needed = ['SLURM_SITE_FOLDER', 'SLURM_WORK_TOKEN_FILE', 'SLURM_GRADE_TOKEN_FILE']
  const missing = ['SLURM_REST_URL', ...(conf ? [] : needed)].filter((name) => !env[name])
  if (!url || missing.length > 0) throw new SiteMissing(missing)

  const made = [mkdtempSync(join(tmpdir(), 'academy-demo-'))]
  const end = () => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
  }
  try {
    const [secrets = ''] = made
    const users = {
      work: env['SLURM_WORK_USER'] || 'learner',
      grade: env['SLURM_GRADE_USER'] || 'grader',
    }
    const account = (stage: 'work' | 'grade') => {
      const user = users[stage]
      const given = env[`SLURM_${stage.toUpperCase()}_TOKEN_FILE`]
      if (given || !conf) return { user, tokenFile: given }
      const tokenFile = join(secrets, stage)
      mintToken(conf, user, tokenFile)
      return { user, tokenFile }
    }
    let folder = env['SLURM_SITE_FOLDER'] || (own && join(own, 'site'))
    if (!folder) {
      folder = layOutFolder(users)
      made.push(folder)
    }
    stagePrograms(join(import.meta.dirname, '..', '..'), join(folder, 'programs'))
    const partition = env['SLURM_PARTITION'] || (conf && defaultPartition(conf)) || 'academy'
    const sitesFile = join(secrets, 'sites.yaml')
    const entry = {
      name: 'slurm',
      aiFactory: 'The Slurm of this demonstration',
      adapter: 'slurmrest',
      address: url,
      apiVersion: env['SLURM_API_VERSION'] || 'v0.0.38',
      accounting: false,
      ...(env['SLURM_ACCOUNT'] ? { account: env['SLURM_ACCOUNT'] } : {}),
      ...(env['SLURM_QOS'] ? { qos: env['SLURM_QOS'] } : {}),
      accounts: { work: account('work'), grade: account('grade') },
      folder: { here: folder, there: folder },
      node: env['SLURM_NODE_FILE'] || join(folder, 'programs', 'node'),
      partitions: [{ name: partition, ...machine }],
      ...agreed,
    }
    writeFileSync(sitesFile, stringify({ sites: [entry] }, { aliasDuplicateObjects: false }), { mode: 0o600 })
    return { name: entry.name, partition, sitesFile, end }
  } catch (cause) {
    end()
    throw cause
  }
}

const machine = {
  maxMinutes: 10,
  cpus: 4,
  memoryGiB: 4,
  arch: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
  box: 'bwrap',
  cpu: 'not stated',
  limits: 'watched',
}

const coreMinutes = { coreMinutes: 10_000 }
/** What an academy and an AI Factory would agree on. */
const agreed = {
  accountModel: 'service',
  dataPolicy: { country: 'LU', accepts: 'open' },
  caps: { perLearner: coreMinutes, perCohort: coreMinutes, perDay: coreMinutes },
  firstPollSeconds: 0.5,
}
