import * as z from 'zod'
import { eraseAgain } from '#core/learners/erase-again.ts'
import type { Ports } from '#core/ports.ts'
import { listParkedEvents, replayEvents } from '#core/replay-events.ts'
import type { EscoHeader } from '#core/skills/esco/esco-catalogue.ts'
import { rebuildGraph } from '#core/skills/rebuild-graph.ts'
import { zTenantTag } from './aws-settings.ts'

/** What an operator may ask of a deployment; the command line asks the same of this machine or of a function. */
export const zTask = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('parked') }),
  z.strictObject({ do: z.literal('replay') }),
  z.strictObject({ do: z.literal('erase-again') }),
  /** What an import of ESCO wrote, compressed (brotli). */
  z.strictObject({ do: z.literal('esco'), base64: z.base64().max(6_000_000) }),
  z.strictObject({
    do: z.literal('rebuild'),
    from: z.strictObject({ tenant: zTenantTag, cursor: z.string().exactOptional() }).exactOptional(),
  }),
])
export type Task = z.output<typeof zTask>

/** An event of Lambda is at most 6 MiB, as JSON. */
export const escoLimits = { compressedBytes: 4_400_000 } as const

/** What is told of an ESCO that was imported. */
export const aboutEsco = ({ report: { skills, occupations }, languages, digest }: EscoHeader) => ({
  skills,
  occupations,
  languages,
  digest,
})

const zNext = z.strictObject({ tenant: zTenantTag, cursor: z.string().exactOptional() })
export const zTaskAnswer = z.object({
  /** How many were replayed, told of, erased again. */
  count: z.int().exactOptional(),
  /** Where a rebuild goes on. */
  next: zNext.exactOptional(),
  /** What of ESCO is there now. */
  esco: z
    .object({ skills: z.int(), occupations: z.int(), languages: z.array(z.string()), digest: z.string() })
    .exactOptional(),
  parked: z
    .array(
      z.object({
        tenant: z.string(),
        event: z.string(),
        writtenAt: z.string(),
        parkedAt: z.string(),
        refusedBy: z.array(z.string()),
      }),
    )
    .exactOptional(),
})
export type TaskAnswer = z.output<typeof zTaskAnswer>

/** Does one task, or a part of it that ends by `until`. Nothing of it says who anybody is. */
export async function doTask(task: Task, ports: Ports, until?: Date): Promise<TaskAnswer> {
  switch (task.do) {
    case 'parked': {
      const parked = await listParkedEvents(ports)
      return {
        parked: parked.map(({ tenant, sk, event, parkedAt, refusedBy }) => ({
          tenant,
          event: event?.type ?? 'unreadable',
          writtenAt: event?.at.toISOString() ?? sk.split('#')[0] ?? '',
          parkedAt: parkedAt.toISOString(),
          refusedBy,
        })),
      }
    }
    case 'replay':
      return { count: await replayEvents(ports) }
    case 'erase-again':
      return { count: await eraseAgain(ports) }
    case 'esco': {
      const { keepEsco } = await import('#adapters/memory/esco-in-files.ts')
      return { esco: aboutEsco(await keepEsco(ports.files, Buffer.from(task.base64, 'base64'))) }
    }
    case 'rebuild': {
      const { told, next } = await rebuildGraph(ports, {
        ...(task.from ? { from: task.from } : {}),
        ...(until ? { until } : {}),
      })
      return { count: told, ...(next ? { next } : {}) }
    }
  }
}
