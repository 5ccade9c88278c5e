import { beforeEach, describe, expect, test } from 'vitest'
import { recordAssessment } from '#core/assessments/record-assessment.ts'
import { changeAwardStatus, type StatusChange } from '#core/awards/change-award-status.ts'
import { publishDueSnapshot, publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import { answerGap, skillsGap } from '#core/gaps/skills-gap.ts'
import type { Snapshot } from '#core/gaps/snapshot.ts'
import type { LearnerId } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'
import type { Offering } from '#core/offerings/offering.ts'
import { type World, world } from '#test/support/world.ts'

const sector = 'manufacturing'
const moduleId = 'm-software-practice'

let academy: World
let offerings: Map<Institution, Offering>

beforeEach(async () => {
  academy = await world()
  offerings = new Map()
  for (const institution of Object.values(academy.institutions)) {
    offerings.set(institution, await academy.offering({ tenant: institution.tag, moduleId }))
  }
})

const manager = () => academy.actor('programme-manager')
const publish = () => publishSnapshot(manager(), { requestId: academy.requestId() }, academy)
const containers = (snapshot: Snapshot) => snapshot.tables.sector[sector]?.skills['containers'] ?? null

/** One more learner with an award of the module; the n-th comes from the institution n modulo three. */
async function award(n: number, more: { consent?: boolean; sector?: string } = {}) {
  const institution = Object.values(academy.institutions)[n % 3]
  const offering = institution && offerings.get(institution)
  if (!institution || !offering) throw new Error('no such institution')
  const { learner } = await academy.learner({ tenant: institution.tag })
  await academy.enrolment(learner.id, offering, {
    analyticsConsent: more.consent ?? true,
    sector: more.sector ?? sector,
  })
  const assessor = academy.actor('assessor', { tenant: institution.tag })
  const recorded = await recordAssessment(
    assessor,
    { requestId: academy.requestId(), learnerId: learner.id, offeringId: offering.id, scorePercent: 90 },
    academy,
  )
  if (!recorded.award) throw new Error('the assessment did not pass')
  return recorded.award
}

async function awards(count: number) {
  const made = []
  for (let n = 0; n < count; n++) made.push(await award(n))
  return made
}

async function change(kind: StatusChange, made: Awaited<ReturnType<typeof award>>) {
  const registrar = academy.actor('registrar', { tenant: made.tenant })
  const input = { requestId: academy.requestId(), awardId: made.id, reason: 'A test.' }
  await changeAwardStatus(registrar, kind, input, academy)
}

describe('what counts as supply', () => {
  test('thirty awards of three institutions are published rounded, at the level taught and below', async () => {
    await awards(31)
    expect(containers(await publish())).toEqual([30, 30])
  })

  test('a learner without consent counts nowhere', async () => {
    await awards(12)
    for (let n = 0; n < 9; n++) await award(n, { consent: false })
    expect(containers(await publish())).toEqual([10, 10])
  })

  test('a revoked and a suspended award count no more', async () => {
    const made = await awards(30)
    for (const one of made.slice(0, 8)) await change('revoke', one)
    for (const one of made.slice(8, 15)) await change('suspend', one)
    expect(containers(await publish())).toEqual([15, 15])
  })

  test('an erased learner counts no more', async () => {
    const made = await awards(24)
    for (const { learnerId, tenant } of made.slice(0, 12)) {
      await academy.store.eraseLearnerOnce(academy.request('erase', tenant), learnerId)
    }
    expect(containers(await publish())).toEqual([10, 10])
  })

  test('learners of another sector are not mixed in', async () => {
    await awards(15)
    for (let n = 0; n < 15; n++) await award(n, { sector: 'energy' })
    expect(containers(await publish())).toEqual([15, 15])
  })

  test('nine learners show like none', async () => {
    const empty = await publish()
    await awards(9)
    expect((await publish()).tables).toEqual(empty.tables)
  })
})

describe('a published snapshot', () => {
  test('holds no id of a learner, an award or an offering', async () => {
    const made = await awards(12)
    const snapshot = await publish()
    const text = JSON.stringify(snapshot)
    for (const { id, learnerId, offeringId, tenant } of made) {
      for (const name of [id, learnerId, offeringId, tenant]) expect(text).not.toContain(name)
    }
    const { items } = await academy.records.query({ pk: `T#platform#SNAPCELLS#${snapshot.id}`, limit: 10 })
    expect(items.length).toBeGreaterThan(0)
    for (const { learnerId } of made) expect(JSON.stringify(items)).not.toContain(learnerId)
  })

  test('is due after some days; until then the job only makes the facts of whoever changed', async () => {
    const academy = await world()
    const first = await publishDueSnapshot(academy, 7)
    expect(first).toBeDefined()
    const { learner } = await academy.award()
    const marked = () => academy.store.changedLearners(learner.tenant)
    expect(await marked()).toHaveLength(1)
    academy.clock.advance({ days: 6 })
    expect(await publishDueSnapshot(academy, 7)).toBeUndefined()
    expect(await marked()).toEqual([])
    academy.clock.advance({ days: 1 })
    const second = await publishDueSnapshot(academy, 7)
    expect(second?.previous).toBe(first?.id)
    expect(await publishDueSnapshot(academy, 7)).toBeUndefined()
    academy.clock.advance({ days: 30 })
    await academy.award()
    expect(await publishDueSnapshot(academy, 0)).toBeUndefined()
    expect(await marked()).toEqual([])
  })

  test('is made once for a request, however often it is sent', async () => {
    const request = { requestId: academy.requestId() }
    const actor = manager()
    const first = await publishSnapshot(actor, request, academy)
    await awards(12)
    expect(await publishSnapshot(actor, request, academy)).toEqual(first)
    expect(await academy.store.listSnapshots(10)).toHaveLength(1)
  })

  test('keeps private counts for the next one only', async () => {
    await awards(12)
    const first = await publish()
    await publish()
    const { items } = await academy.records.query({ pk: `T#platform#SNAPCELLS#${first.id}`, limit: 10 })
    expect(items).toEqual([])
  })

  test('of two at the same moment one is refused', async () => {
    await publish()
    const results = await Promise.allSettled([publish(), publish()])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'state_conflict' },
    })
    expect(await academy.store.listSnapshots(10)).toHaveLength(2)
  })

  test('one award more moves nothing in it, whatever the number before', async () => {
    for (let n = 0; n < 28; n++) {
      const before = await publish()
      await award(n)
      const after = await publish()
      expect(after.tables).toEqual(before.tables)
      expect(after.demand).toEqual(before.demand)
    }
  })

  test('one revocation and one award with a new sector move nothing in it', async () => {
    const made = await awards(23)
    const before = await publish()
    const [first] = made
    if (first) await change('revoke', first)
    expect((await publish()).tables).toEqual(before.tables)
    await award(1, { sector: 'energy' })
    expect((await publish()).tables).toEqual(before.tables)
  })

  test.each(['learner', 'assessor', 'registrar', 'employer', 'site-operator'] as const)(
    'cannot be published by a %s',
    async (role) => {
      const actor = academy.actor(role)
      const result = publishSnapshot(actor, { requestId: academy.requestId() }, academy)
      await expect(result).rejects.toMatchObject({ code: 'not_allowed' })
    },
  )
})

