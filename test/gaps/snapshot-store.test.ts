import { expect, test } from 'vitest'
import type { CubeCounts } from '#core/gaps/admit-counts.ts'
import type { Snapshot } from '#core/gaps/snapshot.ts'
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
    Array.from({ length: 900 }, (_, at) => [
      `energy/skill-${at}`,
      new Map(institutions.map((tenant, of) => [tenant, [at, of, 1, 0]])),
    ]),
  )
  const snapshot: Snapshot = {
    id: academy.random.id(platformTag, 'snp'),
    publishedAt: academy.clock.now(),
    ontology: { version: '1.0.0', digest: 'd' },
    threshold: 10,
    method: 'm',
    demandSource: 'synthetic-sample',
    demand: [
      { sector: 'energy', role: 'r', heads: 15, skills: [{ skill: 's', level: 2, importance: 'optional' }] },
    ],
    supply: [{ sector: 'energy', skills: { 'skill-1': [15, 10, null, null] } }],
  }
  expect(JSON.stringify([...cube].map(([, cell]) => [...cell])).length).toBeGreaterThan(800_000)
  const request = academy.request('publishSnapshot', platformTag)
  await academy.store.saveSnapshotOnce(request, snapshot, { admitted: cube, seen: new Map() })
  expect(await academy.store.findSnapshot()).toEqual(snapshot)
  expect(await academy.store.findSnapshot(snapshot.id)).toEqual(snapshot)
  const kept = await academy.store.findPrivateCounts()
  expect(kept).toEqual({ counts: { admitted: cube, seen: new Map() }, keptBy: snapshot.id })
})

test('there is nothing before the first snapshot, and a made-up id finds nothing', async () => {
  const academy = await world()
  expect(await academy.store.findSnapshot()).toBeUndefined()
  expect(await academy.store.findSnapshot(academy.random.id(platformTag, 'snp'))).toBeUndefined()
  expect(await academy.store.findPrivateCounts()).toBeUndefined()
  expect(await academy.store.listSnapshots(10)).toEqual([])
})
