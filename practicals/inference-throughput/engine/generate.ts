import { shape } from '../model/shape.ts'
import { type Decoder, type Lane, makeMemory, runLanes } from './decoder.ts'

/** Answers a batch of prompts together: the likeliest word each time, `count` words each. */
export function generateBatch(
  decoder: Decoder,
  prompts: readonly number[][],
  { count, kvCache }: { count: number; kvCache: boolean },
): number[][] {
  const texts = prompts.map((prompt) => {
    if (prompt.length === 0 || prompt.length + count > shape.context)
      throw new Error('a prompt has a bad length')
    return { tokens: [...prompt], done: 0, memory: makeMemory() }
  })
  for (let step = 0; step < count; step++) {
    const lanes: Lane[] = []
    const ends: number[] = []
    for (const text of texts) {
      if (!kvCache) text.done = 0
      for (; text.done < text.tokens.length; text.done++) {
        lanes.push({ memory: text.memory, token: text.tokens[text.done] as number, position: text.done })
      }
      ends.push(lanes.length - 1)
    }
    const logits = runLanes(decoder, lanes, ends)
    for (const [at, text] of texts.entries()) text.tokens.push(likeliest(logits, at))
  }
  return texts.map(({ tokens }, at) => tokens.slice(prompts[at]?.length))
}

/** Token with the highest logit of one row; the lowest number wins a tie. */
export function likeliest(logits: Float64Array, row: number): number {
  const start = row * shape.vocabulary
  let best = 0
  for (let token = 1; token < shape.vocabulary; token++) {
    if ((logits[start + token] as number) > (logits[start + best] as number)) best = token
  }
  return best
}
