import { createHash } from 'node:crypto'
import type { Graded } from './attempt.ts'
import type { PracticalEvidence } from './evidence.ts'
import { type Practical, referenceAt } from './practical.ts'
import type { SiteFacts } from './queue.ts'
import type { Run } from './run.ts'

/**
 * Applies the rubric: sanity must hold, then each metric is held against the reference of the place where it
 * was measured. Meeting every threshold earns at least the pass mark; the score never passes otherwise.
 * Without a reference a person must judge.
 */
export function gradeAttempt(
  practical: Practical,
  run: Extract<Run, { state: 'DONE' }>,
  site: SiteFacts,
  passMarkPercent: number,
): Graded {
  const claims = run.delivery?.verdict === 'valid' ? run.delivery.claims : undefined
  if (!claims) throw new Error('only a run with a valid manifest can be graded')
  const sanity = practical.rubric.sanity.map(({ name }) => ({
    name,
    held: claims.sanity.some((claim) => claim.name === name && claim.held),
  }))
  const rows = practical.rubric.metrics.map((rule) => {
    const measured = claims.metrics.find(({ name, unit }) => name === rule.name && unit === rule.unit)
    return { rule, value: measured?.value ?? 0, reference: referenceAt(rule, site.name, site.partition) }
  })
  const metrics = rows.map(({ rule, value, reference }) => ({
    name: rule.name,
    value: rounded(value),
    unit: rule.unit,
    ...(reference ? { threshold: reference.pass, met: value >= reference.pass } : {}),
  }))
  const sane = sanity.every(({ held }) => held)
  const met = sane && metrics.every((metric) => metric.met === true)
  const unknown = sane && rows.some(({ reference }) => reference === null)
  const outcome = unknown ? 'needs-review' : met ? 'passed' : 'failed'
  const scorePercent = scoreOf(sane, met, rows, passMarkPercent)
  return { outcome, scorePercent, sanity, metrics, evidence: evidenceOf(practical, run, site, metrics) }
}

interface Row {
  rule: { weight: number }
  value: number
  reference: { pass: number; full: number } | null
}

function scoreOf(sane: boolean, met: boolean, rows: Row[], passMarkPercent: number): number {
  if (!sane) return 0
  const weights = rows.reduce((sum, { rule }) => sum + rule.weight, 0)
  const share = (part: (row: Row, reference: { pass: number; full: number }) => number) =>
    rows.reduce((sum, row) => sum + row.rule.weight * (row.reference ? part(row, row.reference) : 0), 0) /
    weights
  if (!met) {
    const reached = share(({ value }, { pass }) => Math.min(1, Math.max(0, value / pass)))
    return Math.max(0, Math.min(Math.floor(passMarkPercent * reached), Math.ceil(passMarkPercent) - 1))
  }
  const above = share(({ value }, { pass, full }) => Math.min(1, Math.max(0, (value - pass) / (full - pass))))
  return Math.min(100, Math.round(passMarkPercent + (100 - passMarkPercent) * above))
}

function evidenceOf(
  practical: Practical,
  run: Extract<Run, { state: 'DONE' }>,
  site: SiteFacts,
  metrics: Graded['metrics'],
): PracticalEvidence {
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
    environment: site.environment,
    site: site.name,
    ...(site.partition ? { partition: site.partition } : {}),
    hardware,
    ...(site.separateAccounts
      ? { assurance: 'graded-separately' as const, level: 2 as const }
      : { assurance: 'unsupervised-run' as const, level: 1 as const }),
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

const rounded = (value: number) => Number(value.toPrecision(4))
