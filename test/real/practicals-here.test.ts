import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Json } from '#core/records.ts'
import { runHere } from '#test/practicals/run-here.ts'

function solution(practical: string, name: string): Json {
  const read = (kind: string) => readFileSync(`practicals/${practical}/solutions/${name}.${kind}`, 'utf8')
  return practical === 'batch-job-repair' ? { script: read('sh') } : (JSON.parse(read('json')) as Json)
}

// Two real jobs each, on this machine; `npm test` runs the good ones of the two that are not here.
test.each<[practical: string, name: string, missed: string[]]>([
  ['inference-throughput', 'poor', []],
  ['inference-throughput', 'cheating', ['answers_complete']],
  ['batch-job-repair', 'poor', []],
  ['batch-job-repair', 'cheating', []],
  ['data-parallel-scaling', 'good', []],
  ['data-parallel-scaling', 'poor', []],
  ['data-parallel-scaling', 'cheating', ['ranks_agree', 'communication_counted']],
])('%s on this machine: the %s solution comes out as it should', async (practical, name, missed) => {
  const { attempt } = await runHere(practical, solution(practical, name))
  const { outcome, sanity, evidence } = attempt.graded
  expect(sanity.filter(({ held }) => !held).map((rule) => rule.name)).toEqual(missed)
  expect(outcome).toBe(name === 'good' ? 'passed' : 'failed')
  expect(evidence).toMatchObject({ environment: 'local', level: 1 })
})
