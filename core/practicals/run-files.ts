import type { Ports } from '#core/ports.ts'
import type { Attempt } from './attempt.ts'
import type { Run } from './run.ts'
import type { Site } from './site.ts'

/** Largest files of a run that are taken and kept, in bytes. What is larger counts as absent. */
export const runFileLimits = { artefact: 1024 * 1024, manifest: 32 * 1024, log: 64 * 1024 } as const

type Filed = Pick<Attempt, 'tenant' | 'id' | 'createdAt'>

const day = (date: Date) => date.toISOString().slice(0, 10)

/** Everything kept of the attempts that began on a day. */
export const dayFolder = (tenant: Attempt['tenant'], date: Date): string => `${tenant}/attempts/${day(date)}/`

/** Everything kept of one attempt. */
export const attemptFolder = ({ tenant, id, createdAt }: Filed): string =>
  `${dayFolder(tenant, createdAt)}${id}/`

/** Where one file of a run is kept: by day, attempt and run, under the tenant. */
export const runFile = (attempt: Filed, { number }: Pick<Run, 'number'>, name: string): string =>
  `${attemptFolder(attempt)}run-${number}/${name}`

/** Whether its learner was erased meanwhile: then nothing more is kept of it. */
export const isForgotten = ({ configuration }: Pick<Attempt, 'configuration'>): boolean =>
  configuration === null

/**
 * Keeps what went into a work run that has ended and what it printed, however it ended: a run that failed is the one
 * whose log is wanted. Safe to repeat. What a grade run prints is not kept: it may tell hidden inputs.
 */
export async function keepRunFiles(
  attempt: Attempt,
  run: Pick<Run, 'number' | 'stage' | 'key'> & { jobId?: string },
  { files: jobFiles }: Pick<Site, 'files'>,
  { files }: Pick<Ports, 'files'>,
): Promise<void> {
  if (run.stage !== 'work' || run.jobId === undefined || isForgotten(attempt)) return
  const configuration = Buffer.from(JSON.stringify(attempt.configuration))
  await files.put(runFile(attempt, run, 'configuration.json'), configuration, 'application/json')
  const log = await jobFiles.workLogTail({ key: run.key, jobId: run.jobId }, runFileLimits.log)
  if (log) await files.put(runFile(attempt, run, 'log.txt'), log, 'text/plain; charset=utf-8')
}

/**
 * The end of what the learner's run printed, for those who may read the run: while it runs from its site, then as it
 * was kept. `undefined` when there is nothing (any more).
 */
export async function readRunLog(
  attempt: Attempt,
  runs: readonly Run[],
  { files, sites }: Pick<Ports, 'files' | 'sites'>,
): Promise<string | undefined> {
  const run = runs.findLast(({ stage }) => stage === 'work')
  if (!run) return undefined
  const bytes = (await files.get(runFile(attempt, run, 'log.txt'))) ?? (await liveLog(attempt, run, sites))
  return bytes && printable(bytes)
}

async function liveLog(attempt: Attempt, run: Run, sites: Ports['sites']): Promise<Uint8Array | undefined> {
  const jobId = 'jobId' in run ? run.jobId : undefined
  const site = sites.find(attempt.site)
  if (!site || jobId === undefined || isForgotten(attempt)) return undefined
  return site.files.workLogTail({ key: run.key, jobId }, runFileLimits.log)
}

/** Text of a log for a page: whole lines, no control characters but tab and line end, nothing that is no UTF-8. */
function printable(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes)
  const cut = bytes.length >= runFileLimits.log ? text.slice(text.indexOf('\n') + 1) : text
  return (
    cut
      .replaceAll('\r\n', '\n')
      // Colours and the like: a control character, then what it meant.
      .replaceAll(/[^\P{Cc}\t\n]\[[0-9;?]*[A-Za-z]/gu, '')
      .replaceAll(/[^\P{Cc}\t\n]/gu, '')
  )
}
