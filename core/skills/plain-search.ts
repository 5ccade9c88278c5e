import { Refusal } from '#core/refusal.ts'

/**
 * What means something in a search language (Lucene's, which many know) and nothing in plain writing. Signs people
 * write with, as in `C++`, `AI/ML`, `pre-training`, `"deep learning"`, `GDPR (law)` or `What is AI?`, are not here.
 */
const querySyntax: readonly RegExp[] = [
  // title:word, but neither "AI: an introduction", nor an address, a time, or a product as R:Base and Code::Blocks
  /(?:^|[\s(])[\p{Ll}_][\p{L}\p{N}_.]+:(?=[^\s/:])/u,
  // word*, te?t
  /\*/u,
  /[\p{L}\p{N}]\?(?=[\p{L}\p{N}])/u,
  // word~, word~2, "two words"~3, word^2
  /[\p{L}\p{N}")][~^]/u,
  // [a TO b], {a TO b}
  /[[{][^[\]{}]*\sTO\s/u,
  // +word, !word, -"two words"; German leaves a part of a word out with a -dash
  /(?:^|[\s(])(?:[+!](?=[\p{L}\p{N}("])|-(?=[("]))/u,
  /&&|\|\|/u,
  // /expression/
  /(?:^|\s)\/\S(?:.*\S)?\/(?=\s|$)/u,
  /\\/u,
]

/** Characters that are looked at; nobody types more, and what is longer costs its time. */
const longestSearch = 300

/** Capitals alone say nothing to who writes all in capitals. */
const operators = /(?:^|[\s(])(?:AND|OR|NOT)(?=[\s(]|$)/u
const smallLetter = /\p{Ll}/u

/**
 * Words to search for, as they are. Refuses `invalid_input` naming `field` when they are written in a search
 * language: no door speaks one, and taking its signs for blanks would answer another question than was asked.
 */
export function plainSearch(given: string, field: string): string {
  const text = given.slice(0, longestSearch)
  if (querySyntax.some((sign) => sign.test(text)) || (operators.test(text) && smallLetter.test(text))) {
    throw new Refusal('invalid_input', `${field}: holds signs of a search language; type plain words.`, {
      field,
    })
  }
  return text
}
