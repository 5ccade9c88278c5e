import type { Actor } from '#core/access/operations.ts'
import type { Ports } from '#core/ports.ts'
import type { Level, Ontology } from '#core/skills/ontology.ts'
import { prerequisiteClosure } from '#core/skills/prerequisites.ts'
import { gapRows, sliceCells } from './gap-rows.ts'
import { headerOf, readSnapshots, type SkillsGapQuestion } from './skills-gap.ts'
import type { Snapshot, SnapshotHeader } from './snapshot.ts'
import { personLevels, stepOf } from './staircase.ts'

/** A skill that others of the gap stand on, and that too few hold. */
export interface BlockingSkill {
  skill: string
  /** Highest level at which it is needed. */
  level: Level
  /** Skills of the gap that need it, directly or not. */
  blocks: string[]
  /** Their gap together, as far as one may know. */
  gapBehindPersonLevels: number
  /** Who holds it at that level, in the places shown; `null`: hidden, and counted as nobody. */
  holders: number | null
  /** How many more would have to hold it for the largest of these gaps to close. */
  shortHeads: number
}

/** A skill that is new, or asked for more than before. */
export interface EmergingSkill {
  skill: string
  /** The ontology calls it emerging. */
  flagged: boolean
  demandPersonLevels: number
  /** Against the snapshot before; `null` where that had no such slice. */
  demandChange: number | null
  gapPersonLevels: number | null
}

const mostRows = 25

/** What blocks the most of a gap, largest first. Refuses as `skillsGap` does. */
export async function blockingSkills(
  actor: Actor | undefined,
  question: SkillsGapQuestion,
  ports: Pick<Ports, 'store' | 'ontology'>,
): Promise<{ snapshot: SnapshotHeader; skills: BlockingSkill[] }> {
  const { snapshot } = await readSnapshots(actor, question, ports)
  return { snapshot: headerOf(snapshot), skills: blockersOf(question, snapshot, ports.ontology) }
}

/** The same from a published snapshot alone; pure. */
function blockersOf(
  question: SkillsGapQuestion,
  snapshot: Snapshot,
  ontology: Pick<Ontology, 'skills' | 'roles'>,
): BlockingSkill[] {
  const { openGaps, cells } = sliceCells(snapshot, question, ontology)
  const held = new Map<string, number[]>()
  for (const { skill, supply } of cells) {
    const sum = held.get(skill) ?? []
    for (const [step, value] of supply.entries()) if (value !== null) sum[step] = (sum[step] ?? 0) + value
    held.set(skill, sum)
  }
  const blockers = new Map<string, BlockingSkill & { largest: number }>()
  for (const { skill, steps } of openGaps) {
    const gap = personLevels(steps)
    if (gap === 0) continue
    for (const [needed, level] of prerequisiteClosure([{ skill, level: 1 }], ontology.skills)) {
      if (needed === skill) continue
      const known = blockers.get(needed)
      const highest = known && known.level > level ? known.level : level
      blockers.set(needed, {
        skill: needed,
        level: highest,
        blocks: [...(known?.blocks ?? []), skill],
        gapBehindPersonLevels: (known?.gapBehindPersonLevels ?? 0) + gap,
        holders: held.get(needed)?.[stepOf(highest)] ?? null,
        shortHeads: 0,
        largest: Math.max(known?.largest ?? 0, ...steps),
      })
    }
  }
  return [...blockers.values()]
    .map(({ largest, ...one }) => ({ ...one, shortHeads: Math.max(0, largest - (one.holders ?? 0)) }))
    .filter(({ shortHeads }) => shortHeads > 0)
    .sort((a, b) => b.gapBehindPersonLevels - a.gapBehindPersonLevels || (a.skill < b.skill ? -1 : 1))
    .slice(0, mostRows)
}

/** Skills of a slice that are new or on the rise, most demanded first. Refuses as `skillsGap` does. */
export async function emergingSkills(
  actor: Actor | undefined,
  question: SkillsGapQuestion,
  ports: Pick<Ports, 'store' | 'ontology'>,
): Promise<{ snapshot: SnapshotHeader; skills: EmergingSkill[] }> {
  const { snapshot, before } = await readSnapshots(actor, question, ports)
  const { ontology } = ports
  const earlier =
    before && new Map(gapRows(sliceCells(before, question, ontology)).map((row) => [row.skill, row]))
  const skills = gapRows(sliceCells(snapshot, question, ontology)).flatMap((row): EmergingSkill[] => {
    const flagged = ontology.skills.get(row.skill)?.emerging ?? false
    const demandChange = earlier
      ? row.demandPersonLevels - (earlier.get(row.skill)?.demandPersonLevels ?? 0)
      : null
    if (!flagged && (demandChange ?? 0) <= 0) return []
    const { skill, demandPersonLevels, gapPersonLevels } = row
    return [{ skill, flagged, demandPersonLevels, demandChange, gapPersonLevels }]
  })
  return {
    snapshot: headerOf(snapshot),
    skills: skills.sort((a, b) => b.demandPersonLevels - a.demandPersonLevels).slice(0, mostRows),
  }
}
