import { createHash } from 'node:crypto'
import type { Ports } from '#core/ports.ts'
import type { Attempt } from './attempt.ts'
import { verifyManifest } from './manifest.ts'
import { type Practical, referenceAt } from './practical.ts'
import type { Delivery, Run } from './run.ts'
import { isForgotten, runFile, runFileLimits } from './run-files.ts'
import { manifestKey } from './run-secrets.ts'
import { imageDigestOf, type Site, type SiteProfile } from './site.ts'

type Collectable = Extract<Run, { state: 'COLLECTING' | 'LOST' }>

/**
 * Looks at what a run left: the work run's artefact, or the grade run's signed manifest held against the
 * scheduler's own facts. `undefined` while there is nothing. What was found is kept in `Files`.
 */
export async function collectRun(
  attempt: Attempt,
  run: Collectable,
  runs: readonly Run[],
  practical: Practical,
  { profile, files }: Pick<Site, 'profile' | 'files'>,
  ports: Pick<Ports, 'files' | 'signers' | 'clock'>,
): Promise<Delivery | undefined> {
  const name = run.stage === 'work' ? practical.work.artefact : 'manifest.jws'
  const limit = run.stage === 'work' ? runFileLimits.artefact : runFileLimits.manifest
  const bytes = await files.read(run.key, name, limit)
  if (!bytes) return undefined
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (!isForgotten(attempt))
    await ports.files.put(runFile(attempt, run, name), bytes, 'application/octet-stream')
  if (run.stage === 'work') return { verdict: 'valid', sha256 }
  const key = manifestKey(ports.signers, run.key, run.nonce)
  return verifyManifest(
    new TextDecoder().decode(bytes).trim(),
    key,
    {
      attemptId: attempt.id,
      runKey: run.key,
      nonce: run.nonce,
      specHash: attempt.practical.specHash,
      graderSha256: practical.graderSha256,
      imageDigest: imageDigestOf(profile, attempt.partition, practical.grade.isolation),
      artefactSha256: artefactDigest(runs),
      startedAt: run.startedAt ?? run.createdAt,
      endedAt: run.state === 'COLLECTING' ? run.endedAt : ports.clock.now(),
      bounds: boundsAt(practical, profile, attempt.partition),
    },
    sha256,
  )
}

/**
 * Whether the work of a grade job that did not come to its end is not at the site any more as it was collected, where
 * it ran under the learner's own account: with that they can take it away, or put something else there.
 */
export async function isWorkMissing(
  runs: readonly Run[],
  { work: { artefact } }: Pick<Practical, 'work'>,
  site: Pick<Site, 'files'>,
): Promise<boolean> {
  const run = workRunOf(runs)
  if (!run?.ownAccount || !(await canSee(run, site))) return false
  const bytes = await site.files.read(run.key, artefact, runFileLimits.artefact)
  return !bytes || createHash('sha256').update(bytes).digest('hex') !== artefactDigest(runs)
}

/** Whether what is not found of a run is really not there. */
export const canSee = async ({ key }: Pick<Run, 'key'>, { files }: Pick<Site, 'files'>): Promise<boolean> =>
  (await files.canSee?.(key)) ?? true

/** The work run whose artefact is graded: the one that was done. */
export function workRunOf(runs: readonly Run[]): Extract<Run, { state: 'DONE' }> | undefined {
  return runs.find(
    (run): run is Extract<Run, { state: 'DONE' }> => run.stage === 'work' && run.state === 'DONE',
  )
}

function artefactDigest(runs: readonly Run[]): string {
  const delivery = workRunOf(runs)?.delivery
  return delivery?.verdict === 'valid' ? delivery.sha256 : ''
}

/** What no machine of the place can exceed; where nothing is known of it, what no machine at all can. */
function boundsAt(
  practical: Practical,
  { name: site }: SiteProfile,
  partition: string,
): Record<string, number> {
  return Object.fromEntries(
    practical.rubric.metrics.map((metric) => {
      const rule = referenceAt(metric, site, partition)
      return [metric.name, typeof rule === 'object' && rule ? rule.bound : metric.bound]
    }),
  )
}
