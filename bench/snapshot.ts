import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { ContestOptions, Figure } from './contest.ts'
import { judge, type Section } from './report.ts'
import type { SnapshotBuild } from './snapshot-build.ts'
import type { SnapshotFromRecords } from './snapshot-from-records.ts'

const aim = { seconds: 60, gibibytes: 4 }

/**
 * The snapshot job at growing numbers of invented learners, each in a process of its own, so that its peak of
 * memory is its own. Judged is the growth alone: a learner among a million may cost twice what one among a
 * hundred thousand costs.
 */
export async function snapshotSections(options: ContestOptions, slack: number): Promise<Section[]> {
  const sizes = options.rounds > 2 ? [10_000, 100_000, 1_000_000] : [10_000, 50_000]
  const builds = sizes.map((learners) => apart<SnapshotBuild>('snapshot-build.ts', learners))
  const recordSizes = options.rounds > 2 ? [10_000, 100_000] : [10_000]
  const fromRecords = recordSizes.map((learners) =>
    apart<SnapshotFromRecords>('snapshot-from-records.ts', learners),
  )
  const figures = builds.map(figureOf)
  const [largest, smaller] = figures.toReversed()
  return [
    {
      title: 'Snapshot of the gap: the whole job, records in SQLite on disk',
      proved: ['at each size the largest sector is told within 5 % of those who are in it'],
      figures,
      bars:
        largest && smaller
          ? judge(figures, [{ figure: largest.name, anchor: smaller.name, atLeast: 0.5 }], slack)
          : [],
      notes: [
        `aim at 1,000,000 learners: ${aim.seconds} s and ${aim.gibibytes} GiB (not judged)`,
        'learners       build s      cpu s    peak GiB   shown numbers  next, when 200 joined s',
        ...builds.map(rowOf),
        'included: the facts of all learners, which the job keeps up to date every hour, are read, counted in two passes, protected and saved; not included: making those facts',
        ...(fromRecords.length > 0
          ? [
              'the very first time, when nothing is kept yet: records → facts → cube, of so many who were enrolled, assessed and awarded',
              'learners     facts s   cube s    cpu s    peak GiB   facts of each, cpu µs',
              ...fromRecords.map(recordsRowOf),
              millionFrom(fromRecords),
            ]
          : []),
      ],
    },
  ]
}

/** One program of this folder with a number of learners, in a process of its own. */
function apart<Result>(name: string, learners: number): Result {
  const program = join(import.meta.dirname, name)
  const printed = execFileSync(process.execPath, [program, String(learners)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(printed) as Result
}

function figureOf({ learners, seconds }: SnapshotBuild): Figure {
  const milliseconds = seconds * 1000
  const perSecond = learners / seconds
  return {
    name: `learners counted, of ${learners.toLocaleString('en')}`,
    perSecond,
    spread: 0,
    p50: milliseconds,
    p95: milliseconds,
    p99: milliseconds,
    rounds: [perSecond],
  }
}

function rowOf({
  learners,
  seconds,
  cpuSeconds,
  peakBytes,
  shownNumbers,
  nextSeconds,
}: SnapshotBuild): string {
  const columns = [
    learners.toLocaleString('en').padEnd(14),
    seconds.toFixed(2).padStart(7),
    cpuSeconds.toFixed(2).padStart(11),
    (peakBytes / 2 ** 30).toFixed(2).padStart(11),
    shownNumbers.toLocaleString('en').padStart(13),
    nextSeconds.toFixed(2).padStart(10),
  ]
  return columns.join('')
}

function recordsRowOf({
  learners,
  factsSeconds,
  factsCpuSeconds,
  cubeSeconds,
  cpuSeconds,
  peakBytes,
}: SnapshotFromRecords): string {
  const columns = [
    learners.toLocaleString('en').padEnd(13),
    factsSeconds.toFixed(2).padStart(7),
    cubeSeconds.toFixed(2).padStart(9),
    cpuSeconds.toFixed(2).padStart(9),
    (peakBytes / 2 ** 30).toFixed(2).padStart(12),
    ((factsCpuSeconds / learners) * 1_000_000).toFixed(0).padStart(24),
  ]
  return columns.join('')
}

/** A million by what each further learner cost between the two largest sizes, or by the pace of the only one. */
function millionFrom(runs: readonly SnapshotFromRecords[]): string {
  const none = { learners: 0, factsSeconds: 0, factsCpuSeconds: 0 }
  const [largest = none, smaller = none] = runs.toReversed()
  const million = 1_000_000
  const at = (of: 'factsSeconds' | 'factsCpuSeconds') => {
    const slope = (largest[of] - smaller[of]) / (largest.learners - smaller.learners)
    return (largest[of] + slope * (million - largest.learners)).toFixed(0)
  }
  return `1,000,000 by this slope, not measured: ${at('factsSeconds')} s, of that ${at('factsCpuSeconds')} s of cpu; once, and afterwards only of those whose records changed`
}
