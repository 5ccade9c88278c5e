import { privacyRules } from '#core/gaps/cell-privacy.ts'
import type { EscoGraph } from '#core/skills/esco/esco-graph.ts'
import { type GraphContent, graphContent } from '#core/skills/graph-content.ts'
import { type Level, levels, type Ontology } from '#core/skills/ontology.ts'
import type { LearnerState } from '#core/skills/skills-graph.ts'

export const skillsPerLearner = 8

/**
 * The full ESCO and the shipped ontology in one graph. ESCO has no prerequisites, so its hierarchy stands in for
 * them: every concept requires its broader ones. It has no demand either: that of its skills is invented.
 */
export function bothTogether(esco: EscoGraph, ontology: Ontology): GraphContent {
  const shipped = graphContent(ontology, privacyRules(10))
  const above = new Map<number, Set<number>>()
  for (let pair = 0; pair < esco.broader.length; pair += 2) {
    const [child = 0, parent = 0] = [esco.broader[pair], esco.broader[pair + 1]]
    above.set(child, (above.get(child) ?? new Set()).add(parent))
  }
  const skills = esco.concepts.map(({ uri, kind, names }, number) => ({
    id: uri,
    findable: kind === 'skill' && names['en'] !== undefined,
    names,
    requires: [...(above.get(number) ?? [])].map((parent) => ({
      skill: esco.concepts[parent]?.uri ?? '',
      level: 1 as Level,
    })),
  }))
  const sectors = sectorsOf(shipped)
  const findable = skills.filter((skill) => skill.findable)
  const demand = findable.flatMap(({ id }, n) =>
    sectors.flatMap((sector, s) =>
      (n + s) % 7 === 0 ? [{ sector, skill: id, steps: [300, 200, 60, 10 + (n % 40)] as const }] : [],
    ),
  )
  return {
    digest: `bench ${shipped.digest} ${skills.length}`,
    languages: shipped.languages,
    skills: [...shipped.skills, ...skills],
    demand: [...shipped.demand, ...demand],
  }
}

export const sectorsOf = ({ demand }: Pick<GraphContent, 'demand'>) => [
  ...new Set(demand.map(({ sector }) => sector)),
]

/** Invented learners with `skillsPerLearner` skills each, the same every time. */
export function generateStates(count: number, content: GraphContent): LearnerState[] {
  const held = content.skills.filter(({ findable }) => findable)
  const sectors = sectorsOf(content)
  let seed = 1
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  return Array.from({ length: count }, (_, n) => ({
    learner: `learner-${n}`,
    seq: 1,
    sector: sectors[random(sectors.length)] ?? '',
    skills: Array.from({ length: skillsPerLearner }, () => ({
      skill: held[random(held.length)]?.id ?? '',
      level: levels[random(4)] ?? 1,
    })),
  }))
}
