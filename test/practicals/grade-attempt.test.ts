import { describe, expect, test } from 'vitest'
import type { AttemptId, RunId } from '#core/ids.ts'
import { gradeAttempt, type Place } from '#core/practicals/grade-attempt.ts'
import { type MetricRule, type Practical, referenceAt, specHashOf } from '#core/practicals/practical.ts'
import type { Run } from '#core/practicals/run.ts'
import { loadPracticals } from '#practicals/load-practicals.ts'

const practical = loadPracticals().find('inference-throughput') as Practical
const local: Place = {
  site: { name: 'local', environment: 'local', separateAccounts: false, partitions: [] },
  partition: 'local',
}
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
    pendingSeconds: 86_400,
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
    const site: Place = {
      site: { name: 'meluxina', environment: 'site', separateAccounts: true, partitions: [] },
      partition: 'gpu',
    }
    const graded = gradeAttempt(practical, run(5), site, 60)
    expect(graded.outcome).toBe('needs-review')
    expect(graded.scorePercent).toBeLessThan(60)
    expect(graded.evidence).toMatchObject({ assurance: 'graded-separately', level: 2, environment: 'site' })
  })

  const [metric] = practical.rubric.metrics
  if (!metric) throw new Error('the rubric has no metric')
  const withSecond = (rule: MetricRule): Practical => ({
    ...practical,
    rubric: {
      ...practical.rubric,
      metrics: [metric, { ...metric, name: 'second', at: { 'local:*': rule } }],
    },
  })

  test('a metric nobody is held to is stated and neither passes nor fails anybody', () => {
    const graded = gradeAttempt(withSecond('not-judged'), run(1.9), local, 60)
    expect(graded).toMatchObject({ outcome: 'passed', scorePercent: 80 })
    expect(graded.metrics[1]).toEqual({ name: 'second', value: 0, unit: '1' })
    expect(gradeAttempt(withSecond('not-judged'), run(1.2), local, 60).outcome).toBe('failed')
  })

  test('nobody needs to judge what already fails, and what passes so far waits for them', () => {
    expect(gradeAttempt(withSecond(null), run(1.2), local, 60).outcome).toBe('failed')
    const waiting = gradeAttempt(withSecond(null), run(1.9), local, 60)
    expect(waiting).toMatchObject({ outcome: 'needs-review' })
    expect(waiting.scorePercent).toBeLessThan(60)
  })

  test('a threshold that is also the best there is earns full marks when it is met', () => {
    const graded = gradeAttempt(withSecond({ pass: 0.5, full: 0.5, bound: 1 }), run(2.5), local, 60)
    expect(graded.outcome).toBe('failed')
    const one = {
      ...practical,
      rubric: { ...practical.rubric, metrics: [{ ...metric, at: { '*': { pass: 1, full: 1, bound: 1 } } }] },
    }
    expect(gradeAttempt(one, run(1), local, 60)).toMatchObject({ outcome: 'passed', scorePercent: 100 })
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
      bound: 99,
      at: { 'a:gpu': reference(1), 'a:*': reference(2), '*': reference(3), 'b:cpu': null },
    }
    expect(referenceAt(metric, 'a', 'gpu')).toMatchObject({ pass: 1 })
    expect(referenceAt(metric, 'a', 'cpu')).toMatchObject({ pass: 2 })
    expect(referenceAt(metric, 'c')).toMatchObject({ pass: 3 })
    expect(referenceAt(metric, 'b', 'cpu')).toBeNull()
    expect(referenceAt(metric, 'constructor')).toMatchObject({ pass: 3 })
  })

  test('the hash of a spec changes with any value and not with the order of members', () => {
    const { specHash, graderSha256: _g, ...rest } = practical
    const {
      parseConfiguration: _p,
      exampleFor: _e,
      input: _i,
      ...spec
    } = { ...rest, parseConfiguration: null, exampleFor: null }
    expect(specHashOf(spec)).toBe(specHash)
    expect(specHashOf(Object.fromEntries(Object.entries(spec).reverse()) as typeof spec)).toBe(specHash)
    expect(specHashOf({ ...spec, attemptsPerDay: spec.attemptsPerDay + 1 })).not.toBe(specHash)
  })
})
