import type { Ports } from '#core/ports.ts'
import { portfolioCoverage, type SkillCoverage } from '#core/skills/portfolio-coverage.ts'
import { demandBySkill } from './demand.ts'
import { linesOf } from './gap-rows.ts'
import { headerOf } from './skills-gap.ts'
import type { SnapshotHeader } from './snapshot.ts'
import { stepOf } from './staircase.ts'

/** What is asked for beside what is taught, and for how many there is room. */
export interface PortfolioRow extends SkillCoverage {
  /** Heads that need the skill at the level asked for; `null` before the first snapshot. */
  heads: number | null
  /** Seats of open offerings whose module reaches that level; `null` before the first snapshot. */
  seats: number | null
}

export interface PortfolioGap {
  /** Where heads and seats come from; `null` before the first one. */
  snapshot: SnapshotHeader | null
  rows: PortfolioRow[]
  coveredCount: number
  coveredPercent: number
}

/**
 * The portfolio against demand: `portfolioCoverage` with heads and seats as of the last snapshot. Of no person,
 * so anybody may see it. Refuses `invalid_input` for an unknown role or sector.
 */
export async function portfolioGap(
  slice: { role?: string; sector?: string },
  { store, ontology }: Pick<Ports, 'store' | 'ontology'>,
): Promise<PortfolioGap> {
  const coverage = portfolioCoverage(slice, ontology)
  const snapshot = await store.findSnapshot()
  const demand = snapshot && demandBySkill(linesOf(snapshot, slice))
  const rows = coverage.rows.map((row): PortfolioRow => {
    const reaching = row.covered ? row.modules : []
    const seats = reaching.reduce((sum, { id }) => sum + (snapshot?.modules[id]?.seats ?? 0), 0)
    return {
      ...row,
      heads: demand ? (demand.get(row.skill)?.steps[stepOf(row.level)] ?? 0) : null,
      seats: snapshot ? seats : null,
    }
  })
  return { ...coverage, snapshot: snapshot ? headerOf(snapshot) : null, rows }
}
