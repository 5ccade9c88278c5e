import * as z from 'zod'
import { eraseAgain } from '#core/learners/erase-again.ts'
import type { Ports } from '#core/ports.ts'
import { listParkedEvents, replayEvents } from '#core/replay-events.ts'
import { rebuildGraph } from '#core/skills/rebuild-graph.ts'
import { zTenantTag } from './aws-settings.ts'

/** What an operator may ask of a deployment; the command line asks the same of this machine or of a function. */
export const zTask = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('parked') }),
  z.strictObject({ do: z.literal('replay') }),
  z.strictObject({ do: z.literal('erase-again') }),
  z.strictObject({
    do: z.literal('rebuild'),
    from: z.strictObject({ tenant: zTenantTag, cursor: z.string().exactOptional() }).exactOptional(),
  }),
])
export type Task = z.output<typeof zTask>

const zNext = z.strictObject({ tenant: zTenantTag, cursor: z.string().exactOptional() })
export const zTaskAnswer = z.object({
  /** How many were replayed, told of, erased again. */
  count: z.int().exactOptional(),
  /** Where a rebuild goes on. */
  next: zNext.exactOptional(),
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
    case 'rebuild': {
      const { told, next } = await rebuildGraph(ports, {
        ...(task.from ? { from: task.from } : {}),
        ...(until ? { until } : {}),
      })
      return { count: told, ...(next ? { next } : {}) }
    }
  }
}
