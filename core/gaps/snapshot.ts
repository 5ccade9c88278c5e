import type { DemandSetId, SnapshotId } from '#core/ids.ts'
import type { RoleDemand } from './demand.ts'
import type { PairName, PlaceDimension } from './places.ts'

/** How the numbers were made; raised when the rules change. */
export const snapshotMethod =
  'staircase; large groups alone count; suppression; rounding to 5; held until moved by the threshold (2)'

/** What every answer must state about where its numbers come from. */
export interface SnapshotHeader {
  id: SnapshotId
  publishedAt: Date
  ontology: { version: string; digest: string }
  threshold: number
  method: string
  /** `synthetic-sample`: invented heads shipped for trying out. */
  demandSource: 'synthetic-sample' | 'upload'
  /** Which upload; absent for the sample. */
  demandSet?: DemandSetId
  /** Year the heads are of; absent where there are none. */
  demandYear?: number
  previous?: SnapshotId
}

/**
 * Learners of one place, each subject by steps that each include the next. Only shown steps stand here: an
 * absent step, or an absent skill, is a hidden one.
 */
export interface PlaceCounts {
  /** Who holds some skill at level 1 or more, 2 or more, … */
  any: number[]
  /** Who reached each of `stages`, or a later one, in some module. */
  funnel: number[]
  /** By skill, at level 1 or more, 2 or more, … */
  skills: Record<string, number[]>
  /** By module, at each of `stages`. */
  modules: Record<string, number[]>
}

/** Places by code; for a pair of places `a+b`: those enrolled and, among them, those who hold some skill. */
export type PublishedTables = Record<PlaceDimension, Record<string, PlaceCounts>> & {
  pairs: Record<PairName, Record<string, number[]>>
}

/** What is said of a module besides counts of learners. */
export interface ModuleFigures {
  /** Seats of offerings open on the day of the snapshot. */
  seats: number
  /** Median of whole days from enrolment to the first award; absent where too few have one. */
  medianDaysToAward?: number
}

/** A published snapshot: demand and protected counts, and nothing that leads to a person. */
export interface Snapshot extends SnapshotHeader {
  demand: RoleDemand[]
  tables: PublishedTables
  modules: Record<string, ModuleFigures>
}

export const noPlace: PlaceCounts = { any: [], funnel: [], skills: {}, modules: {} }

export const emptyTables = (): PublishedTables => ({
  sector: {},
  country: {},
  nuts1: {},
  targetGroup: {},
  pairs: {
    'sector+country': {},
    'sector+nuts1': {},
    'sector+targetGroup': {},
    'country+targetGroup': {},
    'nuts1+targetGroup': {},
  },
})