describe('the gap', () => {
  const role = 'mlops-engineer'

  test('is refused before the first snapshot', async () => {
    await expect(skillsGap(manager(), { sector, role }, academy)).rejects.toMatchObject({
      code: 'snapshot_missing',
    })
  })

  test.each([
    { question: { sector: 'no-such' }, field: 'sector' },
    { question: { role: '__proto__' }, field: 'role' },
  ])('is refused for an unknown $field', async ({ question, field }) => {
    await publish()
    await expect(skillsGap(manager(), question, academy)).rejects.toMatchObject({
      code: 'invalid_input',
      field,
    })
  })

  test('states date, ontology, threshold and method', async () => {
    const { id } = await publish()
    const { snapshot } = await skillsGap(manager(), { sector, role }, academy)
    expect(snapshot).toMatchObject({
      id,
      publishedAt: new Date('2026-11-23T09:00:00.000Z'),
      ontology: { version: academy.ontology.version, digest: academy.ontology.digest },
      threshold: 10,
    })
    expect(snapshot.method).toMatch(/suppression/)
  })

  test('is demand less supply by level, of published numbers; hidden levels stay out of it', async () => {
    await awards(31)
    await publish()
    const gap = await skillsGap(manager(), { sector, role }, academy)
    // 189 heads in the shipped sample, 4 of them in a country of their own: 185; containers at level 3; 31 learners at level 2.
    expect(gap.heads).toBe(185)
    expect(gap.rows.find((row) => row.skill === 'containers')).toMatchObject({
      demandPersonLevels: 555,
      shownDemandPersonLevels: 370,
      supplyPersonLevels: 60,
      gapPersonLevels: 310,
      coveragePercent: 16.2,
      hiddenLevels: [3],
      partial: true,
      suppressed: false,
    })
    expect(gap.rows.find((row) => row.skill === 'mlops')).toMatchObject({
      supplyPersonLevels: null,
      gapPersonLevels: null,
      coveragePercent: null,
      suppressed: true,
    })
  })

  test('names a module that closes some of it and can be entered', async () => {
    await awards(31)
    await publish()
    const { nextModule, modules } = await skillsGap(manager(), { sector, role }, academy)
    expect(nextModule).toBe(modules[0]?.module)
    expect(modules[0]?.missingEntry).toEqual([])
    expect(modules[0]?.closesPersonLevels).toBeGreaterThan(0)
  })

  test('shows movement between two snapshots in published numbers, and an older one by name', async () => {
    await awards(31)
    const before = await publish()
    const first = await skillsGap(manager(), { sector, role }, academy)
    expect(first.changePersonLevels).toBeNull()
    for (let n = 0; n < 14; n++) await award(n)
    await publish()
    const second = await skillsGap(manager(), { sector, role }, academy)
    const moved = second.rows.find((row) => row.skill === 'containers')
    expect(moved).toMatchObject({ supplyPersonLevels: 90, changePersonLevels: -30 })
    expect(await skillsGap(manager(), { sector, role, snapshot: before.id }, academy)).toEqual(first)
  })

  test('of all sectors adds up the sectors and fills no gap with another sector', async () => {
    for (let n = 0; n < 30; n++) await award(n, { sector: n < 15 ? 'energy' : 'manufacturing' })
    const snapshot = await publish()
    const row = (slice: { sector?: string; role: string }) =>
      answerGap(slice, snapshot, undefined, academy.ontology).rows.find(({ skill }) => skill === 'containers')
    const energy = row({ sector: 'energy', role })
    const plant = row({ sector, role })
    expect(row({ role })).toMatchObject({
      gapPersonLevels: (energy?.gapPersonLevels ?? 0) + (plant?.gapPersonLevels ?? 0),
      supplyPersonLevels: 60,
      partial: true,
    })
  })

  test('reads nothing but snapshots: a store with only them is enough', async () => {
    await publish()
    const findSnapshot: World['store']['findSnapshot'] = (id) => academy.store.findSnapshot(id)
    const store = { findSnapshot } as World['store']
    const answer = await skillsGap(manager(), { sector, role }, { store, ontology: academy.ontology })
    expect(answer.rows.length).toBeGreaterThan(0)
  })

  test('is not read by a learner', async () => {
    await publish()
    const learner = academy.actor('learner', { learnerId: 'none' as LearnerId })
    await expect(skillsGap(learner, { sector, role }, academy)).rejects.toMatchObject({ code: 'not_allowed' })
  })
})
