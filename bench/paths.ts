import type { ContestOptions } from './contest.ts'
import type { Section } from './report.ts'
export async function pathSections(_options: ContestOptions, _slack: number): Promise<Section[]> {
  return []
}
