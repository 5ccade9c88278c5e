import { jsonObject } from './jws.ts'
import { Malformed } from './malformed.ts'

interface JsonLimits {
  maxDepth: number
  maxMembers: number
}

/**
 * A JSON object out of text that nobody vouches for yet: nested and of as many members as its limits allow, since to
 * parse millions of either takes seconds, and no name twice in an object, since parsers disagree about which of the
 * two counts (RFC 8259 §4) and one file could show one thing here and another elsewhere. Throws `Malformed`.
 */
export function strictJsonObject(text: string, limits: JsonLimits): Record<string, unknown> {
  const problem = problemIn(text, limits)
  if (problem) throw problem
  return jsonObject(Buffer.from(text, 'utf8'))
}

/** Goes over the text before it is parsed, so what is no JSON is left for the parser to refuse. */
function problemIn(json: string, { maxDepth, maxMembers }: JsonLimits): Malformed | undefined {
  /** Of each object and array that is open: the names so far; `undefined` for an array. */
  const open: (Set<string> | undefined)[] = []
  let members = 0
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case '{':
      case '[':
        if (open.length === maxDepth) return new Malformed('too_deep', 'The JSON is nested too deeply.')
        open.push(json[at] === '{' ? new Set() : undefined)
        break
      case '}':
      case ']':
        open.pop()
        break
      case '"': {
        const end = endOfText(json, at)
        const names = open.at(-1)
        if (names && isFollowedByColon(json, end)) {
          if (++members > maxMembers) return new Malformed('too_large', 'The JSON has too many members.')
          const name = textAt(json, at, end)
          if (name !== undefined && names.has(name))
            return new Malformed('name_twice', 'A name stands twice in an object.')
          if (name !== undefined) names.add(name)
        }
        at = end - 1
      }
    }
  }
  return undefined
}

/** Where a text ends, behind its quote. */
function endOfText(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let backslashes = 0
    while (json[at - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return at + 1
  }
  return json.length
}

const colon = /[ \t\n\r]*:/y

function isFollowedByColon(json: string, at: number): boolean {
  colon.lastIndex = at
  return colon.test(json)
}

/** A name as it is meant: the same one can be written in more than one way. */
function textAt(json: string, start: number, end: number): string | undefined {
  try {
    return JSON.parse(json.slice(start, end)) as string
  } catch {
    return undefined
  }
}
