import type { Actor } from '#core/access/operations.ts'
import type { SnapshotId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { roundTo, type Shown } from './cell-privacy.ts'
import { codesOf } from './gap-slice.ts'
import { gpuHoursOf } from './next-module.ts'
import { placeDimensions, type Stage, stages } from './places.ts'
import { headerOf, readSnapshots } from './skills-gap.ts'
import type { Snapshot, SnapshotHeader } from './snapshot.ts'

export const funnelDimensions = [...placeDimensions, 'module'] as const
export type FunnelDimension = (typeof funnelDimensions)[number]

/** Learners who came at least this far; `null`: hidden. */
export type FunnelSteps = Record<Stage, Shown>

export interface TrainingFunnel {
  snapshot: SnapshotHeader
  by: FunnelDimension
  /** Over the sectors that may be shown. */
  total: FunnelSteps
  /** Codes with a shown number, in the order of their list. */
  rows: { code: string; steps: FunnelSteps }[]
}

/** How many learners enrolled, and how far they came, as of a published snapshot. Refuses as `skillsGap` does. */
export async function trainingFunnel(
  actor: Actor | undefined,
  { by, snapshot: asked }: { by: FunnelDimension; snapshot?: SnapshotId },
  ports: Pick<Ports, 'store' | 'ontology'>,
): Promise<TrainingFunnel> {
  const { snapshot } = await readSnapshots(actor, asked === undefined ? {} : { snapshot: asked }, ports)
  const { tables } = snapshot
  const rows =
    by === 'module'
      ? [...ports.ontology.modules.keys()].map((code) => ({ code, steps: moduleSteps(code, snapshot) }))
      : codesOf(by, ports.ontology).map((code) => ({ code, steps: named(tables[by][code]?.funnel ?? []) }))
  return {
    snapshot: headerOf(snapshot),
    by,
    total: addUp(Object.values(tables.sector).map(({ funnel }) => funnel)),
    rows: rows.filter(({ steps }) => steps.enrolled !== null),
  }
}

/** How the modules do: who passes, how long it takes, what is offered. */
export interface ModulePerformance {
  module: string
  steps: FunnelSteps
  /** Of those assessed, in the sectors where both numbers are shown. */
  passPercent: number | null
  /** Median of whole days from enrolment to award, rounded; `null` where too few have one. */
  daysToAward: number | null
  /** Seats of offerings open on the day of the snapshot. */
  seats: number
  workloadHours: number
  gpuHours: number | null
}

/** A median of days as it is told. */
export const toldDays = (median: number): number => roundTo(median, 5)

/** Every module with offerings or shown learners, as of a published snapshot. Refuses as `skillsGap` does. */
export async function modulePerformance(
  actor: Actor | undefined,
  { snapshot: asked }: { snapshot?: SnapshotId },
  ports: Pick<Ports, 'store' | 'ontology'>,
): Promise<{ snapshot: SnapshotHeader; modules: ModulePerformance[] }> {
  const { snapshot } = await readSnapshots(actor, asked === undefined ? {} : { snapshot: asked }, ports)
  const modules = [...ports.ontology.modules.values()].flatMap((module) => {
    const { seats = 0, medianDaysToAward } = snapshot.modules[module.id] ?? {}
    const steps = moduleSteps(module.id, snapshot)
    if (seats === 0 && steps.enrolled === null) return []
    return [
      {
        module: module.id,
        steps,
        passPercent: passPercent(module.id, snapshot),
        daysToAward: medianDaysToAward === undefined ? null : toldDays(medianDaysToAward),
        seats,
        workloadHours: module.workloadHours,
        gpuHours: gpuHoursOf(module),
      },
    ]
  })
  return { snapshot: headerOf(snapshot), modules }
}

function moduleSteps(module: string, { tables }: Pick<Snapshot, 'tables'>): FunnelSteps {
  return addUp(Object.values(tables.sector).map(({ modules }) => modules[module] ?? []))
}

function passPercent(module: string, { tables }: Pick<Snapshot, 'tables'>): number | null {
  const [assessed, issued] = [stages.indexOf('assessed'), stages.indexOf('issued')]
  let [all, passed] = [0, 0]
  for (const { modules } of Object.values(tables.sector)) {
    const steps = modules[module] ?? []
    if (steps[issued] === undefined) continue
    all += steps[assessed] ?? 0
    passed += steps[issued]
  }
  return all === 0 ? null : Math.round((passed / all) * 100)
}

/** Totals are made of shown parts alone. */
function addUp(parts: readonly (readonly number[])[]): FunnelSteps {
  const sums: number[] = []
  for (const steps of parts)
    for (const [step, value] of steps.entries()) sums[step] = (sums[step] ?? 0) + value
  return named(sums)
}

function named(steps: readonly number[]): FunnelSteps {
  return Object.fromEntries(stages.map((stage, step) => [stage, steps[step] ?? null])) as FunnelSteps
}

/** Refuses `invalid_input` for a dimension no funnel is broken down by. */
export function funnelDimension(value: string): FunnelDimension {
  const found = funnelDimensions.find((dimension) => dimension === value)
  if (!found) throw new Refusal('invalid_input', 'by: is not one of the allowed values.', { field: 'by' })
  return found
}
