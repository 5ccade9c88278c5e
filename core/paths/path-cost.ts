import type { Module } from '#core/skills/ontology.ts'

/** What a path can have least of: hours of work, hours of accelerators, or credits. */
export const pathCosts = ['hours', 'gpuHours', 'ects'] as const
export type PathCost = (typeof pathCosts)[number]

/** What taking a module costs, in hours, GPU-hours or ECTS credits. */
export function costOf(module: Pick<Module, 'workloadHours' | 'ects' | 'practical'>, cost: PathCost): number {
  if (cost === 'hours') return module.workloadHours
  return cost === 'ects' ? module.ects : gpuHoursOf(module)
}

/** GPU-hours the practical of a module takes at the very most: all its accelerators for all its time; 0 without one. */
export function gpuHoursOf({ practical }: Pick<Module, 'practical'>): number {
  return practical === undefined ? 0 : (practical.gpus * practical.maxMinutes) / 60
}
