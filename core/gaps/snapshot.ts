import type { SnapshotId } from '#core/ids.ts'
import type { ShownStairs } from './cell-privacy.ts'
import type { RoleDemand } from './demand.ts'

/** How the numbers were made; raised when the rules change. */
export const snapshotMethod = 'staircase, suppression, rounding to 5, held until moved by the threshold (1)'

/** What every answer must state about where its numbers come from. */
export interface SnapshotHeader {
  id: SnapshotId
  publishedAt: Date
  ontology: { version: string; digest: string }
  threshold: number
  method: string
  /** `synthetic-sample`: invented heads shipped for trying out. */
  demandSource: 'synthetic-sample'
  previous?: SnapshotId
}

/** Learners of a sector by skill; an absent skill is a hidden one. */
export interface SectorSupply {
  sector: string
  skills: Record<string, ShownStairs>
}

/** A published snapshot: demand and protected supply, and nothing that leads to a person. */
export interface Snapshot extends SnapshotHeader {
  demand: RoleDemand[]
  supply: SectorSupply[]
}
