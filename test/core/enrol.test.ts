import { expect, test } from 'vitest'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import type { LearnerId } from '#core/ids.ts'
import { createOffering, zCreateOffering } from '#core/offerings/create-offering.ts'
import { type Enrol, enrol, zEnrol } from '#core/offerings/enrol.ts'
import type { Offering } from '#core/offerings/offering.ts'
import { parse } from '#core/parse.ts'
import type { Module, SkillLevel } from '#core/skills/ontology.ts'
import { type World, world } from '#test/support/world.ts'

const asking = (w: World, learnerId: LearnerId, offering: Offering): Enrol => ({
  requestId: w.requestId(),
  learnerId,
  offeringId: offering.id,
  analyticsConsent: true,
  country: 'LU',
  targetGroup: 'professionals',
  sector: 'manufacturing',
})

function demanding(w: World): Module {
  const module = [...w.ontology.modules.values()].find(({ entry }) => entry.length > 1)
  if (!module) throw new Error('no module asks for two entry skills')
  return module
}

test('a learner who holds the entry skills is enrolled, once', async () => {
  const w = await world()
  const module = demanding(w)
  const { learner, actor } = await w.learner({ recognisedSkills: module.entry })
  const offering = await w.offering({ moduleId: module.id })
  const asked = asking(w, learner.id, offering)
  const enrolment = await enrol(actor, asked, w)
  expect(enrolment).toMatchObject({ enrolledAt: w.clock.now(), purpose: 'skills-gap-statistics' })
  w.clock.advance({ minutes: 1 })
  expect(await enrol(actor, asked, w)).toEqual(enrolment)
  const again = enrol(actor, { ...asked, requestId: w.requestId() }, w)
  await expect(again).rejects.toMatchObject({ code: 'already_enrolled' })
})

test('missing entry skills are named, and only the missing ones', async () => {
  const w = await world()
  const module = demanding(w)
  const [first, ...others] = module.entry
  if (!first) throw new Error('unreachable')
  const { learner, actor } = await w.learner({ recognisedSkills: [first] })
  const offering = await w.offering({ moduleId: module.id })
  const attempt = enrol(actor, asking(w, learner.id, offering), w)
  const named = others.map(({ skill, level }) => `${w.ontology.skills.get(skill)?.label.en} (level ${level})`)
  await expect(attempt).rejects.toMatchObject({
    code: 'entry_skills_missing',
    message: `Entry skills are missing: ${named.join(', ')}.`,
  })
})

test('a skill held at a lower level is missing', async () => {
  const w = await world()
  const module = [...w.ontology.modules.values()].find(({ entry }) => entry.some(({ level }) => level > 1))
  if (!module) throw new Error('no module asks for more than level 1')
  const lower = module.entry.map(
    ({ skill, level }) => ({ skill, level: Math.max(1, level - 1) }) as SkillLevel,
  )
  const { learner, actor } = await w.learner({ recognisedSkills: lower })
  const offering = await w.offering({ moduleId: module.id })
  await expect(enrol(actor, asking(w, learner.id, offering), w)).rejects.toMatchObject({
    code: 'entry_skills_missing',
  })
})

test('skills of valid awards open a module; a revoked award closes it again, a repeat still answers', async () => {
  const w = await world()
  const { learner, actor } = await w.learner()
  const { award } = await w.award({ learner })
  const module = [...w.ontology.modules.values()].find(
    ({ entry }) =>
      entry.length > 0 &&
      entry.every(({ skill, level }) =>
        award.skills.some((held) => held.skill === skill && held.level >= level),
      ),
  )
  if (!module) throw new Error('no module builds on the first one alone')
  const open = await w.offering({ moduleId: module.id })
  const asked = asking(w, learner.id, open)
  const enrolment = await enrol(actor, asked, w)

  const reason = { requestId: w.requestId(), awardId: award.id, reason: 'Found wrong.' }
  await changeAwardStatus(w.actor('registrar'), 'revoke', reason, w)
  const later = await w.offering({ moduleId: module.id })
  await expect(enrol(actor, asking(w, learner.id, later), w)).rejects.toMatchObject({
    code: 'entry_skills_missing',
  })
  expect(await enrol(actor, asked, w)).toEqual(enrolment)
})

test('the last seat is given once', async () => {
  const w = await world()
  const offering = await w.offering({ seats: 3 })
  const learners = await Promise.all(Array.from({ length: 8 }, () => w.learner()))
  const outcomes = await Promise.allSettled(
    learners.map(({ learner, actor }) => enrol(actor, asking(w, learner.id, offering), w)),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'offering_full' })
  }
  expect((await w.store.participantsOf(offering.id, { limit: 100 })).items).toHaveLength(3)
})

test("another learner, another institution's offering, an ended one and an erased learner are refused", async () => {
  const w = await world()
  const { learner, actor } = await w.learner()
  const other = await w.learner()
  const offering = await w.offering()
  const foreign = await w.offering({ tenant: w.institutions.mittelberg.tag })
  const ended = await w.offering({ startsOn: '2026-01-01', endsOn: '2026-11-22' })
  const lastDay = await w.offering({ startsOn: '2026-01-01', endsOn: '2026-11-23' })
  const refusals = [
    [other.actor, asking(w, learner.id, offering), 'not_allowed'],
    [actor, asking(w, learner.id, foreign), 'not_found'],
    [actor, asking(w, learner.id, ended), 'state_conflict'],
    [actor, { ...asking(w, learner.id, offering), sector: 'no-such-sector' }, 'invalid_input'],
    [undefined, asking(w, learner.id, offering), 'not_signed_in'],
  ] as const
  for (const [who, asked, code] of refusals) {
    await expect(enrol(who, asked, w)).rejects.toMatchObject({ code })
  }
  expect((await enrol(actor, asking(w, learner.id, lastDay), w)).offeringId).toBe(lastDay.id)
  await w.store.eraseLearnerOnce(w.request('erase'), learner.id)
  await expect(enrol(actor, asking(w, learner.id, offering), w)).rejects.toMatchObject({ code: 'not_found' })
})

