import { prompts } from './model/corpus.ts'
import { encode } from './model/vocabulary.ts'

const promptLength = 20

/** Prompts anybody may see; the work run answers them. */
export const publicPrompts = (): number[][] => prompts(4711, 8, promptLength).map(encode)

/** Prompts of one attempt, from a seed only the grade run is told. */
export const hiddenPrompts = (seed: number): number[][] =>
  prompts(seed ^ 0x5eed, 16, promptLength).map(encode)

/** Words an answer must have. */
export const answerLength = 48
/** Share of words that must be the reference model's own choice. */
export const leastAgreement = 0.985

/** Requests that wait at the same time: what there is to put into batches and to share among threads. */
const concurrentRequests = 8

/** The hidden prompts as they arrive. */
export function hiddenGroups(seed: number): number[][][] {
  const all = hiddenPrompts(seed)
  return [all.slice(0, concurrentRequests), all.slice(concurrentRequests)]
}
