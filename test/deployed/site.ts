import { join } from 'node:path'
import { firecrestFolder, slurm, standInOptions } from '#test/firecrest/site-folder.ts'
import { openStandIn } from '#test/firecrest/stand-in.ts'
import { siteAt, siteFolderPath, stageOnce } from '#test/slurm/real-site.ts'

/** What the site signs its hints with. */
export const hintSecret = 'secret-of-hints, with 32 letters and more'

/** A site as a deployment file has it: the started Slurm, behind the stand-in of FirecREST. */
export interface DeployedSite {
  entry: { name: string; [member: string]: unknown }
  /** What an operator puts into the secret of the site. */
  secret: string
  close: () => void
}

export async function deployedSite(): Promise<DeployedSite> {
  const there = firecrestFolder()
  // As for each release: its programs are laid out anew.
  stageOnce(slurm)
  const { url, close } = await openStandIn(standInOptions())
  const { partitions } = siteAt('', { here: '', there: '' }, () => '')
  const much = { coreMinutes: 100_000 }
  return {
    entry: {
      name: 'slurm',
      adapter: 'firecrest',
      aiFactory: 'Test Factory',
      accountModel: 'service',
      dataPolicy: { country: 'LU', accepts: 'restricted' },
      partitions: partitions.map(({ machine, costPerHour: _free, ...one }) => ({ ...one, ...machine })),
      caps: { perLearner: much, perCohort: much, perDay: much },
      address: url,
      tokenAddress: `${url}/token`,
      system: 'aif',
      accounts: {
        work: { user: 'learner', clientId: 'work' },
        grade: { user: 'grader', clientId: 'grade' },
      },
      folder: { there },
      node: join(siteFolderPath(slurm), 'programs', 'node'),
      firstPollSeconds: 0.5,
    },
    secret: JSON.stringify({ work: 'secret-of-learner', grade: 'secret-of-grader', hints: hintSecret }),
    close,
  }
}
