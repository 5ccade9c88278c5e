import * as z from 'zod'
import { zSlug } from '#core/parse.ts'
import type { PracticalSpec } from '#core/practicals/practical.ts'
import { architectures } from '#core/practicals/queue.ts'
import { dataClasses } from '#core/practicals/site.ts'

const zText = z.strictObject({ en: z.string().min(1), fr: z.string().min(1) })

const zParagraphs = z.array(z.string().min(1)).min(1)

const zResources = z
  .strictObject({
    gpus: z.int().min(0).max(1024).default(0),
    gpuTypes: z
      .array(z.string().regex(/^[A-Za-z0-9._-]{1,64}$/))
      .min(1)
      .max(20)
      .exactOptional(),
    cpus: z.int().min(1).max(4096),
    tasks: z.int().min(1).max(4096).default(1),
    memoryGiB: z.number().positive().max(16_384),
    minutes: z.int().min(1).max(10_080),
    arch: z.array(z.enum(architectures)).min(1),
  })
  .refine(({ cpus, tasks }) => cpus % tasks === 0, { path: ['cpus'], error: 'must be a multiple of tasks' })

const zLimits = z.strictObject({
  wallSeconds: z.int().min(1).max(86_400),
  cpuSeconds: z.int().min(1).max(864_000),
  memoryMiB: z.int().min(64).max(1_048_576),
  outputBytes: z
    .int()
    .min(1024)
    .max(64 * 1024 * 1024),
  openFiles: z.int().min(32).max(65_536),
  processes: z.int().min(1).max(4096),
})

/** A scheduler counts in minutes, and a job is set up before its program starts. */
const setUpSeconds = 30

const stage = <M extends z.core.$ZodLooseShape>(more: M) =>
  z
    .strictObject({
      resources: zResources,
      limits: zLimits,
      isolation: z.enum(['none', 'box']).default('none'),
      ...more,
    })
    .superRefine((value, context) => {
      const { resources, limits } = value as { resources: Resources; limits: Limits }
      const wrong = (path: string, message: string) =>
        context.addIssue({ code: 'custom', path: ['limits', path], message })
      if (limits.memoryMiB > resources.memoryGiB * 1024) wrong('memoryMiB', 'is above resources.memoryGiB')
      if (limits.wallSeconds + setUpSeconds > resources.minutes * 60) {
        wrong('wallSeconds', `must end ${setUpSeconds} seconds before resources.minutes`)
      }
    })
type Resources = z.output<typeof zResources>
type Limits = z.output<typeof zLimits>

const zReference = z
  .strictObject({ pass: z.number().positive(), full: z.number(), bound: z.number() })
  .refine(({ pass, full, bound }) => pass <= full && full <= bound, 'pass, full and bound must not fall')

/** The form of a practical's `spec.yaml`. */
export const zSpec = z.strictObject({
  id: zSlug,
  version: z.int().min(1),
  title: zText,
  description: zText,
  instructions: z.strictObject({ en: zParagraphs, fr: zParagraphs }).exactOptional(),
  attemptsPerDay: z.int().min(1).max(1000),
  data: z.enum(dataClasses).exactOptional(),
  work: stage({ artefact: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/) }),
  grade: stage({}),
  rubric: z.strictObject({
    sanity: z.array(z.strictObject({ name: z.string(), label: zText })).min(1),
    metrics: z
      .array(
        z.strictObject({
          name: z.string(),
          unit: z.string(),
          label: zText,
          weight: z.number().positive(),
          bound: z.number().positive(),
          at: z.record(z.string(), z.union([zReference, z.literal('not-judged'), z.null()])),
        }),
      )
      .min(1),
  }),
  pins: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
}) satisfies z.ZodType<PracticalSpec>
