import { seededRandom } from '../inference-throughput/model/random.ts'
import { partition } from './job-script.ts'
import { shardCount } from './shards.ts'

/** One way a script goes wrong: the lines it puts where the sound one has others. */
type Fault = Partial<Record<Place, string>>
type Place = 'array' | 'memory' | 'log' | 'strict' | 'module' | 'shard' | 'result' | 'count' | 'last'

const last = shardCount - 1
const sound: Record<Place, string> = {
  array: `#SBATCH --array=0-${last}`,
  memory: '#SBATCH --mem=64M',
  log: '#SBATCH --output=task-%a.log',
  strict: 'set -euo pipefail',
  module: 'module load tokeniser/1.4',
  shard: 'shard="shards/shard-$SLURM_ARRAY_TASK_ID.txt"',
  result: 'result="results/shard-$SLURM_ARRAY_TASK_ID.counts"',
  count: 'tokenise "$shard" | sort >"$result"',
  last: 'echo "task $SLURM_ARRAY_TASK_ID is done"',
}

/** One fault of each kind is in every script; which one is drawn. All are ones that real scripts have. */
const kinds: readonly (readonly Fault[])[] = [
  // Which pieces of work there are.
  [
    { array: `#SBATCH --array=1-${shardCount}` },
    { array: `#SBATCH --array=0-${last - 1}` },
    { array: `#SBATCH --array=0-${shardCount}` },
  ],
  // What is asked of the machine, and whether the scheduler reads it.
  [{ memory: '#SBATCH --mem=8M' }, { memory: '# SBATCH --mem=64M' }, { memory: '#SBATCH --mem-per-cpu=16' }],
  // Where the log goes: its folder is not made by anybody.
  [{ log: '#SBATCH --output=logs/task-%a.log' }, { log: '#SBATCH --output=logs/%x-%A-%a.log' }],
  // The environment of the job.
  [
    { module: '' },
    { module: 'module load tokeniser/1.2' },
    { module: 'module load tokeniser/1.4\nmodule purge' },
  ],
  // Which piece belongs to which task.
  [
    { shard: 'shard="shards/shard-$SLURM_JOB_ID.txt"' },
    { shard: 'shard="$HOME/data/shard-$SLURM_ARRAY_TASK_ID.txt"' },
    { shard: "shard='shards/shard-$SLURM_ARRAY_TASK_ID.txt'" },
  ],
  // Several tasks, one file.
  [
    { result: 'result="results/all.counts"' },
    { result: 'result="results/shard-$SLURM_ARRAY_JOB_ID.counts"' },
  ],
  // A failure nobody hears of.
  [
    { strict: '' },
    { strict: 'set -eu', last: 'echo "task $SLURM_ARRAY_TASK_ID is done"\nexit 0' },
    { strict: 'set -u', count: 'tokenise "$shard" | sort >"$result" || true' },
    { strict: 'set -u', count: 'tokenise "$shard" | sort >"$result" &\nwait' },
  ],
]

/** A script to be mended: the same for the same seed. */
export function faultyScript(seed: number): string {
  const random = seededRandom(seed)
  const drawn = kinds.map((faults) => faults[Math.floor(random() * faults.length)] ?? {})
  return write(Object.assign({}, ...drawn) as Fault)
}

/** Every script there is with a single fault, for whoever wants to see that each one is felt. */
export const singleFaults = (): string[] => kinds.flat().map(write)

/** The script without a fault. */
export const soundScript = (): string => write({})

function write(fault: Fault): string {
  const line = { ...sound, ...fault }
  return `${[
    '#!/bin/bash',
    '#SBATCH --job-name=count-words',
    `#SBATCH --partition=${partition.name}`,
    line.array,
    line.memory,
    '#SBATCH --time=00:05:00',
    line.log,
    '',
    '# Counts the words of a corpus: one task for each of its shards.',
    line.strict,
    line.module,
    line.shard,
    line.result,
    line.count,
    line.last,
  ]
    .filter((text, at, all) => text !== '' || all[at - 1] !== '')
    .join('\n')}\n`
}
