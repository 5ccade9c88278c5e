import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse as parseYaml } from 'yaml'
import type * as z from 'zod'
import { parse } from '#core/parse.ts'
import { type Practical, type Practicals, specHashOf } from '#core/practicals/practical.ts'
import type { Stage } from '#core/practicals/queue.ts'
import type { Json } from '#core/records.ts'
import { batchJobRepair } from './batch-job-repair/practical.ts'
import { dataParallelScaling } from './data-parallel-scaling/practical.ts'
import { inferenceThroughput } from './inference-throughput/practical.ts'
import { hashPrograms } from './kit/hash-programs.ts'
import { zSpec } from './z-spec.ts'

/** What a folder's `practical.ts` says beside its `spec.yaml`. */
interface Part extends Pick<Practical, 'exampleFor' | 'input'> {
  zConfiguration: z.ZodType<Json>
}
const shipped: Readonly<Record<string, Part>> = {
  'inference-throughput': inferenceThroughput,
  'batch-job-repair': batchJobRepair,
  'data-parallel-scaling': dataParallelScaling,
}
/** Ids of the practicals in this folder. */
export const shippedIds = Object.keys(shipped)

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

function loadOne(id: string, { zConfiguration, ...part }: Part): Practical {
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
    graderSha256: hashPrograms(id, 'grade'),
    ...part,
    parseConfiguration: (input) => parse(zConfiguration, input),
  }
}

/** The constant program of a practical's stage, for the local executor. */
export function programOf({ id }: { id: string; version: number }, stage: Stage): string | undefined {
  if (!Object.hasOwn(shipped, id)) return undefined
  const file = fileURLToPath(new URL(`${id}/${stage}.ts`, import.meta.url))
  return existsSync(file) ? file : undefined
}
