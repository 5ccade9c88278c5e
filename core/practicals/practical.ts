import { createHash } from 'node:crypto'
import type { Json } from '#core/records.ts'
import type { Text } from '#core/text.ts'
import type { Isolation, JobLimits, JobResources } from './queue.ts'
import type { DataClass } from './site.ts'

/** What a metric must reach at one kind of machine. */
export interface MetricReference {
  /** At or above passes. */
  pass: number
  /** At or above earns full marks. */
  full: number
  /** Nothing real can be above there: a manifest that says more is refused. */
  bound: number
}

/**
 * What holds at a place. `not-judged`: measured and stated, but nobody is held to it there. `null`: there is no
 * reference, so a person must judge.
 */
export type MetricRule = MetricReference | 'not-judged' | null

export interface RubricMetric {
  name: string
  /** UCUM; `1` for a ratio. */
  unit: string
  label: Text
  weight: number
  /** Nothing real can be above, wherever it was measured. */
  bound: number
  /** By `site:partition`, `site:*`, `*`. A place that is not named has no reference. */
  at: Readonly<Record<string, MetricRule>>
}

interface Rubric {
  /** All must hold before any metric counts. */
  sanity: { name: string; label: Text }[]
  metrics: RubricMetric[]
}

interface StageSpec {
  resources: JobResources
  limits: JobLimits
  /** `box` where the stage starts programs of the learner. */
  isolation: Isolation
}

/** One immutable version of a task, as its `spec.yaml` says it. */
export interface PracticalSpec {
  id: string
  version: number
  title: Text
  description: Text
  /** What the learner must know to begin, in paragraphs; absent where the description says it all. */
  instructions?: { en: string[]; fr: string[] }
  /** Attempts that count against the learner in 24 hours. */
  attemptsPerDay: number
  /** How sensitive what it sends to a site is; open unless said. */
  data?: DataClass
  work: StageSpec & { artefact: string }
  grade: StageSpec
  rubric: Rubric
  /** SHA-256 of what the practical pins: weights, data. */
  pins: Readonly<Record<string, string>>
}

export interface Practical extends PracticalSpec {
  /** SHA-256 (hex) of the canonical form of the spec; goes into the evidence. */
  specHash: string
  /**
   * SHA-256 (hex) of every program the grader is made of. The grade job compares it with what it was started
   * from before it looks at anything, and says it in its manifest.
   */
  graderSha256: string
  /** Checks what the learner hands in; throws `Refusal` `invalid_input`. */
  parseConfiguration(input: unknown): Json
  /** What a learner begins with; `seed` (32 bits) is the learner's own, where each gets another task. */
  exampleFor(seed: number): Json
  input: PracticalInput
}

/** How a configuration is handed in on a page: as JSON, or as one text that is a member of it. */
type PracticalInput = { kind: 'json' } | { kind: 'script'; member: string }

/** The practicals a deployment ships. */
export interface Practicals {
  /** The version in force, or exactly the one asked for. */
  find(id: string, version?: number): Practical | undefined
}

/** Canonical JSON (member names in code-unit order, no white space) of a spec, hashed. */
export function specHashOf(spec: PracticalSpec): string {
  return createHash('sha256').update(canonical(spec)).digest('hex')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  const sorted = members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}

/** The rule that holds at a place: the most exact entry wins. */
export function referenceAt(metric: RubricMetric, site: string, partition?: string): MetricRule {
  for (const place of [`${site}:${partition ?? '*'}`, `${site}:*`, '*']) {
    const found = Object.hasOwn(metric.at, place) ? metric.at[place] : undefined
    if (found !== undefined) return found
  }
  return null
}
