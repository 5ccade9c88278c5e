import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import { skillsGap } from '#core/gaps/skills-gap.ts'
import type { RecordCondition, RecordWrite } from '#core/records.ts'
import { batchedRecords } from '#functions/seed/batched-records.ts'
import { moveCohorts } from '#functions/seed/cohort-movement.ts'
import { seedAcademy } from '#functions/seed/seed-academy.ts'
import { type World, world } from '#test/support/world.ts'

/** Four months of a whole academy, on a machine that may be busy. */
const patience = 60_000

describe('the seeded academy', () => {
  let academy: World
  beforeAll(async () => {
    academy = await world()
    await seedAcademy(academy)
  }, patience)

  test('readies the demo account for the modules with a practical, at the offerings that take a local run', async () => {
    const { tag } = academy.institutions.northLake
    const learner = await academy.store.findLearnerBySubject(tag, 'learner')
    const { items } = await academy.store.listOfferings(tag, { limit: 100 })
    const withPractical = [...academy.ontology.modules.values()].filter(({ practical }) => practical?.id)
    expect(
      items
        .filter((one) => one.allowsLocalEvidence)
        .map((one) => one.moduleId)
        .sort(),
    ).toEqual(withPractical.map(({ id }) => id).sort())
    for (const { entry } of withPractical) {
      expect(learner?.recognisedSkills).toEqual(expect.arrayContaining([...entry]))
    }
    expect(await academy.store.pendingEvents(tag, 100)).toEqual([])
  })

  test(
    'shows a gap, moves with the next cohort and a revocation, and is seeded once',
    async () => {
      const manager = academy.actor('programme-manager')
      const slice = { sector: 'manufacturing', role: 'mlops-engineer' }
      const before = await skillsGap(manager, slice, academy)
      expect(before.nextModule).toBe('m-llm-inference')
      expect(before.rows[0]).toMatchObject({ skill: 'inference-optimisation', supplyPersonLevels: 135 })

      await seedAcademy(academy)
      expect(await academy.store.listSnapshots(10)).toHaveLength(4)

      expect(await moveCohorts(academy)).toEqual({ awarded: 60, revoked: 15 })
      await publishSnapshot(manager, { requestId: academy.requestId() }, academy)
      const after = await skillsGap(manager, slice, academy)
      expect(after.gapPersonLevels).toBeLessThan(before.gapPersonLevels ?? 0)
      expect(after.rows[0]).toMatchObject({ supplyPersonLevels: 270, changePersonLevels: -135 })

      await moveCohorts(academy)
      const { items } = await academy.store.listAwards(academy.institutions.institutDuPort.tag, {
        limit: 1000,
      })
      expect(items.filter((award) => award.status.state === 'revoked')).toHaveLength(15)
    },
    patience,
  )
})

describe('records in batches', () => {
  const condition = fc.option(
    fc.oneof(
      fc.constantFrom<RecordCondition>('absent', 'present'),
      fc.record({ version: fc.integer({ min: 1, max: 2 }) }),
    ),
    { nil: undefined },
  )
  const sk = fc.constantFrom('a', 'b', 'c', 'd')
  const write = fc
    .tuple(fc.constantFrom('put', 'delete', 'check'), sk, condition, fc.integer({ min: 1, max: 2 }))
    .map(([kind, name, given, version]): RecordWrite => {
      const key = { pk: 'T#platform#x', sk: name }
      if (kind === 'check') return { check: key, if: given ?? 'present' }
      const guard = given === undefined ? {} : { if: given }
      return kind === 'put'
        ? { put: { ...key, version, data: { version } }, ...guard }
        : { delete: key, ...guard }
    })
  const transaction = fc.uniqueArray(write, {
    minLength: 1,
    maxLength: 3,
    selector: (one) => ('put' in one ? one.put.sk : 'delete' in one ? one.delete.sk : one.check.sk),
  })

  test('answer and leave behind what the same transactions do one by one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(transaction, { maxLength: 12 }), async (transactions) => {
        const now = () => new Date('2026-11-23T09:00:00Z')
        const plain = sqliteRecords(':memory:', now)
        const below = sqliteRecords(':memory:', now)
        const batched = batchedRecords(below)
        for (const writes of transactions) {
          expect(await batched.transact(writes)).toEqual(await plain.transact(writes))
        }
        await batched.flush()
        const all = { pk: 'T#platform#x', limit: 100 }
        expect(await below.query(all)).toEqual(await plain.query(all))
        plain.close()
        below.close()
      }),
      { numRuns: 150 },
    )
  })

  test('do not overwrite what another writer did meanwhile', async () => {
    const below = sqliteRecords(':memory:', () => new Date())
    const batched = batchedRecords(below)
    const put = { pk: 'T#platform#x', sk: 'a', version: 1, data: {} }
    await batched.transact([{ put, if: 'absent' }])
    await below.transact([{ put }])
    await expect(batched.flush()).rejects.toThrow(/changed under a batch/)
    below.close()
  })
})
