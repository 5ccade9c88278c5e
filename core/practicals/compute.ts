import type { JobHardware, JobResources } from './queue.ts'

/**
 * What is counted: a job with accelerators uses GPUs × time, one without uses processors × time. Whole seconds,
 * because counters that are added to for years must not drift.
 */
export interface ComputeSeconds {
  gpuSeconds: number
  coreSeconds: number
}

export const noCompute: ComputeSeconds = { gpuSeconds: 0, coreSeconds: 0 }

export const addCompute = (a: ComputeSeconds, b: ComputeSeconds): ComputeSeconds => ({
  gpuSeconds: a.gpuSeconds + b.gpuSeconds,
  coreSeconds: a.coreSeconds + b.coreSeconds,
})

export const lessCompute = (a: ComputeSeconds, b: ComputeSeconds): ComputeSeconds => ({
  gpuSeconds: a.gpuSeconds - b.gpuSeconds,
  coreSeconds: a.coreSeconds - b.coreSeconds,
})

/** What is left of a cap; never less than nothing. */
export const leftOf = (cap: ComputeSeconds, taken: ComputeSeconds): ComputeSeconds => ({
  gpuSeconds: Math.max(0, cap.gpuSeconds - taken.gpuSeconds),
  coreSeconds: Math.max(0, cap.coreSeconds - taken.coreSeconds),
})

/** Whether the whole of `part` is at most `most`. */
export const withinCompute = (part: ComputeSeconds, most: ComputeSeconds): boolean =>
  part.gpuSeconds <= most.gpuSeconds && part.coreSeconds <= most.coreSeconds

/** What a job may use at most: all it asks for, until its time limit. */
export function reservedFor({ gpus, cpus, minutes }: JobResources): ComputeSeconds {
  return gpus > 0
    ? { gpuSeconds: gpus * minutes * 60, coreSeconds: 0 }
    : { gpuSeconds: 0, coreSeconds: cpus * minutes * 60 }
}

/**
 * What a job has used: the time it ran × what it was given, in started seconds. Never more than was reserved, so
 * that no cap is passed by a scheduler that ends jobs late. `hardware` is what the scheduler says it gave; absent
 * (or of a machine that gives nothing away) it is what was asked for.
 */
export function usedBy(
  run: { startedAt?: Date; endedAt: Date; hardware?: JobHardware },
  resources: JobResources,
): ComputeSeconds {
  if (!run.startedAt) return noCompute
  const seconds = Math.max(0, Math.ceil((run.endedAt.getTime() - run.startedAt.getTime()) / 1000))
  const most = reservedFor(resources)
  if (resources.gpus > 0) {
    const gpus = run.hardware?.gpus || resources.gpus
    return { gpuSeconds: Math.min(most.gpuSeconds, gpus * seconds), coreSeconds: 0 }
  }
  const cores = run.hardware?.cores || resources.cpus
  return { gpuSeconds: 0, coreSeconds: Math.min(most.coreSeconds, cores * seconds) }
}

/** The day a moment is counted in: days begin at 00:00 UTC. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10)
/** The month a moment is reported in. */
export const monthOf = (at: Date): string => at.toISOString().slice(0, 7)
