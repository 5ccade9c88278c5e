import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { localBox } from '#adapters/local/box.ts'
import { boxEnvironment } from '#core/practicals/site.ts'
import { boxKind } from '../kit/box.ts'
import { namesIn } from '../kit/read-below.ts'
import { readJobScript } from './job-script.ts'
import { judgeScript } from './judge-script.ts'
import { expectedCounts, hiddenShards, publicShards, shardCount } from './shards.ts'

async function judged(text: string, claimed = text) {
  const script = readJobScript(text)
  const box = localBox()
  if ('what' in script || !box) throw new Error('cannot be run')
  const folder = mkdtempSync(join(tmpdir(), 'academy-repair-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const artefact = { script: claimed, unheeded: [], box: boxKind(boxEnvironment(box)), tasks: [] }
  const { sanity, metrics } = await judgeScript(script, artefact, 20261123, {
    folder,
    box: boxEnvironment(box),
  })
  return Object.fromEntries([
    ...sanity.map(({ name, held }) => [name, held]),
    ...metrics.map(({ name, value }) => [name, value]),
  ])
}
const solution = (name: string) => readFileSync(`practicals/batch-job-repair/solutions/${name}.sh`, 'utf8')

test('the good solution does everything that is asked, on shards it has never seen', async () => {
  expect(await judged(solution('good'))).toEqual({
    script_unchanged: true,
    only_own_results: true,
    tasks_right: 1,
    memory_fit: 1,
  })
})

test('the poor solution does all but tell of the damaged shard, which is not enough', async () => {
  expect(await judged(solution('poor'))).toMatchObject({ tasks_right: 0.8, memory_fit: 0.5 })
})

test('the cheating solution finds nothing to hand in and is right about no whole shard', async () => {
  const { tasks_right } = await judged(solution('cheating'))
  expect(tasks_right).toBeLessThanOrEqual(1 / shardCount)
})

test('a script that shuts the folder of results before the grader breaks nothing but its own grade', async () => {
  // Root reads a folder that is shut; one that is gone it does not either.
  expect(namesIn(join(tmpdir(), 'academy-no-such-folder'), 5)).toEqual([])
  const shut = '#!/bin/bash\n#SBATCH --array=0-1\necho 1 > results/0\nchmod 000 results "$SLURM_SUBMIT_DIR"\n'
  expect(await judged(shut)).toMatchObject({ tasks_right: 0 })
})

test('another script than the one handed in is told', async () => {
  const idle = '#!/bin/bash\n#SBATCH --array=0-15\ntrue\n'
  expect(await judged(idle, solution('good'))).toMatchObject({ script_unchanged: false, tasks_right: 0 })
})

test('the shards of two attempts differ, and each set has one that is damaged', () => {
  const [one, other] = [hiddenShards(1), hiddenShards(2)]
  expect(one).toEqual(hiddenShards(1))
  expect(one.texts[0]).not.toBe(other.texts[0])
  for (const { texts, damaged } of [one, other, publicShards()]) {
    const short = texts.map(
      (text) => text.trimEnd().split('\n').length - 1 !== Number(/# lines (\d+)/.exec(text)?.[1]),
    )
    expect(short).toEqual(texts.map((_, number) => number === damaged))
  }
  expect(new Set(Array.from({ length: 40 }, (_, seed) => hiddenShards(seed * 7919).damaged)).size).toBe(
    shardCount,
  )
})

test('counts are words, tabs and numbers in the order of their bytes', () => {
  expect(expectedCounts('The cat and the Fine-tuning, 42 cats.\n# lines 1\n')).toBe(
    'and\t1\ncat\t1\ncats\t1\nfine-tuning\t1\nthe\t2\n',
  )
})
