import { createHash } from 'node:crypto'
import type { Ontology } from './ontology.ts'

/**
 * The one text of an ontology version: JSON with member names in code-unit order and no white space
 * (the form of RFC 8785). The SHA-256 of its UTF-8 bytes is the version's digest.
 * The synthetic demand sample is no part of it.
 */
export function canonicalForm(ontology: Omit<Ontology, 'digest'>): string {
  const { demandSample: _synthetic, ...content } = ontology
  return write({ ...content, digest: undefined })
}

/** SHA-256 of the canonical form, lower-case hex. */
export function digestOf(content: Omit<Ontology, 'digest'>): string {
  return createHash('sha256').update(canonicalForm(content), 'utf8').digest('hex')
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members: [string, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  // `<` compares UTF-16 code units, as RFC 8785 §3.2.3 asks.
  const sorted = members.filter(([, v]) => v !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, v]) => `${JSON.stringify(name)}:${write(v)}`).join(',')}}`
}
