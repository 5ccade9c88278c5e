import type { Ask } from '#test/support/graphql.ts'

/** A typed "no" of the API, where the demo expected a "yes". */
export class Refused extends Error {
  readonly code: string
  constructor(field: string, code: string, message: string) {
    super(`${field} was refused (${code}): ${message}`)
    this.name = 'Refused'
    this.code = code
  }
}

/**
 * Runs one mutation and answers its result. `selection` is what to read of the good answer's `type`.
 * Throws `Refused` on a typed refusal.
 */
export async function mutate<T>(
  ask: Ask,
  field: string,
  inputType: string,
  input: Record<string, unknown>,
  type: string,
  selection: string,
): Promise<T> {
  const query = `mutation ($input: ${inputType}!) {
    answer: ${field}(input: $input) {
      __typename
      ... on Refusal { code message field }
      ... on ${type} { ${selection} }
    }
  }`
  const { answer } = await ask<{ answer: { __typename: string; code: string; message: string } & T }>(query, {
    input,
  })
  if (answer.__typename === 'Refusal') throw new Refused(field, answer.code, answer.message)
  return answer
}

/** A request id nobody used before. */
export function requestId(): string {
  return crypto.randomUUID()
}

/** Asks again until the answer is there; throws after `seconds`. */
export async function until<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}
