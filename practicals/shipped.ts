import type * as z from 'zod'
import { parse } from '#core/parse.ts'
import { type Practical, type Practicals, specHashOf } from '#core/practicals/practical.ts'
import type { Json } from '#core/records.ts'
import { batchJobRepair } from './batch-job-repair/practical.ts'
import { dataParallelScaling } from './data-parallel-scaling/practical.ts'
import { inferenceThroughput } from './inference-throughput/practical.ts'
import { zSpec } from './z-spec.ts'

/** What a folder's `practical.ts` says beside its `spec.yaml`. */
interface Part extends Pick<Practical, 'exampleFor' | 'input'> {
  zConfiguration: z.ZodType<Json>
}
const parts: Readonly<Record<string, Part>> = {
  'inference-throughput': inferenceThroughput,
  'batch-job-repair': batchJobRepair,
  'data-parallel-scaling': dataParallelScaling,
}
/** Ids of the practicals in this folder. */
export const shippedIds = Object.keys(parts)

/** What is read of one practical before it can be used. */
export interface PracticalSource {
  /** What `spec.yaml` says, as it was read. */
  spec: unknown
  /** SHA-256 (hex) over the files of the grader. */
  graderSha256: string
}

/** The shipped practicals made of their sources; throws with the name of one whose spec is not in order. */
export function makePracticals(sourceOf: (id: string) => PracticalSource): Practicals {
  const made = new Map(Object.entries(parts).map(([id, part]) => [id, makeOne(id, part, sourceOf(id))]))
  return {
    find(id, version) {
      const practical = made.get(id)
      return version === undefined || practical?.version === version ? practical : undefined
    },
  }
}

function makeOne(id: string, { zConfiguration, ...part }: Part, source: PracticalSource): Practical {
  const read = zSpec.safeParse(source.spec)
  if (!read.success) {
    const { path, message } = read.error.issues[0] ?? { path: [], message: '' }
    throw new Error(`practicals/${id}/spec.yaml: ${path.join('.')}: ${message}`)
  }
  const spec = read.data
  if (spec.id !== id) throw new Error(`practicals/${id}/spec.yaml: id: is not the name of its folder`)
  return {
    ...spec,
    specHash: specHashOf(spec),
    graderSha256: source.graderSha256,
    ...part,
    parseConfiguration: (input) => parse(zConfiguration, input),
  }
}
