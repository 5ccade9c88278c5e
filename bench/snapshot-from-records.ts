// The first snapshot of an academy from its records: `node bench/snapshot-from-records.ts LEARNERS` prints a line of JSON.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '#adapters/node-platform/random.ts'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { bringFactsUpToDate } from '#core/gaps/bring-facts-up-to-date.ts'
import { publishDueSnapshot } from '#core/gaps/publish-snapshot.ts'
import { seedAcademy } from '#functions/seed/seed-academy.ts'
import { world } from '#test/support/world.ts'
import { worldsOn } from '#test/support/world-engine.ts'
import { fillWithLearners } from './raw-learners.ts'
import { timed } from './timed.ts'

export interface SnapshotFromRecords {
  learners: number
  /** Records to facts, of everybody: done once, then of whose records changed in the last hour. */
  factsSeconds: number
  /** Of all cores, user and system. */
  factsCpuSeconds: number
  /** Facts to published cube. */
  cubeSeconds: number
  cpuSeconds: number
  /** Largest resident memory of the whole process, the writing of the records included. */
  peakBytes: number
}

async function build(learners: number, folder: string): Promise<SnapshotFromRecords> {
  const file = join(folder, 'records.sqlite')
  worldsOn(async (clock) => sqliteEngine(file, clock))
  const academy = await world()
  await seedAcademy(academy)
  await fillWithLearners(file, learners, { store: academy.store, random: systemRandom }, academy.records)
  academy.clock.advance({ days: 8 })
  const facts = await timed(() => bringFactsUpToDate(academy))
  if (facts.result < learners) throw new Error(`facts of ${facts.result} learners were made`)
  const cube = await timed(() => publishDueSnapshot(academy, 7))
  const told = cube.result?.tables.sector['manufacturing']?.funnel[0] ?? 0
  // 36 of the 102 learners of an institution's demo cohorts are of this sector.
  if (told < learners * 0.34 || told > learners * 0.36 + 500)
    throw new Error(`${told} are told of ${learners}`)
  await academy.close()
  return {
    learners,
    factsSeconds: facts.seconds,
    factsCpuSeconds: facts.cpuSeconds,
    cubeSeconds: cube.seconds,
    cpuSeconds: facts.cpuSeconds + cube.cpuSeconds,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }
}

function sqliteEngine(file: string, clock: { now(): Date }) {
  const records = sqliteRecords(file, () => clock.now())
  return { records, close: () => records.close() }
}

const folder = mkdtempSync(join(tmpdir(), 'snapshot-from-records-'))
try {
  console.log(JSON.stringify(await build(Number(process.argv[2]), folder)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
