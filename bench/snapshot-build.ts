// One snapshot at one size, measured by itself: `node bench/snapshot-build.ts LEARNERS` prints a line of JSON.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { masterSecret, memoryKeyFolder } from '#adapters/file/key-folder.ts'
import { systemRandom } from '#adapters/node-platform/random.ts'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { makeStore } from '#adapters/store/store.ts'
import { layoutOf } from '#core/gaps/places.ts'
import { publishDueSnapshot, type SnapshotPorts } from '#core/gaps/publish-snapshot.ts'
import type { Snapshot } from '#core/gaps/snapshot.ts'
import { defaultCoreSettings } from '#core/ports.ts'
import type { Records } from '#core/records.ts'
import { demoInstitutions, northLake } from '#functions/seed/institutions.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { lifelikeCrowd, seeded } from '#test/gaps/attacker/generate.ts'
import { settableClock } from '#test/support/fixed-ports.ts'
import { timed } from './timed.ts'

export interface SnapshotBuild {
  learners: number
  seconds: number
  /** Of all cores, user and system: what is left of `seconds` was waited for on a busy machine. */
  cpuSeconds: number
  /** Largest resident memory of the whole process, the making of the learners included. */
  peakBytes: number
  shownNumbers: number
  /** The job once more a week later, when 200 learners joined. */
  nextSeconds: number
}

const joinLater = 200
const atOnce = 20_000

async function build(learners: number, folder: string): Promise<SnapshotBuild> {
  const clock = settableClock('2026-11-23T04:00:00Z')
  const engine = sqliteRecords(join(folder, 'records.sqlite'), () => clock.now())
  // There are no marks to take away while learners are made from nothing.
  let making = true
  const records: Records = {
    ...engine,
    transact: async (writes) =>
      making && writes.length === 1 && writes[0] && 'delete' in writes[0]
        ? { ok: true }
        : engine.transact(writes),
  }
  const random = systemRandom
  const store = makeStore({ records, clock, random, masterKey: masterKey(masterSecret(memoryKeyFolder())) })
  const ontology = loadOntology()
  const ports = {
    store,
    ontology,
    clock,
    random,
    settings: { ...defaultCoreSettings, publicUrl: 'https://bench.example' },
  }

  for (const institution of demoInstitutions) await store.saveInstitutionOnce(institution)
  await store.saveFactsBegun()
  const crowd = lifelikeCrowd(layoutOf(ontology), seeded(learners))
  const inSector = new Map<string, number>()
  const share = Math.ceil(learners / demoInstitutions.length)
  for (const { tag } of demoInstitutions) {
    for (let from = 0; from < share; from += atOnce) {
      const changes = Array.from({ length: Math.min(atOnce, share - from) }, () => {
        const facts = crowd.learner([tag])
        const { sector } = facts.places
        if (sector) inSector.set(sector, (inSector.get(sector) ?? 0) + 1)
        return { learnerId: random.id(tag, 'lrn'), facts, mark: 1 }
      })
      await store.saveFacts(tag, changes)
    }
  }
  making = false

  const first = await timed(() => publishDueSnapshot(ports, 7))
  if (!first.result) throw new Error('no snapshot was published')
  mustTell(inSector, first.result)
  clock.advance({ days: 7 })
  await moreJoin(ports)
  const next = await timed(() => publishDueSnapshot(ports, 7))
  if (!next.result) throw new Error('no second snapshot was published')
  engine.close()
  return {
    learners,
    seconds: first.seconds,
    cpuSeconds: first.cpuSeconds,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    shownNumbers: numbersOf(first.result),
    nextSeconds: next.seconds,
  }
}

/** The largest sector is told as what it is; a few are missing whose every module few others of it took. */
function mustTell(inSector: ReadonlyMap<string, number>, { tables }: Snapshot): void {
  const [sector, people] = [...inSector].reduce((most, one) => (one[1] > most[1] ? one : most))
  const told = tables.sector[sector]?.funnel[0] ?? 0
  if (told > people + 5 || told < people * 0.95) throw new Error(`${told} are told of ${people}`)
}

/** As an institution enrols them: with records of their own, from which the job makes their facts. */
async function moreJoin({ store, random, clock }: Pick<SnapshotPorts, 'store' | 'random' | 'clock'>) {
  const tenant = northLake.tag
  const request = { tenant, operation: 'bench', requestId: 'bench-offering-1', inputHash: 'none' }
  const offering = await store.saveOfferingOnce(request, {
    id: random.id(tenant, 'ofg'),
    tenant,
    moduleId: 'm-ai-for-everyone',
    startsOn: '2026-11-01',
    endsOn: '2027-10-31',
    language: 'en',
    seats: 1000,
    allowsLocalEvidence: false,
  })
  const joined = await Promise.all(
    Array.from({ length: joinLater }, (_, number) =>
      store.saveLearnerOnce(`bench-${number}`, {
        id: random.id(tenant, 'lrn'),
        tenant,
        rev: 0,
        person: {
          givenName: 'Invented',
          familyName: `Person ${number}`,
          email: `person-${number}@bench.example`,
        },
        recognisedSkills: [],
      }),
    ),
  )
  await store.saveEnrolments(
    offering.id,
    joined.map(({ id }) => ({
      learnerId: id,
      offeringId: offering.id,
      enrolledAt: clock.now(),
      analyticsConsent: true,
      purpose: 'skills-gap-statistics',
      country: 'FR',
      sector: 'energy',
    })),
  )
}

/** Numbers published; hidden ones are not counted. */
function numbersOf({ tables: { pairs, ...places } }: Snapshot): number {
  const numbers = (value: unknown): number =>
    typeof value === 'number'
      ? 1
      : typeof value === 'object' && value !== null
        ? Object.values(value).reduce<number>((sum, one) => sum + numbers(one), 0)
        : 0
  return numbers(places) + numbers(pairs)
}

const folder = mkdtempSync(join(tmpdir(), 'snapshot-'))
try {
  console.log(JSON.stringify(await build(Number(process.argv[2]), folder)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
