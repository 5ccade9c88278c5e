import type { GraphContent } from '#core/skills/graph-content.ts'
import { type Level, levels } from '#core/skills/ontology.ts'
import type { LearnerState } from '#core/skills/skills-graph.ts'

const skillCount = 60
const sectors = ['energy', 'health', 'mobility'] as const

/** Sixty skills in chains of ten and some demand, to tell generated states of. */
export const generatedContent: GraphContent = {
  digest: 'sixty skills',
  languages: ['en'],
  skills: Array.from({ length: skillCount }, (_, n) => ({
    id: `s${n}`,
    findable: true,
    names: { en: [`skill ${n}`] },
    requires: n % 10 === 9 ? [] : [{ skill: `s${n + 1}`, level: 1 }],
  })),
  demand: sectors.flatMap((sector) => [{ sector, skill: 's0', steps: [900, 500, 100, 0] }]),
}

/** The same states every time: a thousand learners, told of again and again; some erased, one skill in fifty unknown. */
export function generatedStates(count: number): LearnerState[] {
  let seed = 42
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const level = (): Level => levels[random(4)] ?? 1
  return Array.from({ length: count }, (_, n): LearnerState => {
    const learner = `learner-${random(1000)}`
    if (random(200) === 0) return { learner, erased: true }
    const skills = Array.from({ length: 1 + random(8) }, () => ({
      skill: random(50) === 0 ? 'unknown' : `s${random(skillCount)}`,
      level: level(),
    }))
    return { learner, seq: n + 1, sector: sectors[random(3)] ?? 'energy', skills }
  })
}

export const generatedSectors: readonly string[] = sectors
