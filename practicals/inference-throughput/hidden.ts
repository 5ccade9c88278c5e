import { prompts } from './model/corpus.ts'
import { encode } from './model/vocabulary.ts'

const promptLength = 20

/** Prompts anybody may see; the work run answers them. */
export const publicPrompts = (): number[][] => prompts(4711, 8, promptLength).map(encode)

/** Prompts of one attempt, from a seed only the grade run is told. */
export const hiddenPrompts = (seed: number): number[][] =>
  prompts(seed ^ 0x5eed, 24, promptLength).map(encode)

/** Words an answer must have. */
export const answerLength = 48
/** Share of words that must be the reference model's own choice. */
export const leastAgreement = 0.985
