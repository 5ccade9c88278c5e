import type { BoxVariables } from '../kit/box.ts'
import type { Judgement } from '../kit/grade-run.ts'
import type { Artefact } from './artefact.ts'
import { type JobScript, partition } from './job-script.ts'
import { digest, type JobEnd, runJobScript, type TaskEnd } from './run-job-script.ts'
import { expectedCounts, hiddenShards, resultName, type Shards, shardCount } from './shards.ts'

/** Memory a task needs, as its program states it. */
const neededMemoryMiB = 64

/** Runs the script on shards nobody has seen and judges what it did, task by task. */
export async function judgeScript(
  script: JobScript,
  artefact: Artefact | undefined,
  seed: number,
  where: { folder: string; box: BoxVariables },
): Promise<Judgement> {
  const shards = hiddenShards(seed)
  const job = await runJobScript(script, shards, { ...where, jobId: 1000 + (seed % 8000) })
  const right = job.tasks.filter((task) => isRight(task, shards, job)).length
  const asked = script.options.memoryMiB ?? partition.defaultMemoryMiB
  return {
    sanity: [
      { name: 'script_unchanged', held: artefact?.script === script.text },
      { name: 'only_own_results', held: job.tasks.every(({ touched }) => touched.length === 0) },
    ],
    metrics: [
      // A task too many is as wrong as one too few.
      {
        name: 'tasks_right',
        value: right / Math.max(shardCount, script.options.array?.length ?? 1),
        unit: '1',
      },
      { name: 'memory_fit', value: Math.min(1, neededMemoryMiB / asked), unit: '1' },
    ],
  }
}

/** A whole shard: its own result and no other, right to the byte, and no error. A damaged one: an error. */
export function isRight(
  { task, exitCode, stopped, wrote }: TaskEnd,
  { texts, damaged }: Shards,
  job: JobEnd,
): boolean {
  const text = texts[task]
  if (text === undefined || stopped !== undefined) return false
  if (task === damaged) return exitCode !== 0 && wrote.every((name) => name === resultName(task))
  const own = wrote.length === 1 && wrote[0] === resultName(task)
  return own && exitCode === 0 && job.results.get(resultName(task)) === digest(expectedCounts(text))
}
