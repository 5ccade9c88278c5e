import { expect, test } from 'vitest'
import type { CubeCounts } from '#core/gaps/admit-counts.ts'
import { emptyTables, type PlaceCounts, type Snapshot } from '#core/gaps/snapshot.ts'
import { platformTag, type TenantTag } from '#core/ids.ts'
import { world } from '#test/support/world.ts'

test('counts of many cells and institutions, far over the size of one item, come back as they were', async () => {
  const academy = await world()
  const letter = (at: number) => String.fromCharCode(97 + at)
  const institutions = Array.from(
    { length: 40 },
    (_, at) => `tenant${letter(at % 8)}${letter(at / 8)}` as TenantTag,
  )
  const cube: CubeCounts = new Map(
    Array.from({ length: 300 }, (_, at) => [
      `sector/energy/skill:skill-${at}`,
      { employersAllow: 3, byInstitution: new Map(institutions.map((tenant, of) => [tenant, [at, of, 1]])) },
    ]),
  )
  const steps = [30, 20]
  const skills = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`skill-${at}`, steps]))
  const place: PlaceCounts = { any: [30], funnel: [40, 30], skills, modules: { 'm-one': [40] } }
  const snapshot: Snapshot = {
    id: academy.random.id(platformTag, 'snp'),
    publishedAt: academy.clock.now(),
    ontology: { version: '1.0.0', digest: 'd' },
    threshold: 10,
    method: 'm',
    demandSource: 'synthetic-sample',
    demand: [
      {
        sector: 'energy',
        role: 'r',
        heads: 15,
        countries: { LU: 10 },
        skills: [{ skill: 's', level: 2, importance: 'optional' }],
      },
    ],
    tables: {
      ...emptyTables(),
      sector: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`sector-${at}`, place])),
      pairs: { ...emptyTables().pairs, 'sector+country': { 'energy+LU': [20, 15] } },
    },
    modules: { 'm-one': { seats: 20, medianDaysToAward: 40 }, 'm-two': { seats: 0 } },
  }
  expect(JSON.stringify([...cube].map(([, { byInstitution }]) => [...byInstitution])).length).toBeGreaterThan(
    250_000,
  )
  const request = academy.request('publishSnapshot', platformTag)
  const counts = { admitted: cube, seen: new Map(), medianDays: { 'm-one': 41 } }
  await academy.store.saveSnapshotOnce(request, snapshot, counts)
  expect(await academy.store.findSnapshot()).toEqual(snapshot)
  expect(await academy.store.findSnapshot(snapshot.id)).toEqual(snapshot)
  const kept = await academy.store.findPrivateCounts()
  expect(kept).toEqual({ counts, keptBy: snapshot.id })
})

test('there is nothing before the first snapshot, and a made-up id finds nothing', async () => {
  const academy = await world()
  expect(await academy.store.findSnapshot()).toBeUndefined()
  expect(await academy.store.findSnapshot(academy.random.id(platformTag, 'snp'))).toBeUndefined()
  expect(await academy.store.findPrivateCounts()).toBeUndefined()
  expect(await academy.store.listSnapshots(10)).toEqual([])
})