test.each([
  ['a country in words', { country: 'Luxembourg' }],
  ['a region with a script', { nuts1: '<s>' }],
  ['an organisation with a line break', { organisation: 'ACME\nGmbH' }],
  ['an organisation of a whole page', { organisation: 'x'.repeat(201) }],
  ['an unknown group', { targetGroup: 'everybody' }],
  ['consent as text', { analyticsConsent: 'yes' }],
  ['a purpose of its own', { purpose: 'marketing' }],
])('%s does not parse', async (_title, change) => {
  const w = await world()
  const { learner } = await w.learner()
  const asked = { ...asking(w, learner.id, await w.offering()), ...change }
  expect(() => parse(zEnrol, asked)).toThrow(expect.objectContaining({ code: 'invalid_input' }))
})

const newOffering = (w: World, change: object = {}) =>
  parse(zCreateOffering, {
    requestId: w.requestId(),
    moduleId: [...w.ontology.modules.keys()][0],
    startsOn: '2027-01-11',
    endsOn: '2027-03-31',
    language: 'fr',
    seats: 30,
    ...change,
  })

test('a registrar opens an offering once; local evidence is off unless asked for', async () => {
  const w = await world()
  const registrar = w.actor('registrar')
  const input = newOffering(w)
  const offering = await createOffering(registrar, input, w)
  expect(offering).toMatchObject({ tenant: registrar.tenant, allowsLocalEvidence: false, seats: 30 })
  expect(await createOffering(registrar, input, w)).toEqual(offering)
  expect((await w.store.listOfferings(registrar.tenant, { limit: 10 })).items).toEqual([offering])
})

test.each([
  ['an unknown module', { moduleId: 'm-nothing' }, 'not_found'],
  ['a language the module is not taught in', { language: 'pl' }, 'invalid_input'],
  ['an end before its start', { endsOn: '2027-01-10' }, 'invalid_input'],
  ['an end in a hundred years', { endsOn: '2127-01-10' }, 'invalid_input'],
])('an offering with %s is refused', async (_title, change, code) => {
  const w = await world()
  await expect(createOffering(w.actor('registrar'), newOffering(w, change), w)).rejects.toMatchObject({
    code,
  })
})

test.each([
  ['a region of no list', { country: 'FR', nuts1: 'FR2' }],
  ['a region of another country', { country: 'DE', nuts1: 'FR1' }],
])('%s is refused, naming the field', async (_title, change) => {
  const w = await world()
  const { learner, actor } = await w.learner()
  const input = parse(zEnrol, { ...asking(w, learner.id, await w.offering()), ...change })
  await expect(enrol(actor, input, w)).rejects.toMatchObject({ code: 'invalid_input', field: 'nuts1' })
})

test('a region names its country, and Eurostat’s letters are understood', async () => {
  const w = await world()
  for (const [given, country] of [
    [{ country: 'EL', nuts1: 'EL3' }, 'GR'],
    [{ nuts1: 'FRK' }, 'FR'],
    [{ country: 'UK' }, 'GB'],
  ] as const) {
    const { learner, actor } = await w.learner()
    const { country: _country, ...rest } = asking(w, learner.id, await w.offering())
    expect((await enrol(actor, parse(zEnrol, { ...rest, ...given }), w)).country).toBe(country)
  }
})

test('without consent nothing is kept of what is asked for statistics alone', async () => {
  const w = await world()
  const { learner, actor } = await w.learner()
  const asked = { ...asking(w, learner.id, await w.offering()), nuts1: 'LU0', organisation: 'Another Works' }
  const enrolment = await enrol(actor, { ...asked, analyticsConsent: false }, w)
  expect(Object.keys(enrolment).sort()).toEqual([
    'analyticsConsent',
    'enrolledAt',
    'learnerId',
    'offeringId',
    'purpose',
  ])
})

test('who would rather not say is enrolled all the same', async () => {
  const w = await world()
  const { learner, actor } = await w.learner()
  const { requestId, learnerId, offeringId } = asking(w, learner.id, await w.offering())
  const enrolment = await enrol(actor, { requestId, learnerId, offeringId, analyticsConsent: true }, w)
  expect(Object.keys(enrolment).sort()).toEqual([
    'analyticsConsent',
    'enrolledAt',
    'learnerId',
    'offeringId',
    'purpose',
  ])
})

test('of an organisation a pseudonym is kept, the same at every institution, and its name nowhere', async () => {
  const w = await world()
  const kept = []
  for (const [tenant, organisation] of [
    [w.institutions.northLake.tag, 'Hafenwerke  Mittelberg AG'],
    [w.institutions.mittelberg.tag, 'hafenwerke mittelberg ag'],
    [w.institutions.northLake.tag, 'Another Works'],
  ] as const) {
    const { learner, actor } = await w.learner({ tenant })
    const input = { ...asking(w, learner.id, await w.offering({ tenant })), organisation }
    kept.push((await enrol(actor, parse(zEnrol, input), w)).organisation)
    const { items } = await w.records.query({ pk: `T#${tenant}#L#${learner.id}`, limit: 100 })
    expect(JSON.stringify(items).toLowerCase()).not.toContain('works')
    expect(JSON.stringify(items).toLowerCase()).not.toContain('mittelberg ag')
  }
  expect(kept[0]).toMatch(/^[\w-]{22}$/)
  expect(kept[1]).toBe(kept[0])
  expect(kept[2]).not.toBe(kept[0])
})
