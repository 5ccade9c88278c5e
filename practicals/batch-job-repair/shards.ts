import { lessons } from '../inference-throughput/model/corpus.ts'
import { seededRandom } from '../inference-throughput/model/random.ts'

/** A corpus in pieces, one task each; one of them was cut off on its way. */
export interface Shards {
  /** Text by number, from 0. */
  texts: string[]
  /** The one that is damaged: its last line says more lines than it has. */
  damaged: number
}

/** How many there are; the instructions say so. */
export const shardCount = 5
const linesPerShard = 12

/** Anybody may see these; the learner's own run reads them. */
export const publicShards = (): Shards => makeShards(1400, 3)

/** Shards of one attempt, from a seed only the grade run is told. */
export function hiddenShards(seed: number): Shards {
  return makeShards(seed ^ 0x5a4d5, Math.floor(seededRandom(seed)() * shardCount))
}

function makeShards(seed: number, damaged: number): Shards {
  const texts = Array.from({ length: shardCount }, (_, number) => {
    const lines = lessons((seed + 7919 * number) >>> 0, linesPerShard, 'training')
    const kept = number === damaged ? lines.slice(0, linesPerShard - 3) : lines
    return `${kept.join('\n')}\n# lines ${lines.length}\n`
  })
  return { texts, damaged }
}

/** What a task must leave behind for a whole shard: each word, a tab, how often, in the order of their bytes. */
export function expectedCounts(text: string): string {
  const counts = new Map<string, number>()
  const words =
    text
      .replace(/# lines \d+\n$/, '')
      .toLowerCase()
      .match(/[a-z-]+/g) ?? []
  for (const word of words) if (/[a-z]/.test(word)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts]
    .map(([word, count]) => `${word}\t${count}\n`)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .join('')
}

export const shardName = (number: number) => `shard-${number}.txt`
export const resultName = (number: number) => `shard-${number}.counts`
