import fc from 'fast-check'
import { expect, test } from 'vitest'
import { creditableEvidence } from '#core/assessments/creditable-evidence.ts'
import { recordAssessment, zRecordAssessment } from '#core/assessments/record-assessment.ts'
import { type GradedRun, recordGradedRun } from '#core/assessments/record-graded-run.ts'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import type { Offering } from '#core/offerings/offering.ts'
import { parse } from '#core/parse.ts'
import type { Attempt } from '#core/practicals/attempt.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import { type World, world } from '#test/support/world.ts'

async function readyToAssess(w: World) {
  const { learner, actor } = await w.learner()
  const offering = await w.offering()
  await w.enrolment(learner.id, offering)
  const passMark = w.ontology.modules.get(offering.moduleId)?.passMarkPercent ?? 0
  const input = {
    requestId: w.requestId(),
    learnerId: learner.id,
    offeringId: offering.id,
    scorePercent: passMark,
  }
  return { learner, learnerActor: actor, offering, passMark, input, assessor: w.actor('assessor') }
}

test('a score at the pass mark makes an award and opens an offer for seven days', async () => {
  const w = await world({ now: '2026-01-01T00:00:00.000Z' })
  const { input, assessor } = await readyToAssess(w)
  const { assessment, award, offer } = await recordAssessment(assessor, input, w)
  expect(assessment).toMatchObject({ outcome: 'passed', decidedBy: assessor.subject })
  expect(offer).toMatchObject({
    state: 'open',
    expiresAt: new Date('2026-01-08T00:00:00Z'),
    awardId: award?.id,
  })
})

test('a score below the pass mark is kept, and opens nothing', async () => {
  const w = await world()
  const { input, assessor, learner, passMark } = await readyToAssess(w)
  const recorded = await recordAssessment(assessor, { ...input, scorePercent: passMark - 0.01 }, w)
  expect(recorded).toEqual({ assessment: expect.objectContaining({ outcome: 'failed' }) })
  expect(await w.store.assessmentsOf(learner.id)).toEqual([recorded.assessment])
  expect(await w.store.awardsOf(learner.id)).toEqual([])
  expect(await w.store.pendingEvents(learner.tenant, 10)).toEqual([])
})

test('the award states everything the module states, pinned to the ontology in force', async () => {
  const w = await world()
  const { award, offering, learner } = await w.award()
  const module = w.ontology.modules.get(offering.moduleId)
  expect(award).toMatchObject({
    learnerId: learner.id,
    title: module?.title,
    description: module?.description,
    ontology: { version: w.ontology.version, digest: w.ontology.digest },
    eqfLevel: module?.eqfLevel,
    ects: module?.ects,
    workloadHours: module?.workloadHours,
    iscedF: module?.iscedF,
    participation: module?.mode,
    supervision: module?.supervision,
    assessmentType: module?.assessment,
    qualityAssurance: module?.qualityAssurance,
    stackability: module?.stackability.statement,
    language: offering.language,
    status: { state: 'valid' },
  })
  const taught = new Set(module?.outcomes.flatMap(({ skills }) => skills.map(({ skill }) => skill)))
  expect(new Set(award.skills.map(({ skill }) => skill))).toEqual(taught)
  for (const { skill, label } of award.skills) expect(label).toEqual(w.ontology.skills.get(skill)?.label)
  expect(await w.store.findAward(award.id)).toEqual(award)
})

test('every module of the ontology makes an award that is stored and read back whole', async () => {
  const w = await world()
  const { learner } = await w.learner()
  for (const module of w.ontology.modules.values()) {
    const offering = await w.offering({ moduleId: module.id, language: module.languages[0] ?? 'en' })
    const { award } = await w.award({ learner, offering, scorePercent: 100 })
    expect(award.skills.length).toBeGreaterThan(0)
    expect(await w.store.findAward(award.id)).toEqual(award)
  }
  expect(await w.store.awardsOf(learner.id)).toHaveLength(w.ontology.modules.size)
})

