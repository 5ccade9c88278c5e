import * as z from 'zod'
import type { Assessment } from '#core/assessments/assessment.ts'
import { type Award, type AwardStatus, reasonCodes } from '#core/awards/award.ts'
import { zLevel } from '#core/parse.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import { overrideReasons } from '#core/practicals/override.ts'
import { zAwardState } from './outbox.ts'
import { zDate, zId, zTenant, zText } from './z-items.ts'

/** Stored shapes of assessments and awards. `satisfies` keeps them equal to the domain's types. */

export const zAssessment = z.object({
  id: zId('asm'),
  tenant: zTenant,
  offeringId: zId('ofg'),
  moduleId: z.string(),
  learnerId: zId('lrn'),
  decidedBy: z.string(),
  scorePercent: z.number(),
  outcome: z.enum(['passed', 'failed']),
  gradedRunId: zId('run').exactOptional(),
  override: z
    .object({
      runId: zId('run'),
      reasonCode: z.enum(overrideReasons),
      confirmedBy: z.string().exactOptional(),
    })
    .exactOptional(),
  recordedAt: zDate,
  supersedes: zId('asm').exactOptional(),
}) satisfies z.ZodType<Assessment>

export const zEvidence = z.object({
  practical: z.string(),
  practicalVersion: z.int(),
  specHash: z.string(),
  graderSha256: z.string().exactOptional(),
  imageDigest: z.string().exactOptional(),
  environment: z.enum(['local', 'site']),
  site: z.string(),
  partition: z.string().exactOptional(),
  hardware: z.object({
    cpu: z.string(),
    cores: z.number(),
    memoryGiB: z.number(),
    gpuType: z.string().exactOptional(),
    gpus: z.number(),
    limits: z.enum(['enforced', 'watched']).exactOptional(),
  }),
  assurance: z.enum(['unsupervised-run', 'graded-separately', 'supervised']),
  level: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  metrics: z.array(
    z.object({
      name: z.string(),
      value: z.number(),
      unit: z.string(),
      threshold: z.number().exactOptional(),
    }),
  ),
  runDigest: z.string(),
  finishedAt: zDate,
}) satisfies z.ZodType<PracticalEvidence>

export const zAwardStatus = z.object({
  state: zAwardState,
  since: zDate,
  reasonCode: z.enum(reasonCodes).exactOptional(),
  reason: z.string().exactOptional(),
  by: z.string().exactOptional(),
  approvedBy: z.string().exactOptional(),
  bulkJob: zId('blk').exactOptional(),
  replacedBy: zId('awd').exactOptional(),
}) satisfies z.ZodType<AwardStatus>

export const zAward = z.object({
  id: zId('awd'),
  tenant: zTenant,
  learnerId: zId('lrn'),
  offeringId: zId('ofg'),
  assessmentId: zId('asm'),
  moduleId: z.string(),
  ontology: z.object({ version: z.string(), digest: z.string() }),
  title: zText,
  description: zText,
  outcomes: z.array(z.object({ id: z.string(), statement: zText })),
  skills: z.array(
    z.object({ skill: z.string(), level: zLevel, label: zText, escoUri: z.string().exactOptional() }),
  ),
  eqfLevel: z.number(),
  ects: z.number(),
  workloadHours: z.number(),
  iscedF: z.string(),
  language: z.string(),
  participation: z.string(),
  supervision: z.string(),
  assessmentType: z.string(),
  qualityAssurance: zText,
  stackability: zText,
  scorePercent: z.number(),
  evidence: z.array(zEvidence),
  awardedAt: zDate,
  validUntil: zDate.exactOptional(),
  status: zAwardStatus,
  supersedes: zId('awd').exactOptional(),
  version: z.int().min(1),
}) satisfies z.ZodType<Award>

/** Of `keys.awardInForce`: which award of a learner in an offering is in force. */
export const zAwardInForce = z.object({ award: zId('awd') })
