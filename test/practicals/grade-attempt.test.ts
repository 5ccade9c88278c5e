import { describe, expect, test } from 'vitest'
import type { AttemptId, RunId } from '#core/ids.ts'
import { gradeAttempt } from '#core/practicals/grade-attempt.ts'
import { type Practical, referenceAt, specHashOf } from '#core/practicals/practical.ts'
import type { SiteFacts } from '#core/practicals/queue.ts'
import type { Run } from '#core/practicals/run.ts'
import { loadPracticals } from '#practicals/load-practicals.ts'

const practical = loadPracticals().find('inference-throughput') as Practical
const local: SiteFacts = { name: 'local', environment: 'local', separateAccounts: false }
const names = practical.rubric.sanity.map(({ name }) => name)

function run(ratio: number, held = names): Extract<Run, { state: 'DONE' }> {
  return {
    id: 'run' as RunId,
    attemptId: 'att' as AttemptId,
    stage: 'grade',
    number: 2,
    try: 1,
    key: 'ska-aaaaaaaaaaaaaaaaaaaaaaaa',
    nonce: 'nonce',
    wallSeconds: 60,
    createdAt: new Date(0),
    version: 1,
    state: 'DONE',
    jobId: '7',
    endedAt: new Date(1),
    hardware: { cpu: 'Test', cores: 2, memoryGiB: 4, gpus: 0, limits: 'enforced' },
    delivery: {
      verdict: 'valid',
      sha256: 'x',
      claims: {
        sanity: names.map((name) => ({ name, held: held.includes(name) })),
        metrics: [{ name: 'tokens_per_second_ratio', value: ratio, unit: '1' }],
      },
    },
  }
}

describe('grading', () => {
  test.each([
    [0, 'failed', 0],
    [0.65, 'failed', 30],
    [1.2999, 'failed', 59],
    [1.3, 'passed', 60],
    [1.9, 'passed', 80],
    [2.5, 'passed', 100],
    [40, 'passed', 100],
  ])('a ratio of %d is %s with %d percent', (ratio, outcome, scorePercent) => {
    expect(gradeAttempt(practical, run(ratio), local, 60)).toMatchObject({ outcome, scorePercent })
  })

  test.each([0, 40, 60, 100])('at a pass mark of %d the threshold decides, not the mark', (mark) => {
    expect(gradeAttempt(practical, run(1.3), local, mark).scorePercent).toBeGreaterThanOrEqual(mark)
    if (mark > 0) expect(gradeAttempt(practical, run(1.29), local, mark).scorePercent).toBeLessThan(mark)
  })

  test.each(names)('however fast, without %s nothing is earned', (missing) => {
    const held = names.filter((name) => name !== missing)
    expect(gradeAttempt(practical, run(50, held), local, 60)).toMatchObject({
      outcome: 'failed',
      scorePercent: 0,
    })
  })

  test('at a site without a reference a person must judge', () => {
    const site: SiteFacts = {
      name: 'meluxina',
      environment: 'site',
      partition: 'gpu',
      separateAccounts: true,
    }
    const graded = gradeAttempt(practical, run(5), site, 60)
    expect(graded.outcome).toBe('needs-review')
    expect(graded.scorePercent).toBeLessThan(60)
    expect(graded.evidence).toMatchObject({ assurance: 'graded-separately', level: 2, environment: 'site' })
  })

  test('a local run states level 1, the machine and the threshold, but no job and no user', () => {
    const { evidence } = gradeAttempt(practical, run(2), local, 60)
    expect(evidence).toMatchObject({
      environment: 'local',
      assurance: 'unsupervised-run',
      level: 1,
      hardware: { cpu: 'Test', cores: 2 },
      metrics: [{ name: 'tokens_per_second_ratio', value: 2, unit: '1', threshold: 1.3 }],
    })
    expect(JSON.stringify(evidence)).not.toContain('ska-')
  })

  test('the most exact reference wins', () => {
    const reference = (pass: number) => ({ pass, full: pass + 1, bound: 99 })
    const metric = {
      name: 'm',
      unit: '1',
      label: { en: '', fr: '' },
      weight: 1,
      at: { 'a:gpu': reference(1), 'a:*': reference(2), '*': reference(3), 'b:cpu': null },
    }
    expect(referenceAt(metric, 'a', 'gpu')?.pass).toBe(1)
    expect(referenceAt(metric, 'a', 'cpu')?.pass).toBe(2)
    expect(referenceAt(metric, 'c')?.pass).toBe(3)
    expect(referenceAt(metric, 'b', 'cpu')).toBeNull()
    expect(referenceAt(metric, 'constructor')?.pass).toBe(3)
  })

  test('the hash of a spec changes with any value and not with the order of members', () => {
    const { specHash, ...rest } = practical
    const {
      parseConfiguration: _p,
      exampleConfiguration: _e,
      ...spec
    } = { ...rest, parseConfiguration: null }
    expect(specHashOf(spec)).toBe(specHash)
    expect(specHashOf(Object.fromEntries(Object.entries(spec).reverse()) as typeof spec)).toBe(specHash)
    expect(specHashOf({ ...spec, attemptsPerDay: spec.attemptsPerDay + 1 })).not.toBe(specHash)
  })
})