test('only an exact or close ESCO match is claimed', async () => {
  const w = await world()
  const { learner } = await w.learner()
  const claimed: string[] = []
  for (const module of w.ontology.modules.values()) {
    const offering = await w.offering({ moduleId: module.id })
    const { award } = await w.award({ learner, offering, scorePercent: 100 })
    for (const { skill, escoUri } of award.skills) {
      if (escoUri === undefined) continue
      claimed.push(escoUri)
      const mapping = w.ontology.skills.get(skill)?.mappings.find(({ uri }) => uri === escoUri)
      expect(['exactMatch', 'closeMatch']).toContain(mapping?.relation)
    }
  }
  expect(claimed.length).toBeGreaterThan(0)
})

test('repeating a request id returns the first result and changes nothing', async () => {
  const w = await world()
  const { input, assessor, learner } = await readyToAssess(w)
  const first = await recordAssessment(assessor, input, w)
  w.clock.advance({ days: 2 })
  expect(await recordAssessment(assessor, input, w)).toEqual(first)
  expect(await w.store.assessmentsOf(learner.id)).toHaveLength(1)
  expect(await w.store.pendingEvents(learner.tenant, 10)).toHaveLength(2)
})

test('the same request id with another score is refused, and the first stands', async () => {
  const w = await world()
  const { input, assessor, learner } = await readyToAssess(w)
  const first = await recordAssessment(assessor, input, w)
  const other = recordAssessment(assessor, { ...input, scorePercent: 0 }, w)
  await expect(other).rejects.toMatchObject({ code: 'request_conflict', field: 'requestId' })
  expect(await w.store.assessmentsOf(learner.id)).toEqual([first.assessment])
})

test('a request id belongs to its caller: the same one of another assessor is another request', async () => {
  const w = await world()
  const { input, assessor } = await readyToAssess(w)
  await recordAssessment(assessor, { ...input, scorePercent: 0 }, w)
  const second = await recordAssessment(w.actor('assessor'), input, w)
  expect(second.award).toBeDefined()
})

test('ten assessors at once record one award', async () => {
  const w = await world()
  const { input, learner } = await readyToAssess(w)
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, () =>
      recordAssessment(w.actor('assessor'), { ...input, requestId: w.requestId() }, w),
    ),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'already_awarded' })
  }
  expect(await w.store.awardsOf(learner.id)).toHaveLength(1)
})

test('the same request sent ten times at once has one effect and one answer', async () => {
  const w = await world()
  const { input, assessor, learner } = await readyToAssess(w)
  const answers = await Promise.all(Array.from({ length: 10 }, () => recordAssessment(assessor, input, w)))
  expect(new Set(answers.map(({ award }) => award?.id)).size).toBe(1)
  expect(await w.store.assessmentsOf(learner.id)).toHaveLength(1)
})

test('who is not enrolled is not assessed', async () => {
  const w = await world()
  const { learner } = await w.learner()
  const offering = await w.offering()
  const input = { requestId: w.requestId(), learnerId: learner.id, offeringId: offering.id, scorePercent: 90 }
  await expect(recordAssessment(w.actor('assessor'), input, w)).rejects.toMatchObject({
    code: 'not_enrolled',
  })
  expect(await w.store.assessmentsOf(learner.id)).toEqual([])
})

test('another institution, an unknown offering, the learner and nobody are each refused', async () => {
  const w = await world()
  const { input, learnerActor, learner } = await readyToAssess(w)
  const foreign = w.actor('assessor', { tenant: w.institutions.mittelberg.tag })
  const unknown = { ...input, offeringId: w.random.id(learner.tenant, 'ofg') }
  await expect(recordAssessment(foreign, input, w)).rejects.toMatchObject({ code: 'not_found' })
  await expect(recordAssessment(w.actor('assessor'), unknown, w)).rejects.toMatchObject({ code: 'not_found' })
  await expect(recordAssessment(learnerActor, input, w)).rejects.toMatchObject({ code: 'not_allowed' })
  await expect(recordAssessment(undefined, input, w)).rejects.toMatchObject({ code: 'not_signed_in' })
  const ownWork = w.actor('assessor', { learnerId: learner.id })
  await expect(recordAssessment(ownWork, input, w)).rejects.toMatchObject({ code: 'not_allowed' })
  // The same account, of which the token only says that it assesses.
  const sameAccount = w.actor('assessor', { subject: learnerActor.subject })
  await expect(recordAssessment(sameAccount, input, w)).rejects.toMatchObject({ code: 'not_allowed' })
})

