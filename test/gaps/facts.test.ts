import { describe, expect, test } from 'vitest'
import { packFacts, unpackFacts } from '#adapters/store/facts-pack.ts'
import { recordAssessment } from '#core/assessments/record-assessment.ts'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { bringFactsUpToDate } from '#core/gaps/bring-facts-up-to-date.ts'
import type { LearnerFacts } from '#core/gaps/learner-facts.ts'
import { objectToStatistics } from '#core/gaps/object-to-statistics.ts'
import type { LearnerId, TenantTag } from '#core/ids.ts'
import { requestErasure } from '#core/learners/request-erasure.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { type World, world } from '#test/support/world.ts'

const north = (academy: World) => academy.institutions.northLake.tag

async function factsIn(academy: World, tenant: TenantTag = north(academy)): Promise<LearnerFacts[]> {
  await bringFactsUpToDate(academy)
  return all(academy.store.readFacts(tenant))
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of stream) found.push(one)
  return found
}

const stageIn = async (academy: World) => (await factsIn(academy))[0]?.modules[0]?.stage

test('two who make facts at once both get through, and each learner has theirs once', async () => {
  const academy = await world()
  for (let n = 0; n < 3; n++) await academy.award()
  await Promise.all([bringFactsUpToDate(academy), bringFactsUpToDate(academy), bringFactsUpToDate(academy)])
  const made = await all(academy.store.readFacts(north(academy)))
  expect(made).toHaveLength(3)
  for (const { modules } of made) expect(modules).toHaveLength(1)
})

describe('how far a learner came', () => {
  test('is told step by step by the records: enrolled, assessed, issued, claimed, verified', async () => {
    const academy = await world()
    const { learner } = await academy.learner()
    const offering = await academy.offering()
    await academy.enrolment(learner.id, offering)
    expect(await stageIn(academy)).toBe(1)

    const assessor = academy.actor('assessor')
    const assess = (scorePercent: number) =>
      recordAssessment(
        assessor,
        { requestId: academy.requestId(), learnerId: learner.id, offeringId: offering.id, scorePercent },
        academy,
      )
    await assess(10)
    expect(await stageIn(academy)).toBe(3)

    const { award } = await assess(90)
    if (!award) throw new Error('this score passes')
    expect(await stageIn(academy)).toBe(4)

    const { text } = await issueCredential({ awardId: award.id, format: 'vc+jwt' }, academy)
    expect(await stageIn(academy)).toBe(5)

    expect(await verifyCredential(text, {}, academy)).toMatchObject({ verified: true })
    expect(await stageIn(academy)).toBe(6)
    // Only that it happened: no time, no place, nobody.
    const { items } = await academy.records.query({
      pk: `T#${north(academy)}#AWD#${award.id}`,
      sk: { beginsWith: 'VERIFIED' },
      limit: 10,
    })
    expect(items.map(({ data }) => data)).toEqual([{}])
  })

  test('a practical that was started is a step of its own', async () => {
    const academy = await world()
    const { learner } = await academy.award()
    const offering = await academy.offering({ moduleId: 'm-software-practice' })
    await academy.enrolment(learner.id, offering)
    expect((await academy.store.historyOf(learner.id)).practised.size).toBe(0)
    await academy.records.transact([
      {
        put: {
          pk: `T#${north(academy)}#ATT#x`,
          sk: 'META',
          version: 1,
          gsi1: { pk: `T#${north(academy)}#L#${learner.id}`, sk: 'ATT#2026#x' },
          data: { offeringId: offering.id },
        },
      },
    ])
    expect([...(await academy.store.historyOf(learner.id)).practised]).toEqual([offering.id])
    await academy.enrolment(learner.id, await academy.offering())
    expect((await factsIn(academy))[0]?.modules.map(({ module, stage }) => [module, stage])).toContainEqual([
      'm-software-practice',
      2,
    ])
  })

  test('a verification without consent to statistics is not kept', async () => {
    const academy = await world()
    const { learner } = await academy.learner()
    const offering = await academy.offering()
    await academy.enrolment(learner.id, offering, { analyticsConsent: false })
    const { award } = await academy.award({ learner, offering })
    const { text } = await issueCredential({ awardId: award.id, format: 'vc+jwt' }, academy)
    expect(await verifyCredential(text, {}, academy)).toMatchObject({ verified: true })
    expect((await academy.store.historyOf(learner.id)).verified.size).toBe(0)
  })
})

