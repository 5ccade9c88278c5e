import type { JobHardware } from './queue.ts'

/** How far a practical's result can be trusted (`docs/decisions/`, trust levels 1 to 3; level 0 is never credited). */
type Assurance = 'unsupervised-run' | 'graded-separately' | 'supervised'

export interface Metric {
  name: string
  value: number
  unit: string
  /** Smallest value that passes; absent when the site has no reference. */
  threshold?: number
}

/** What an award says about a practical: no job id, no user name. */
export interface PracticalEvidence {
  practical: string
  practicalVersion: number
  /** SHA-256 of the canonical practical spec, lower-case hex. */
  specHash: string
  /** SHA-256 of the grader's programs, lower-case hex. Runs of before it was kept have none. */
  graderSha256?: string
  /** `sha256:` and hex of the image in which the learner's programs were shut in, where the site uses one. */
  imageDigest?: string
  environment: 'local' | 'site'
  site: string
  partition?: string
  hardware: JobHardware
  assurance: Assurance
  level: 1 | 2 | 3
  metrics: Metric[]
  /** SHA-256 over site, job and nonce: lets the site confirm the run without naming it. */
  runDigest: string
  finishedAt: Date
}
