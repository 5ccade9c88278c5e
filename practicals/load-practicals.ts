import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse as parseYaml } from 'yaml'
import * as z from 'zod'
import { parse, zSlug } from '#core/parse.ts'
import {
  type Practical,
  type PracticalSpec,
  type Practicals,
  specHashOf,
} from '#core/practicals/practical.ts'
import type { Stage } from '#core/practicals/queue.ts'
import type { Json } from '#core/records.ts'
import { inferenceThroughput } from './inference-throughput/practical.ts'

const zText = z.strictObject({ en: z.string().min(1), fr: z.string().min(1) })
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
const zReference = z
  .strictObject({ pass: z.number().positive(), full: z.number(), bound: z.number() })
  .refine(({ pass, full, bound }) => pass < full && full < bound, 'pass, full and bound must rise')

const zSpec = z.strictObject({
  id: zSlug,
  version: z.int().min(1),
  title: zText,
  description: zText,
  attemptsPerDay: z.int().min(1).max(1000),
  work: z.strictObject({ artefact: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/), limits: zLimits }),
  grade: z.strictObject({ limits: zLimits }),
  rubric: z.strictObject({
    sanity: z.array(z.strictObject({ name: z.string(), label: zText })).min(1),
    metrics: z
      .array(
        z.strictObject({
          name: z.string(),
          unit: z.string(),
          label: zText,
          weight: z.number().positive(),
          at: z.record(z.string(), zReference.nullable()),
        }),
      )
      .min(1),
  }),
  pins: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
}) satisfies z.ZodType<PracticalSpec>

/** What a folder's `practical.ts` says beside its `spec.yaml`. */
interface Part {
  zConfiguration: z.ZodType<Json>
  exampleConfiguration: Json
}
const shipped: Readonly<Record<string, Part>> = { 'inference-throughput': inferenceThroughput }

/** Every practical this deployment ships; throws with its name when a spec is not in order. */
export function loadPracticals(): Practicals {
  const loaded = new Map(Object.entries(shipped).map(([id, part]) => [id, loadOne(id, part)]))
  return {
    find(id, version) {
      const practical = loaded.get(id)
      return version === undefined || practical?.version === version ? practical : undefined
    },
  }
}

function loadOne(id: string, { zConfiguration, exampleConfiguration }: Part): Practical {
  const text = readFileSync(new URL(`${id}/spec.yaml`, import.meta.url), 'utf8')
  const read = zSpec.safeParse(parseYaml(text))
  if (!read.success) {
    const { path, message } = read.error.issues[0] ?? { path: [], message: '' }
    throw new Error(`practicals/${id}/spec.yaml: ${path.join('.')}: ${message}`)
  }
  const spec = read.data
  if (spec.id !== id) throw new Error(`practicals/${id}/spec.yaml: id: is not the name of its folder`)
  return {
    ...spec,
    specHash: specHashOf(spec),
    exampleConfiguration,
    parseConfiguration: (input) => parse(zConfiguration, input),
  }
}

/** The constant program of a practical's stage, for the local executor. */
export function programOf({ id }: { id: string; version: number }, stage: Stage): string | undefined {
  if (!Object.hasOwn(shipped, id)) return undefined
  const file = fileURLToPath(new URL(`${id}/${stage}.ts`, import.meta.url))
  return existsSync(file) ? file : undefined
}