describe('facts follow the records', () => {
  test('of places, days to the award and skills in force, and hold no id, name or time', async () => {
    const academy = await world()
    const { learner } = await academy.learner()
    const offering = await academy.offering({ moduleId: 'm-software-practice' })
    await academy.enrolment(learner.id, offering, { country: 'FR', nuts1: 'FR1', organisation: 'pseudonym' })
    academy.clock.advance({ days: 12 })
    await academy.award({ learner, offering })
    const [facts] = await factsIn(academy)
    expect(facts).toMatchObject({
      places: { sector: 'manufacturing', country: 'FR', nuts1: 'FR1', targetGroup: 'professionals' },
      organisation: 'pseudonym',
      modules: [{ module: 'm-software-practice', stage: 4, daysToAward: 12 }],
    })
    expect(facts?.modules[0]?.awards[0]?.skills).toContainEqual({ skill: 'containers', level: 2 })
    const text = JSON.stringify(facts)
    for (const secret of [learner.id, offering.id, 'Ada', '@', '2026-']) expect(text).not.toContain(secret)
  })

  test('a revoked award is no supply any more, and one of two awards of a skill may go', async () => {
    const academy = await world()
    const { award } = await academy.award()
    expect((await factsIn(academy))[0]?.modules[0]?.awards).toHaveLength(1)
    const input = { requestId: academy.requestId(), awardId: award.id, reason: 'A test of facts.' }
    await changeAwardStatus(academy.actor('registrar'), 'revoke', input, academy)
    const [facts] = await factsIn(academy)
    expect(facts?.modules[0]).toMatchObject({ stage: 4, awards: [] })
  })

  test('who objects, is erased or never consented has none; who comes back has them again', async () => {
    const academy = await world()
    const { learner, actor } = await academy.learner()
    const said = { country: 'LU', nuts1: 'LU0', sector: 'energy', targetGroup: 'graduate' } as const
    await academy.enrolment(learner.id, await academy.offering(), said)
    const stranger = await academy.learner()
    await academy.enrolment(stranger.learner.id, await academy.offering(), { analyticsConsent: false })
    const object = (objects: boolean) =>
      objectToStatistics(actor, { requestId: academy.requestId(), learnerId: learner.id, objects }, academy)
    expect(await factsIn(academy)).toHaveLength(1)
    expect(await object(true)).toEqual({ learnerId: learner.id, objects: true })
    expect(await academy.store.objects(learner.id)).toBe(true)
    expect(await factsIn(academy)).toEqual([])
    // What was said for statistics alone is gone, and does not come back.
    const [enrolment] = await academy.store.enrolmentsOf(learner.id)
    expect(Object.keys(enrolment ?? {}).filter((name) => name in said)).toEqual([])
    await object(false)
    expect(await factsIn(academy)).toMatchObject([{ places: {} }])
    const erasure = { requestId: academy.requestId(), learnerId: learner.id, revokeAwards: false }
    await requestErasure(actor, erasure, academy)
    expect(await factsIn(academy)).toEqual([])
  })

  test('nobody objects for another learner', async () => {
    const academy = await world()
    const { learner } = await academy.learner()
    const other = await academy.learner()
    const input = { requestId: academy.requestId(), learnerId: learner.id, objects: true }
    await expect(objectToStatistics(other.actor, input, academy)).rejects.toMatchObject({
      code: 'not_allowed',
    })
  })

  test('what the very first job finds without a mark is counted too', async () => {
    const academy = await world()
    const { learner } = await academy.award()
    for (const { learnerId, mark } of await academy.store.changedLearners(north(academy))) {
      await academy.store.saveFacts(north(academy), [{ learnerId, facts: undefined, mark }])
    }
    expect(await academy.store.changedLearners(north(academy))).toEqual([])
    expect(await factsIn(academy)).toHaveLength(1)
    expect((await academy.store.historyOf(learner.id)).enrolments).toHaveLength(1)
  })

  test('a mark that is renewed while facts are made stays, so that the change is not lost', async () => {
    const academy = await world()
    const { learner } = await academy.learner()
    await academy.enrolment(learner.id, await academy.offering())
    const [before] = await academy.store.changedLearners(north(academy))
    await academy.enrolment(learner.id, await academy.offering())
    await academy.store.saveFacts(north(academy), [
      { learnerId: learner.id, facts: undefined, mark: before?.mark ?? 0 },
    ])
    expect(await academy.store.changedLearners(north(academy))).toHaveLength(1)
  })

  test('of marks that are taken together, those renewed meanwhile stay and the others go', async () => {
    const academy = await world()
    const offering = await academy.offering()
    for (let n = 0; n < 120; n++) await academy.enrolment((await academy.learner()).learner.id, offering)
    const before = await academy.store.changedLearners(north(academy))
    const renewed = before.filter((_, n) => n % 40 === 3).map(({ learnerId }) => learnerId)
    for (const id of renewed) await academy.enrolment(id, await academy.offering())
    const changes = before.map(({ learnerId, mark }) => ({ learnerId, mark, facts: undefined }))
    await academy.store.saveFacts(north(academy), changes)
    const left = await academy.store.changedLearners(north(academy))
    expect(new Set(left.map(({ learnerId }) => learnerId))).toEqual(new Set(renewed))
  })

  test('thousands of learners of one institution come back whole, and one of them may change', async () => {
    const academy = await world()
    const tenant = north(academy)
    const facts = (n: number): LearnerFacts => ({
      tenant,
      places: { sector: 'energy' },
      organisation: `employer-${n}-${'x'.repeat(30)}`,
      modules: [{ module: 'm-one', stage: 1 + (n % 6), awards: [] }],
    })
    const ids = Array.from({ length: 6000 }, () => academy.random.id(tenant, 'lrn'))
    const changes = ids.map((learnerId, n) => ({ learnerId, facts: facts(n), mark: 1 }))
    await academy.store.saveFacts(tenant, changes.slice(0, 5000))
    await academy.store.saveFacts(tenant, changes.slice(5000))
    await academy.store.saveFacts(tenant, [{ learnerId: ids[17] as LearnerId, facts: facts(9999), mark: 1 }])
    await academy.store.saveFacts(tenant, [{ learnerId: ids[18] as LearnerId, facts: undefined, mark: 1 }])
    const kept = (await all(academy.store.readFacts(tenant))).map(({ organisation }) => organisation)
    const expected = ids.flatMap((_, n) => (n === 18 ? [] : [facts(n === 17 ? 9999 : n).organisation]))
    expect(new Set(kept)).toEqual(new Set(expected))
    expect(kept).toHaveLength(expected.length)
  })
})

test('facts survive their packing', () => {
  const tenant = 'aaaaaaaa' as TenantTag
  const some: LearnerFacts[] = [
    { tenant, places: {}, modules: [] },
    {
      tenant,
      places: { nuts1: 'FR1', country: 'FR' },
      organisation: 'o',
      modules: [{ module: 'm', stage: 1, awards: [] }],
    },
    {
      tenant,
      places: { targetGroup: 'graduate' },
      modules: [
        { module: 'm', stage: 6, daysToAward: 0, awards: [{ skills: [{ skill: 's', level: 2 }] }] },
        {
          module: 'n',
          stage: 4,
          daysToAward: 90,
          awards: [
            { validUntil: '2027-01-01', skills: [] },
            {
              skills: [
                { skill: 's', level: 2 },
                { skill: 't', level: 4 },
              ],
            },
          ],
        },
      ],
    },
  ]
  const entries = some.map((facts, n) => [`learner-${n}` as LearnerId, facts] as const)
  expect([...unpackFacts(JSON.parse(JSON.stringify(packFacts(entries))), tenant)]).toEqual(entries)
})
