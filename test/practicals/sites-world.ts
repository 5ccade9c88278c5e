import type { Actor } from '#core/access/operations.ts'
import type { AttemptId } from '#core/ids.ts'
import type { Learner } from '#core/learners/learner.ts'
import type { Offering } from '#core/offerings/offering.ts'
import { type Attempt, isLive } from '#core/practicals/attempt.ts'
import { startPractical } from '#core/practicals/dispatch-practical.ts'
import { driveAttempts } from '#core/practicals/drive-attempts.ts'
import type { Practical } from '#core/practicals/practical.ts'
import { fixedSites } from '#core/practicals/site.ts'
import type { Json } from '#core/records.ts'
import type { SettableClock } from '#test/support/fixed-ports.ts'
import { type World, world } from '#test/support/world.ts'
import type { PaperSite } from './paper-site.ts'

export interface SitesWorld extends World {
  paper: PaperSite[]
  practical: Practical
  cohort: Offering
  /** A fresh learner of the offering. */
  enrolled(
    offering?: Offering,
  ): Promise<{ learner: Learner; actor: Actor; start: (requestId?: string) => Promise<Attempt> }>
  attempt(id: AttemptId): Promise<Attempt>
  /** Some rounds of driving, the clock going on by so many seconds after each. */
  drive(rounds: number, seconds?: number): Promise<void>
  /** Lets every job run for so long and end well, until nothing is live. */
  finish(id: AttemptId, seconds?: number): Promise<Attempt>
}

/** Two GPUs for half an hour of work and a quarter of grading; passes wherever it runs. */
function gpuPractical(shipped: Practical): Practical {
  const resources = {
    gpus: 2,
    gpuTypes: ['a100'],
    cpus: 8,
    tasks: 1,
    memoryGiB: 16,
    arch: ['x86_64' as const],
  }
  return {
    ...shipped,
    attemptsPerDay: 1000,
    work: { ...shipped.work, resources: { ...resources, minutes: 30 } },
    grade: { ...shipped.grade, resources: { ...resources, minutes: 15 } },
    rubric: {
      ...shipped.rubric,
      metrics: shipped.rubric.metrics.map((metric) => ({
        ...metric,
        at: { '*': { pass: 1.3, full: 3, bound: 60 } },
      })),
    },
    parseConfiguration: (input) => input as Json,
  }
}

/** The academy with sites on paper. Rounds of driving need no waiting. */
export async function sitesWorld(open: (clock: SettableClock) => PaperSite[]): Promise<SitesWorld> {
  const base = await world()
  const shipped = base.practicals.find('inference-throughput')
  if (!shipped) throw new Error('the shipped practical is gone')
  const practical = gpuPractical(shipped)
  const paper = open(base.clock)
  const cohort = await base.offering({ moduleId: 'm-llm-inference' })
  const made: SitesWorld = {
    ...base,
    paper,
    practical,
    cohort,
    practicals: { find: (id) => (id === practical.id ? practical : undefined) },
    sites: fixedSites(paper),
    async enrolled(offering = cohort) {
      const { learner, actor } = await base.learner()
      await base.enrolment(learner.id, offering)
      const start = (requestId = base.requestId()) =>
        startPractical(actor, { requestId, offeringId: offering.id, configuration: {} }, made)
      return { learner, actor, start }
    },
    async attempt(id) {
      const attempt = await base.store.findAttempt(id)
      if (!attempt) throw new Error('there is no such attempt')
      return attempt
    },
    async drive(rounds, seconds = 0) {
      for (let round = 0; round < rounds; round++) {
        await driveAttempts(made)
        base.clock.advance({ seconds })
      }
    },
    async finish(id, seconds = 60) {
      for (let round = 0; round < 40; round++) {
        await driveAttempts(made)
        const attempt = await made.attempt(id)
        if (!isLive(attempt)) return attempt
        for (const site of paper) {
          for (const [jobId, { job }] of site.jobs) {
            if (job.state === 'pending') site.start(jobId)
            else if (job.state === 'running') site.end(jobId)
          }
        }
        base.clock.advance({ seconds })
      }
      throw new Error('the attempt has not ended')
    },
  }
  return made
}
