import { execFileSync } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { engineSetting, stageOnce } from '#test/slurm/real-site.ts'
import type { StandInOptions } from './stand-in.ts'

/** FirecREST tells of jobs out of the accounting, so it stands in front of the Slurm that has one. */
export const slurm = 'SLURM_ACCOUNTING'

/** The site's folder for FirecREST, where each account owns its own inbox. */
export function firecrestFolder(): string {
  const root = join(engineSetting('STATE', slurm), 'firecrest')
  if (existsSync(join(root, 'programs'))) return root
  const make = (path: string, owner: string, group: string, mode: string) =>
    execFileSync('install', ['-d', '-o', owner, '-g', group, '-m', mode, join(root, path)])
  make('', 'root', 'root', '755')
  make('inbox', 'root', 'root', '755')
  make('inbox/work', 'learner', 'learner', '700')
  make('inbox/grade', 'grader', 'grader', '700')
  make('jobs', 'root', 'root', '755')
  make('jobs/work', 'learner', 'grader', '2750')
  make('jobs/grade', 'grader', 'grader', '2700')
  symlinkSync(stageOnce(slurm), join(root, 'programs'))
  return root
}

/** What the stand-in serves there, and its two clients. */
export function standInOptions(): StandInOptions {
  return {
    slurmConf: join(engineSetting('STATE', slurm), 'etc', 'slurm.conf'),
    fileSystem: firecrestFolder(),
    clients: {
      work: { secret: 'secret-of-learner', user: 'learner' },
      grade: { secret: 'secret-of-grader', user: 'grader' },
    },
  }
}
