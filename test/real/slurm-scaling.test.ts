import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Practical } from '#core/practicals/practical.ts'
import type { Json } from '#core/records.ts'
import { siteWorld } from '#test/slurm/site-world.ts'

const solution = (name: string): Json =>
  JSON.parse(readFileSync(`practicals/data-parallel-scaling/solutions/${name}.json`, 'utf8'))

/** What a site and the academy agree on; as low as the two shared processors of a test machine are. */
const withScaling = (practical: Practical): Practical => ({
  ...practical,
  rubric: {
    ...practical.rubric,
    metrics: practical.rubric.metrics.map((metric) =>
      metric.name === 'strong_scaling_efficiency'
        ? { ...metric, at: { ...metric.at, 'test-factory:academy': { pass: 0.01, full: 0.9, bound: 1.5 } } }
        : metric,
    ),
  },
})

test('a parallel training is done again by the grader; without a reference for its scaling a person judges what passes so far', async () => {
  const w = await siteWorld({ practicalId: 'data-parallel-scaling' })
  const graded = async (name: string) => {
    const attempt = await w.drive((await w.start(await w.enrolled(), solution(name))).id)
    if (attempt.state !== 'graded') throw new Error(`${name}: ${JSON.stringify(attempt)}`)
    return attempt
  }
  const good = await graded('good')
  expect(good).toMatchObject({ recorded: 'for-assessor', graded: { outcome: 'needs-review' } })
  expect(good.graded.sanity.filter(({ held }) => !held)).toEqual([])
  const [gain, efficiency] = good.graded.metrics
  expect(gain).toMatchObject({ name: 'loss_gain', threshold: 2.6, met: true })
  expect(efficiency).toEqual({ name: 'strong_scaling_efficiency', value: expect.any(Number), unit: '1' })
  expect(good.graded.evidence).toMatchObject({ level: 2, hardware: { cores: 4 } })

  const poor = await graded('poor')
  expect(poor.graded).toMatchObject({ outcome: 'failed', metrics: [{ met: false }, {}] })
  const cheating = await graded('cheating')
  expect(cheating.graded).toMatchObject({ outcome: 'failed', scorePercent: 0 })
  expect(cheating.graded.sanity.filter(({ held }) => !held).map(({ name }) => name)).toEqual([
    'ranks_agree',
    'communication_counted',
  ])
})

test('where the partition has a reference, scaling is judged and the award states it with its threshold', async () => {
  const w = await siteWorld({ practicalId: 'data-parallel-scaling', change: withScaling })
  const attempt = await w.drive((await w.start(await w.enrolled(), solution('good'))).id)
  expect(attempt).toMatchObject({ state: 'graded', recorded: 'assessment', graded: { outcome: 'passed' } })
  const [award] = await w.store.awardsOf(attempt.learnerId)
  expect(award?.evidence).toMatchObject([
    { level: 2, metrics: [{ threshold: 2.6 }, { name: 'strong_scaling_efficiency', threshold: 0.01 }] },
  ])
})
