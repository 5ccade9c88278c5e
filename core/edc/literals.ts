import type { Problem } from './graph.ts'
import type { TermKind } from './term-table.ts'

const lexical: Partial<Record<TermKind, RegExp>> = {
  dateTime:
    /^-?\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/,
  duration: /^-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/,
  integer: /^[+-]?\d+$/,
  positiveInteger: /^\+?0*[1-9]\d*$/,
  boolean: /^(true|false|1|0)$/,
}
const languageTag = /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/

/** Whether one JSON value becomes a valid literal of its kind. */
export function literalProblem(value: unknown, kind: TermKind | undefined): Omit<Problem, 'at'> | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    return { kind: 'shape', what: 'wrong_datatype' }
  }
  const text = String(value)
  if (kind && lexical[kind]?.test(text) === false) return { kind: 'shape', what: 'wrong_datatype' }
  // RDF would make a text of a number; the classes of the official reader would not.
  const asText = kind === 'string' || kind === 'plain' || kind === 'anyURI' || kind === 'dateTime'
  if (asText && typeof value !== 'string') return { kind: 'ours', what: 'wrong_datatype' }
  if (kind === 'dateTime' && !/(Z|[+-]\d\d:\d\d)$/.test(text)) return { kind: 'ours', what: 'zone_missing' }
  if (text === '') return { kind: 'ours', what: 'text_empty' }
  return undefined
}

/** Judges language maps. Answers how many different texts there are. */
export function textProblems(maps: unknown[], once: boolean, at: string, problems: Problem[]): number {
  const report = (kind: Problem['kind'], what: Problem['what']) => problems.push({ kind, what, at })
  const texts = new Set<string>()
  const languages = new Map<string, string>()
  for (const map of maps) {
    if (typeof map !== 'object' || map === null) {
      // Without a language it is no text in a language.
      report('shape', 'wrong_datatype')
      texts.add(JSON.stringify(map))
      continue
    }
    for (const [language, value] of Object.entries(map)) {
      if (!languageTag.test(language)) report('document', 'language_invalid')
      const lower = language.toLowerCase()
      for (const text of Array.isArray(value) ? value : [value]) {
        if (text === null) continue
        if (typeof text !== 'string') {
          report('document', 'wrong_datatype')
          continue
        }
        if (text.trim() === '') report('ours', 'text_empty')
        if (once && languages.has(lower) && languages.get(lower) !== text)
          report('shape', 'language_repeated')
        languages.set(lower, text)
        texts.add(`${lower} ${text}`)
      }
    }
  }
  return texts.size
}
