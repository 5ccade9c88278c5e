import { createHash } from 'node:crypto'
import type { Graded } from './attempt.ts'
import type { PracticalEvidence } from './evidence.ts'
import { type MetricReference, type MetricRule, type Practical, referenceAt } from './practical.ts'
import type { Run } from './run.ts'
import { imageDigestOf, type SiteProfile } from './site.ts'

/** Where a run took place. */
export interface Place {
  site: Pick<SiteProfile, 'name' | 'environment' | 'separateAccounts' | 'partitions'>
  partition: string
  /** Whether an assessor knew who the learner is, and watched, when it was started. */
  supervised?: boolean
}

/**
 * Applies the rubric: sanity must hold, then each metric is held against the reference of the place where it
 * was measured. Meeting every threshold earns at least the pass mark; the score never passes otherwise.
 * Without a reference a person must judge; a metric nobody is held to at that place is stated and left out.
 */
export function gradeAttempt(
  practical: Practical,
  run: Extract<Run, { state: 'DONE' }>,
  place: Place,
  passMarkPercent: number,
): Graded {
  const claims = run.delivery?.verdict === 'valid' ? run.delivery.claims : undefined
  if (!claims) throw new Error('only a run with a valid manifest can be graded')
  const sanity = practical.rubric.sanity.map(({ name }) => ({
    name,
    held: claims.sanity.some((claim) => claim.name === name && claim.held),
  }))
  const rows = practical.rubric.metrics.map((metric) => {
    const measured = claims.metrics.find(({ name, unit }) => name === metric.name && unit === metric.unit)
    const value = measured?.value ?? 0
    return { metric, value, rule: referenceAt(metric, place.site.name, place.partition) }
  })
  const metrics = rows.map(({ metric, value, rule }) => ({
    name: metric.name,
    value: rounded(value),
    unit: metric.unit,
    ...(isReference(rule) ? { threshold: rule.pass, met: value >= rule.pass } : {}),
  }))
  const sane = sanity.every(({ held }) => held)
  const judged = rows.flatMap(({ metric, value, rule }) =>
    isReference(rule) ? [{ weight: metric.weight, value, reference: rule }] : [],
  )
  const met = sane && judged.every(({ value, reference }) => value >= reference.pass)
  // What already fails needs nobody to say so; what passes as far as can be told here does.
  const unknown = met && rows.some(({ rule }) => rule === null)
  const outcome = unknown ? 'needs-review' : met ? 'passed' : 'failed'
  const scorePercent = scoreOf(sane, met && !unknown, judged, passMarkPercent)
  return { outcome, scorePercent, sanity, metrics, evidence: evidenceOf(practical, run, place, metrics) }
}

const isReference = (rule: MetricRule): rule is MetricReference => typeof rule === 'object' && rule !== null

interface Judged {
  weight: number
  value: number
  reference: MetricReference
}

function scoreOf(sane: boolean, met: boolean, judged: Judged[], passMarkPercent: number): number {
  if (!sane) return 0
  const weights = judged.reduce((sum, { weight }) => sum + weight, 0)
  const share = (part: (value: number, reference: MetricReference) => number) =>
    judged.reduce((sum, { weight, value, reference }) => sum + weight * part(value, reference), 0) /
    (weights || 1)
  const within = (value: number) => Math.min(1, Math.max(0, value))
  if (!met) {
    const reached = share((value, { pass }) => within(value / pass))
    return Math.max(0, Math.min(Math.floor(passMarkPercent * reached), Math.ceil(passMarkPercent) - 1))
  }
  const above = share((value, { pass, full }) => (full > pass ? within((value - pass) / (full - pass)) : 1))
  return Math.min(100, Math.round(passMarkPercent + (100 - passMarkPercent) * above))
}

function evidenceOf(
  practical: Practical,
  run: Extract<Run, { state: 'DONE' }>,
  { site, partition, supervised = false }: Place,
  metrics: Graded['metrics'],
): PracticalEvidence {
  const imageDigest = imageDigestOf(site, partition, practical.grade.isolation)
  // Facts of the machine come from the queue's own answer; without one the evidence says so.
  const hardware = run.hardware ?? {
    cpu: 'unknown',
    cores: 0,
    memoryGiB: 0,
    gpus: 0,
    limits: 'watched' as const,
  }
  return {
    practical: practical.id,
    practicalVersion: practical.version,
    specHash: practical.specHash,
    graderSha256: practical.graderSha256,
    ...(imageDigest === undefined ? {} : { imageDigest }),
    environment: site.environment,
    site: site.name,
    partition,
    hardware,
    ...assuranceOf(site.separateAccounts, supervised),
    metrics: metrics.map(({ name, value, unit, threshold }) => ({
      name,
      value,
      unit,
      ...(threshold === undefined ? {} : { threshold }),
    })),
    runDigest: createHash('sha256')
      .update(`${site.name}|${run.jobId ?? ''}|${run.nonce}`)
      .digest('hex'),
    finishedAt: run.endedAt,
  }
}

/**
 * Levels 1 to 3. What a learner measures themselves would be level 0, and there is no way in for it. Watching a
 * learner adds nothing to a run whose grader the learner's programs could have touched.
 */
function assuranceOf(
  separateAccounts: boolean,
  supervised: boolean,
): Pick<PracticalEvidence, 'assurance' | 'level'> {
  if (!separateAccounts) return { assurance: 'unsupervised-run', level: 1 }
  return supervised ? { assurance: 'supervised', level: 3 } : { assurance: 'graded-separately', level: 2 }
}

const rounded = (value: number) => Number(value.toPrecision(4))
