import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JobRequest } from '#core/practicals/queue.ts'
import { boxEnvironment, type SitePartition } from '#core/practicals/site.ts'

/** The text every job of every site runs. */
export const jobScript = readFileSync(new URL('job-script.sh', import.meta.url), 'utf8')

/** Much larger ones are refused by Slurm in ways hard to tell from other failures. */
const scriptMaxBytes = 64 * 1024
if (Buffer.byteLength(jobScript) > scriptMaxBytes) throw new Error('the job script is too large')

/** Everything that differs between jobs: variables in forms that were checked before, for the script to quote. */
export function jobEnvironment(
  site: { folder: { there: string }; nodeFile: string },
  partition: SitePartition,
  job: JobRequest,
  program: string,
  /** Where its things lie, below `inbox` and `jobs`, and those of the job it grades. */
  folders: { own: string; artefacts: string } = { own: job.stage, artefacts: 'work' },
): Record<string, string> {
  const at = (...parts: string[]) => join(site.folder.there, ...parts)
  const { limits } = job
  return {
    PATH: '/usr/bin:/bin',
    ...job.environment,
    ...(job.isolation === 'box' && partition.box ? boxEnvironment(partition.box) : {}),
    ACADEMY_KEY: job.key,
    ACADEMY_JOBS: at('jobs', folders.own),
    ACADEMY_INBOX: at('inbox', folders.own),
    ACADEMY_ARTEFACTS: at('jobs', folders.artefacts),
    ...(job.artefactOf === undefined ? {} : { ACADEMY_ARTEFACT_OF: job.artefactOf }),
    ACADEMY_NODE: site.nodeFile,
    ACADEMY_PROGRAM: program,
    ACADEMY_TAKE: at('programs', 'adapters', 'slurm', 'take-artefact.ts'),
    ACADEMY_WALL_SECONDS: String(limits.wallSeconds),
    ACADEMY_CPU_SECONDS: String(limits.cpuSeconds),
    ACADEMY_MEMORY_MIB: String(limits.memoryMiB),
    ACADEMY_OUTPUT_BYTES: String(limits.outputBytes),
    ACADEMY_OPEN_FILES: String(limits.openFiles),
  }
}