test.each([
  ['a score above 100', { scorePercent: 100.1 }],
  ['a score below 0', { scorePercent: -1 }],
  ['no number', { scorePercent: Number.NaN }],
  ['an infinite score', { scorePercent: Number.POSITIVE_INFINITY }],
  ['a score as text', { scorePercent: '80' }],
  ['an id of another kind', { learnerId: 'k3vq7m2a-awd-aaaaaaaaaaaaaaaaaaaaaaaaaa' }],
  ['a key of the records as id', { offeringId: 'T#k3vq7m2a#OFF#x' }],
  ['a short request id', { requestId: 'x' }],
  ['a member nobody asked for', { status: 'passed' }],
])('%s does not parse', async (_title, change) => {
  const w = await world()
  const { input } = await readyToAssess(w)
  expect(() => parse(zRecordAssessment, { ...input, ...change })).toThrow(
    expect.objectContaining({ code: 'invalid_input' }),
  )
})

test('the pass mark alone decides, for every score', async () => {
  const w = await world()
  const offering = await w.offering({ seats: 1000 })
  const passMark = w.ontology.modules.get(offering.moduleId)?.passMarkPercent ?? 0
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 100, noNaN: true }), async (scorePercent) => {
      const { learner } = await w.learner()
      await w.enrolment(learner.id, offering)
      const input = { requestId: w.requestId(), learnerId: learner.id, offeringId: offering.id, scorePercent }
      const recorded = await recordAssessment(w.actor('assessor'), input, w)
      const passes = scorePercent >= passMark
      expect(recorded.assessment.outcome).toBe(passes ? 'passed' : 'failed')
      expect([recorded.award !== undefined, recorded.offer !== undefined]).toEqual([passes, passes])
      expect((await w.store.assessmentsOf(learner.id))[0]).toEqual(recorded.assessment)
    }),
    { numRuns: 40 },
  )
})

const evidence: PracticalEvidence = {
  practical: 'inference-throughput',
  practicalVersion: 1,
  specHash: 'ab'.repeat(32),
  environment: 'local',
  site: 'local',
  hardware: { cpu: 'Test CPU', cores: 2, memoryGiB: 4, gpus: 0 },
  assurance: 'unsupervised-run',
  level: 1,
  metrics: [{ name: 'speed-up', value: 2.5, unit: 'ratio', threshold: 1.5 }],
  runDigest: 'cd'.repeat(32),
  finishedAt: new Date('2026-11-23T08:59:00.000Z'),
}

async function gradedRun(w: World, allowsLocalEvidence: boolean): Promise<GradedRun> {
  const module = [...w.ontology.modules.values()].find((candidate) => candidate.assessedByRun)
  if (!module) throw new Error('no module is assessed by its run')
  const { learner } = await w.learner()
  const offering = await w.offering({ moduleId: module.id, allowsLocalEvidence })
  await w.enrolment(learner.id, offering)
  const runId = w.random.id(learner.tenant, 'run')
  return { runId, learnerId: learner.id, offeringId: offering.id, scorePercent: 100, evidence }
}

async function recordedRun(run: GradedRun, w: World) {
  const recorded = await recordGradedRun(run, w)
  if (recorded === 'after-revocation') throw new Error('an award was revoked')
  return recorded
}

test('a graded run of a module that says so makes the award, with its evidence', async () => {
  const w = await world()
  const run = await gradedRun(w, true)
  const { assessment, award, offer } = await recordedRun(run, w)
  expect(assessment).toMatchObject({ decidedBy: 'graded-run', gradedRunId: run.runId, outcome: 'passed' })
  expect(award?.evidence).toEqual([evidence])
  expect(offer?.state).toBe('open')
  expect(await w.store.findAward(award?.id ?? ('' as never))).toEqual(award)
  expect(await recordGradedRun(run, w)).toEqual({ assessment, award, offer })
})

