import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemRandom } from '#adapters/node-platform/random.ts'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { makeStore } from '#adapters/store/store.ts'
import type { TenantTag } from '#core/ids.ts'
import { Refusal } from '#core/refusal.ts'
import { settableClock } from '#test/support/fixed-ports.ts'

const clock = settableClock('2026-11-23T09:00:00.000Z')
const tenant = 'k3vq7m2a' as TenantTag

function storeOf(mostBytes: number) {
  const folder = mkdtempSync(join(tmpdir(), 'academy-full-'))
  const records = sqliteRecords(join(folder, 'records.sqlite'), () => clock.now(), { mostBytes })
  onTestFinished(() => {
    records.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const parts = { records, clock, random: systemRandom, masterKey: masterKey(new Uint8Array(32)) }
  return { records, store: makeStore(parts) }
}

test('a full storage refuses every write with nothing half-written, answers reads, and goes on when room is made', async () => {
  const { records, store } = storeOf(400_000)
  const saved: string[] = []
  let refusal: unknown
  for (let n = 0; n < 1000 && !refusal; n++) {
    const id = systemRandom.id(tenant, 'lrn')
    const person = { givenName: 'A', familyName: 'B'.repeat(500), email: `a${n}@example.org` }
    try {
      await store.saveLearnerOnce(`account-${n}`, { id, tenant, rev: 0, person, recognisedSkills: [] })
      saved.push(id)
    } catch (cause) {
      refusal = cause
    }
  }
  expect(refusal).toBeInstanceOf(Refusal)
  expect(refusal).toMatchObject({ code: 'storage_full' })
  expect(saved.length).toBeGreaterThan(50)
  for (const id of saved) expect((await store.findLearner(id as never))?.person?.givenName).toBe('A')

  // Each learner is three items: a write that was refused left none of them.
  expect(await store.findLearnerBySubject(tenant, `account-${saved.length}`)).toBeUndefined()
  // All of them go: a few, with their random keys, need not leave one page of the file empty.
  for (const id of saved) {
    expect(await records.transact([{ delete: { pk: `T#${tenant}#L#${id}`, sk: 'META' } }])).toEqual({
      ok: true,
    })
  }
  const id = systemRandom.id(tenant, 'lrn')
  await store.saveLearnerOnce('after', { id, tenant, rev: 0, person: undefined, recognisedSkills: [] })
  expect(await store.findLearnerBySubject(tenant, 'after')).toMatchObject({ id })
})

test('a storage without room to begin in is refused at once', () => {
  expect(() => storeOf(8192)).toThrow(expect.objectContaining({ code: 'storage_full' }))
})
