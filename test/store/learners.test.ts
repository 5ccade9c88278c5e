import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemRandom } from '#adapters/node-platform/random.ts'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { keys } from '#adapters/store/keys.ts'
import { masterKey, openBytes, sealBytes } from '#adapters/store/master-key.ts'
import { makeStore } from '#adapters/store/store.ts'
import { correctAward } from '#core/awards/correct-award.ts'
import { requestErasure } from '#core/learners/request-erasure.ts'
import { settableClock } from '#test/support/fixed-ports.ts'
import { type World, world } from '#test/support/world.ts'

/** Every byte of the data folder's files as one text, so that a search misses nothing. */
function onDisk(folder: string): string {
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n')
}

function storeOnDisk() {
  const folder = mkdtempSync(join(tmpdir(), 'academy-store-'))
  const clock = settableClock('2026-11-23T09:00:00.000Z')
  const records = sqliteRecords(join(folder, 'academy.db'), () => clock.now())
  onTestFinished(() => {
    records.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const parts = { records, clock, random: systemRandom, masterKey: masterKey(new Uint8Array(32).fill(7)) }
  return { folder, parts, store: makeStore(parts) }
}

const person = { givenName: 'Zsófia', familyName: 'Quetzalcoatl', email: 'zsofia.q@example.org' }

test('no personal data and no account name is in the files', async () => {
  const { folder, parts, store } = storeOnDisk()
  const tenant = 'k3vq7m2a' as never
  const id = parts.random.id(tenant, 'lrn')
  const learner = { id, tenant, rev: 0, person, recognisedSkills: [] }
  await store.saveLearnerOnce('account-of-zsofia', learner)
  expect(await store.findLearner(id)).toEqual(learner)
  const files = onDisk(folder)
  expect(files).toContain(id)
  // Whole names as they would be written: a few letters stand in random bytes by chance.
  const secrets = [...Object.values(person), 'account-of-zsofia', 'example.org']
  for (const secret of secrets) expect(files).not.toContain(Buffer.from(secret).toString('latin1'))
})

test('once erased, neither the key nor the ciphertext is anywhere on the disk', async () => {
  const { folder, parts, store } = storeOnDisk()
  const tenant = 'k3vq7m2a' as never
  const id = parts.random.id(tenant, 'lrn')
  await store.saveLearnerOnce('account', { id, tenant, rev: 0, person, recognisedSkills: [] })
  const wrapped = (await parts.records.get(keys.learnerKey(id)))?.data['wrapped'] as string
  const ciphertext = (await parts.records.get(keys.learner(id)))?.data['person'] as string
  for (const secret of [wrapped, ciphertext]) expect(onDisk(folder)).toContain(secret)
  await store.eraseLearnerOnce({ tenant, operation: 'erase', requestId: 'erase-0001', inputHash: 'x' }, id)
  expect(onDisk(folder)).not.toContain(wrapped)
  expect(onDisk(folder)).not.toContain(ciphertext)
})

test('a ciphertext moved to another learner does not open', async () => {
  const w = await world()
  const [one, two] = [(await w.learner()).learner, (await w.learner()).learner]
  const [from, to] = [await w.records.get(keys.learner(one.id)), await w.records.get(keys.learner(two.id))]
  const wrapped = await w.records.get(keys.learnerKey(one.id))
  if (!from || !to || !wrapped) throw new Error('unreachable')
  await w.records.transact([
    { put: { ...to, data: { ...to.data, person: from.data['person'] ?? null } } },
    { put: { ...wrapped, ...keys.learnerKey(two.id) } },
  ])
  await expect(w.store.findLearner(two.id)).rejects.toThrow('does not open')
})

test('a changed byte anywhere in a sealed text is noticed', () => {
  const key = new Uint8Array(32).fill(1)
  const sealed = sealBytes(key, Buffer.from('secret'), 'bound')
  expect(Buffer.from(openBytes(key, sealed, 'bound') ?? []).toString()).toBe('secret')
  for (let position = 0; position < sealed.length; position++) {
    const changed = Uint8Array.from(sealed)
    changed[position] = (changed[position] ?? 0) ^ 1
    expect(openBytes(key, changed, 'bound')).toBeUndefined()
  }
  expect(openBytes(key, sealed, 'other')).toBeUndefined()
  expect(openBytes(key, sealed.subarray(0, 20), 'bound')).toBeUndefined()
  expect(openBytes(new Uint8Array(32), sealed, 'bound')).toBeUndefined()
})

test('another master key opens nothing, and says so without a value', async () => {
  const { parts, store } = storeOnDisk()
  const tenant = 'k3vq7m2a' as never
  const id = parts.random.id(tenant, 'lrn')
  await store.saveLearnerOnce('account', { id, tenant, rev: 0, person, recognisedSkills: [] })
  const other = makeStore({ ...parts, masterKey: masterKey(new Uint8Array(32).fill(8)) })
  await expect(other.findLearner(id)).rejects.toThrow('is this the master key')
  expect(await other.findLearnerBySubject(tenant, 'account')).toBeUndefined()
})

test('the same account signing in twice at once is one learner', async () => {
  const w = await world()
  const tenant = w.institutions.northLake.tag
  const saved = await Promise.all(
    Array.from({ length: 5 }, () =>
      w.store.saveLearnerOnce('one-account', {
        id: w.random.id(tenant, 'lrn'),
        tenant,
        rev: 0,
        person,
        recognisedSkills: [],
      }),
    ),
  )
  expect(new Set(saved.map(({ id }) => id)).size).toBe(1)
})

test('the same account name at two institutions is two learners', async () => {
  const w = await world()
  const save = (tenant: World['institutions']['northLake']['tag']) =>
    w.store.saveLearnerOnce('account', {
      id: w.random.id(tenant, 'lrn'),
      tenant,
      rev: 0,
      person,
      recognisedSkills: [],
    })
  const [one, two] = [await save(w.institutions.northLake.tag), await save(w.institutions.mittelberg.tag)]
  expect(one.id).not.toBe(two.id)
})

test('learners are found by their address within the institution, whatever its case, and not once it is gone', async () => {
  const w = await world()
  const { learner, actor } = await w.learner({ person })
  const find = (email: string, tenant = learner.tenant) => w.store.findLearnersByEmail(tenant, email)
  expect(await find('Zsofia.Q@Example.org')).toEqual([learner.id])
  expect(await find(person.email, w.institutions.mittelberg.tag)).toEqual([])
  const { award } = await w.award({ learner })
  const correction = { requestId: w.requestId(), awardId: award.id, reason: 'Moved.', email: 'z@example.org' }
  await correctAward(w.actor('registrar'), correction, w)
  expect([await find(person.email), await find('z@example.org')]).toEqual([[], [learner.id]])

  const { award: other } = await w.award()
  const shared = { requestId: w.requestId(), awardId: other.id, reason: 'Moved.', email: 'Z@example.org' }
  await expect(correctAward(w.actor('registrar'), shared, w)).rejects.toMatchObject({
    code: 'invalid_input',
    field: 'email',
  })

  await requestErasure(actor, { requestId: w.requestId(), learnerId: learner.id, revokeAwards: false }, w)
  expect(await find('z@example.org')).toEqual([])
  const kept = await w.records.get(keys.learner(learner.id))
  expect(kept?.data).not.toHaveProperty('emailMac')
})

test('erasure leaves a tombstone, the awards, and an event; the account may start again', async () => {
  const w = await world()
  const { learner, actor } = await w.learner()
  const { award } = await w.award({ learner })
  const asked = { requestId: w.requestId(), learnerId: learner.id, revokeAwards: false }
  await requestErasure(actor, asked, w)
  expect(await w.store.findLearner(learner.id)).toMatchObject({ person: undefined, recognisedSkills: [] })
  expect(await w.store.findLearnerBySubject(learner.tenant, actor.subject)).toBeUndefined()
  expect(await w.records.get(keys.learnerKey(learner.id))).toBeUndefined()
  expect((await w.store.findAward(award.id))?.status.state).toBe('valid')
  const events = await w.store.pendingEvents(learner.tenant, 10)
  expect(events.at(-1)).toMatchObject({ type: 'learner.erased', learnerId: learner.id, seq: 3 })

  await requestErasure(actor, asked, w)
  expect(await w.store.pendingEvents(learner.tenant, 10)).toEqual(events)
  await expect(requestErasure(actor, { ...asked, requestId: w.requestId() }, w)).rejects.toMatchObject({
    code: 'not_found',
  })
  const again = { ...learner, id: w.random.id(learner.tenant, 'lrn'), rev: 0 }
  expect((await w.store.saveLearnerOnce(actor.subject, again)).id).toBe(again.id)
})

test('erasure revokes the awards first when the learner wants that', async () => {
  const w = await world()
  const { learner, actor } = await w.learner()
  const { award } = await w.award({ learner })
  await requestErasure(actor, { requestId: w.requestId(), learnerId: learner.id, revokeAwards: true }, w)
  expect((await w.store.findAward(award.id))?.status.state).toBe('revoked')
})

test('nobody erases another learner, and no award is made for an erased one', async () => {
  const w = await world()
  const { learner, actor } = await w.learner()
  const offering = await w.offering()
  await w.enrolment(learner.id, offering)
  const other = (await w.learner()).actor
  const asked = { requestId: w.requestId(), learnerId: learner.id, revokeAwards: false }
  await expect(requestErasure(other, asked, w)).rejects.toMatchObject({ code: 'not_allowed' })
  await expect(requestErasure(undefined, asked, w)).rejects.toMatchObject({ code: 'not_signed_in' })
  await requestErasure(actor, asked, w)
  await expect(w.award({ learner, offering })).rejects.toMatchObject({ code: 'not_found' })
  expect(await w.store.awardsOf(learner.id)).toEqual([])
})
