import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isNode, LineCounter, parseDocument } from 'yaml'
import type * as z from 'zod'
import type { Finding, Path } from '#core/ontology/finding.ts'

/** One file as it was read, with the means to say on which line a key stands. */
export interface SourceFile {
  name: string
  value: unknown
  /** Line (from 1) of the key path, or of its nearest parent that exists. */
  lineOf(path: Path): number
}

/** At most this many bytes in one file of the ontology. */
const maxFileBytes = 2_000_000

/** Reads a YAML file as `parseYaml` does. */
export function readYaml(dir: string, name: string, findings: Finding[]): SourceFile | undefined {
  const text = readText(dir, name, findings)
  return text === undefined ? undefined : parseYaml(name, text, findings)
}

/** Reads a text file; a file that is absent or too long goes into `findings`. */
export function readText(dir: string, name: string, findings: Finding[]): string | undefined {
  let text: string | undefined
  try {
    text = readFileSync(join(dir, name), 'utf8')
  } catch {
    text = undefined
  }
  return readableText(name, text, findings)
}

/** The text unless it is absent or too long, which goes into `findings`. */
export function readableText(
  name: string,
  text: string | undefined,
  findings: Finding[],
): string | undefined {
  if (text !== undefined && text.length <= maxFileBytes) return text
  const message = text === undefined ? 'cannot be read' : 'is longer than 2 MB'
  findings.push({ rule: 0, severity: 'error', file: name, path: [], message })
  return undefined
}

/** Reads YAML strictly (no duplicate keys, no aliases); what is wrong goes into `findings`. */
export function parseYaml(name: string, text: string, findings: Finding[]): SourceFile | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true })
  for (const error of [...document.errors, ...document.warnings]) {
    const line = lines.linePos(error.pos[0]).line
    findings.push({ rule: 0, severity: 'error', file: name, path: [], line, message: error.message })
  }
  if (document.errors.length > 0) return undefined
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 0 })
  } catch {
    findings.push({ rule: 0, severity: 'error', file: name, path: [], message: 'must not use aliases' })
    return undefined
  }
  const lineOf = (path: Path): number => {
    for (let length = path.length; length > 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return 1
  }
  return { name, value, lineOf }
}

/** Checks a file against its shape: unknown keys and wrong types become findings with their key path. */
export function parseShape<T extends z.ZodType>(
  shape: T,
  file: SourceFile | undefined,
  findings: Finding[],
): z.output<T> | undefined {
  if (!file) return undefined
  const result = shape.safeParse(file.value)
  if (result.success) return result.data
  for (const issue of result.error.issues.slice(0, 100)) {
    for (const [path, message] of placesOf(issue)) {
      findings.push({ rule: 0, severity: 'error', file: file.name, path, line: file.lineOf(path), message })
    }
  }
  return undefined
}

function placesOf(issue: z.core.$ZodIssue): [Path, string][] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => [[...path, key], 'is not a known key'])
  return [[path, issue.message]]
}
