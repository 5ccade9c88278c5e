import { randomUUID } from 'node:crypto'
import { systemClock } from '#adapters/node-platform/clock.ts'
import type { SlurmQueue } from '#adapters/slurm/queue.ts'
import type { Actor } from '#core/access/operations.ts'
import type { AttemptId } from '#core/ids.ts'
import { allowance } from '#core/practicals/allowance.ts'
import { type Attempt, isLive } from '#core/practicals/attempt.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import { type Practical, type PracticalSpec, specHashOf } from '#core/practicals/practical.ts'
import type { Stage } from '#core/practicals/queue.ts'
import { fixedSites } from '#core/practicals/site.ts'
import type { Json } from '#core/records.ts'
import { type World, world } from '#test/support/world.ts'
import { profileOf, realQueue, realSite, type SiteChange, shippedProgram } from './real-site.ts'

export interface SiteWorld extends Omit<World, 'clock'> {
  queue: SlurmQueue
  clock: typeof systemClock
  practical: Practical
  /** A learner of an offering of the practical's module. */
  enrolled(): Promise<Actor & { offeringId: Attempt['offeringId'] }>
  start(learner: Awaited<ReturnType<SiteWorld['enrolled']>>, configuration: Json): Promise<Attempt>
  /** Drives until `enough`, or until the attempt has ended. */
  drive(id: AttemptId, enough?: (attempt: Attempt) => boolean, seconds?: number): Promise<Attempt>
}

export interface SiteWorldOptions {
  /** Which shipped practical; serving a model unless told. */
  practicalId?: string
  program?: (practical: { id: string }, stage: Stage) => string | undefined
  site?: SiteChange
  /** Changes the shipped practical; its hash is taken anew. */
  change?: (practical: Practical) => Practical
  /** Another queue in front of the site. */
  queue?: SlurmQueue
}

/** The academy on real records and a real clock, its practicals on the real Slurm. */
export async function siteWorld({
  practicalId = 'inference-throughput',
  program,
  site,
  change,
  queue,
}: SiteWorldOptions = {}): Promise<SiteWorld> {
  // Jobs of an earlier run of the suite are still at the site: no key may come twice.
  const base = await world({ now: new Date().toISOString(), seed: randomUUID() })
  const found = base.practicals.find(practicalId)
  const module = [...base.ontology.modules.values()].find((one) => one.practical?.id === practicalId)
  if (!found || !module) throw new Error('the shipped practical is gone')
  const changed = change?.(found)
  const practical = changed ? { ...changed, specHash: hashOf(changed) } : found
  const siteQueue = queue ?? realQueue(program ?? shippedProgram, site)
  const profile = profileOf(realSite(site))
  const made: SiteWorld = {
    ...base,
    clock: systemClock,
    queue: siteQueue,
    sites: fixedSites([
      {
        profile,
        queue: siteQueue,
        files: siteQueue.files,
        allowance: allowance(systemClock, 0.5),
        health: () => siteQueue.health(),
      },
    ]),
    practical,
    practicals: { find: (id) => (id === practical.id ? practical : undefined) },
    async enrolled() {
      const { learner, actor } = await base.learner()
      const offering = await base.offering({ moduleId: module.id, allowsLocalEvidence: false })
      await base.enrolment(learner.id, offering)
      return { ...actor, offeringId: offering.id }
    },
    start({ offeringId, ...actor }, configuration) {
      return startPractical(actor, { requestId: base.requestId(), offeringId, configuration }, made)
    },
    async drive(id, enough = (attempt) => !isLive(attempt), seconds = 110) {
      const until = Date.now() + seconds * 1000
      while (Date.now() < until) {
        await driveAttempts(made)
        const attempt = await base.store.findAttempt(id)
        if (attempt && enough(attempt)) return attempt
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
      throw new Error('the attempt has not come so far')
    },
  }
  return made
}

function hashOf({ specHash: _old, graderSha256: _grader, input: _input, ...spec }: Practical): string {
  // JSON leaves the function out.
  return specHashOf(JSON.parse(JSON.stringify(spec)) as PracticalSpec)
}

/**
 * The shipped practical with a reference for the test site; what an AI Factory agrees with the academy. Low,
 * because the machine of a test is shared and what is tried here is not its speed.
 */
export const withReference = (practical: Practical): Practical => ({
  ...practical,
  rubric: {
    ...practical.rubric,
    metrics: practical.rubric.metrics.map((metric) => ({
      ...metric,
      at: { ...metric.at, 'test-factory:academy': { pass: 0.4, full: 3, bound: 60 } },
    })),
  },
})
