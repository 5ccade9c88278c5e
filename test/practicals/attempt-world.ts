import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import * as z from 'zod'
import { type LocalQueue, localQueue } from '#adapters/local/queue.ts'
import { localSite } from '#adapters/local/site.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import type { Actor } from '#core/access/operations.ts'
import type { AttemptId } from '#core/ids.ts'
import type { Learner } from '#core/learners/learner.ts'
import type { Offering } from '#core/offerings/offering.ts'
import { parse } from '#core/parse.ts'
import { type Attempt, isLive } from '#core/practicals/attempt.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import type { Practical } from '#core/practicals/practical.ts'
import type { JobFiles, Queue, Stage } from '#core/practicals/queue.ts'
import { fixedSites, type Sites } from '#core/practicals/site.ts'
import { type World, world } from '#test/support/world.ts'

const zConfiguration = z.strictObject({ mode: z.string().max(40) })

export interface AttemptWorld extends World {
  queue: LocalQueue
  jobsFolder: string
  learnerActor: Actor
  enrolled: { learner: Learner; offering: Offering }
  practical: Practical
  program: typeof programOf
  start(mode: string, requestId?: string): Promise<Attempt>
  /** Drives until the attempt has ended, or until `enough` says so. */
  drive(id: AttemptId, enough?: (attempt: Attempt) => boolean): Promise<Attempt>
  /** A server that was killed and started again on the same records and folder. */
  restarted(): AttemptWorld
}

/**
 * A world whose practical does what its configuration says (`mode`), run by the real driver on the real local
 * executor. Each round of driving lets the clock go on by a second, so that no test waits for a poll.
 */
export async function attemptWorld(
  options: { allowsLocalEvidence?: boolean; perDay?: number; program?: typeof programOf } = {},
): Promise<AttemptWorld> {
  const base = await world({ now: new Date().toISOString() })
  const found = base.practicals.find('inference-throughput')
  if (!found) throw new Error('the shipped practical is gone')
  const practical: Practical = {
    ...found,
    attemptsPerDay: options.perDay ?? 20,
    work: { ...found.work, limits: { ...found.work.limits, wallSeconds: 2 } },
    parseConfiguration: (input) => parse(zConfiguration, input),
  }
  const { learner, actor } = await base.learner()
  const moduleId = [...base.ontology.modules.values()].find(
    (module) => module.practical?.id === practical.id,
  )?.id
  if (!moduleId) throw new Error('no module names the shipped practical')
  const offering = await base.offering({ moduleId, allowsLocalEvidence: options.allowsLocalEvidence ?? true })
  await base.enrolment(learner.id, offering)
  const jobsFolder = mkdtempSync(join(tmpdir(), 'academy-attempts-'))
  onTestFinished(() => rmSync(jobsFolder, { recursive: true, force: true }))
  const program = options.program ?? programOf
  const enrolled = { learner, offering }
  return withQueue(base, { jobsFolder, practical, learnerActor: actor, enrolled, program })
}

function withQueue(
  base: World,
  parts: Pick<AttemptWorld, 'jobsFolder' | 'practical' | 'learnerActor' | 'enrolled' | 'program'>,
): AttemptWorld {
  const { jobsFolder: folder, program } = parts
  const queue = localQueue({ folder, clock: systemClock, program, graceMs: 300 })
  onTestFinished(() => queue.stop())
  const made: AttemptWorld = {
    ...base,
    ...parts,
    queue,
    sites: sitesOf(queue),
    practicals: { find: (id) => (id === parts.practical.id ? parts.practical : undefined) },
    start: (mode, requestId = base.requestId()) =>
      startPractical(
        parts.learnerActor,
        { requestId, offeringId: parts.enrolled.offering.id, configuration: { mode } },
        made,
      ),
    async drive(id, enough = (attempt) => !isLive(attempt)) {
      for (let round = 0; round < 500; round++) {
        await driveAttempts(made)
        const attempt = await base.store.findAttempt(id)
        if (attempt && enough(attempt)) return attempt
        base.clock.advance({ seconds: 1 })
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      throw new Error('the attempt has not come so far')
    },
    restarted: () => withQueue(base, parts),
  }
  return made
}

/** The local site with another queue in front of it. */
export const sitesOf = (queue: Queue & { files: JobFiles }): Sites => fixedSites([localSite(queue)])

/** The programs of this suite: they do what `mode` says. */
export const programOf = (_practical: { id: string; version: number }, stage: Stage): string | undefined =>
  fileURLToPath(new URL(`./programs/${stage}.ts`, import.meta.url))