test('a local run is no evidence where the offering does not allow it, and nothing is recorded', async () => {
  const w = await world()
  const run = await gradedRun(w, false)
  await expect(recordGradedRun(run, w)).rejects.toMatchObject({ code: 'evidence_not_allowed' })
  expect(await w.store.assessmentsOf(run.learnerId)).toEqual([])
  const onSite = { ...run, evidence: { ...evidence, environment: 'site' as const, site: 'fictional-site' } }
  expect((await recordedRun(onSite, w)).award?.evidence[0]?.environment).toBe('site')
})

test('what a graded run awarded and a registrar revoked comes back by no run, and the same run again is answered', async () => {
  const w = await world()
  const run = await gradedRun(w, true)
  const first = await recordedRun(run, w)
  const id = first.award?.id ?? ('' as never)
  const revoke = {
    requestId: w.requestId(),
    awardId: id,
    reasonCode: 'misconduct' as const,
    reason: 'Copied.',
  }
  await changeAwardStatus(w.actor('registrar'), 'revoke', revoke, w)
  const again = { ...run, runId: w.random.id(w.institutions.northLake.tag, 'run') }
  expect(await recordGradedRun(again, w)).toBe('after-revocation')
  expect(await w.store.awardsOf(run.learnerId)).toMatchObject([{ id, status: { state: 'revoked' } }])
  expect(await w.store.assessmentsOf(run.learnerId)).toHaveLength(1)
  expect((await recordedRun(run, w)).award?.id).toBe(id)
  // A fail gives nothing back: it is recorded as ever.
  const failed = { ...run, runId: w.random.id(w.institutions.northLake.tag, 'run'), scorePercent: 0 }
  expect((await recordedRun(failed, w)).assessment.outcome).toBe('failed')
})

test('a graded run below the pass mark is a failed assessment', async () => {
  const w = await world()
  const run = await gradedRun(w, true)
  const recorded = await recordGradedRun({ ...run, scorePercent: 0 }, w)
  expect(recorded).toEqual({ assessment: expect.objectContaining({ outcome: 'failed' }) })
})

/** Attempts as the store answers them, newest first; only what the rule reads. */
const attempt = (offeringId: string, outcome: string, environment: 'local' | 'site', runDigest: string) =>
  ({
    offeringId,
    state: 'graded',
    graded: { outcome, evidence: { ...evidence, environment, runDigest } },
  }) as Attempt

test.each([
  [
    'the newest that did not fail',
    [
      ['a', 'failed', 'site', 'x1'],
      ['a', 'passed', 'site', 'x2'],
      ['a', 'passed', 'site', 'x3'],
    ],
    false,
    'x2',
  ],
  ['one a person must judge', [['a', 'needs-review', 'site', 'x1']], false, 'x1'],
  ['none of another offering', [['b', 'passed', 'site', 'x1']], false, undefined],
  [
    'no local one unless allowed',
    [
      ['a', 'passed', 'local', 'x1'],
      ['a', 'passed', 'site', 'x2'],
    ],
    false,
    'x2',
  ],
  [
    'a local one where allowed',
    [
      ['a', 'passed', 'local', 'x1'],
      ['a', 'passed', 'site', 'x2'],
    ],
    true,
    'x1',
  ],
  ['none when nothing passed', [['a', 'failed', 'site', 'x1']], true, undefined],
] as const)("an assessor's pass rests on %s", (_title, rows, allowsLocalEvidence, expected) => {
  const attempts = rows.map(([of, outcome, where, digest]) => attempt(of, outcome, where, digest))
  const offering = { id: 'a', allowsLocalEvidence } as Offering
  expect(creditableEvidence(attempts, offering).map(({ runDigest }) => runDigest)).toEqual(
    expected ? [expected] : [],
  )
})

test('a module an assessor decides is not decided by a run', async () => {
  const w = await world()
  const { learner, offering } = await readyToAssess(w)
  const run = {
    runId: w.random.id(learner.tenant, 'run'),
    learnerId: learner.id,
    offeringId: offering.id,
    scorePercent: 100,
    evidence,
  }
  await expect(recordGradedRun(run, w)).rejects.toMatchObject({ code: 'state_conflict' })
})
