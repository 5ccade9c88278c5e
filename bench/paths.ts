import { learningPath } from '#core/paths/learning-path.ts'
import { pathCosts } from '#core/paths/path-cost.ts'
import type { PathMethod } from '#core/paths/path-method.ts'
import type { Module, Ontology } from '#core/skills/ontology.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { type ContestOptions, contest } from './contest.ts'
import type { Section } from './report.ts'

/**
 * Latency of the learning path over every role × sector of the shipped ontology, for a learner who holds nothing:
 * exact in each cost, greedy, and on a catalogue many times as large.
 */
export async function pathSections(options: ContestOptions): Promise<Section[]> {
  const ontology = loadOntology()
  const questions = [...ontology.roles.keys()].flatMap((role) =>
    [undefined, ...ontology.sectors.keys()].map((sector) => ({
      role,
      ...(sector ? { sector } : {}),
      held: new Map(),
    })),
  )
  const large = manyTimes(ontology, 12)
  const turn = () => {
    let next = 0
    return () => questions[next++ % questions.length] ?? fail()
  }
  const variants: { name: string; more: Partial<Question>; on?: Ontology }[] = [
    { name: 'exact, least hours', more: { minimise: 'hours', method: 'exact' } },
    { name: 'exact, least gpuHours', more: { minimise: 'gpuHours', method: 'exact' } },
    { name: 'exact, least ects', more: { minimise: 'ects', method: 'exact' } },
    { name: 'greedy', more: { method: 'greedy' } },
    { name: `greedy, ${large.modules.size} modules`, more: { method: 'greedy' }, on: large },
  ]
  const figures = await contest(
    variants.map(({ name, more, on = ontology }) => {
      const question = turn()
      return { name: `learning path, ${name}`, run: () => learningPath({ ...question(), ...more }, on) }
    }),
    options,
  )
  const proved = pathCosts.map((minimise) => {
    const exact = questions.map((question) =>
      learningPath({ ...question, minimise, method: 'exact' }, ontology),
    )
    const greedy = questions.map((question) =>
      learningPath({ ...question, minimise, method: 'greedy' }, ontology),
    )
    const optimal = exact.filter((answer) => answer.optimal).length
    const same = greedy.filter((answer, at) => answer.cost <= (exact[at]?.cost ?? 0) + 1e-9).length
    const known = greedy.filter((answer) => answer.optimal).length
    return `least ${minimise}: ${optimal} of ${exact.length} answers proved optimal; greedy finds as little in ${same}, and its bound proves it in ${known}`
  })
  return [
    {
      title: `Learning path on ontology ${ontology.version}: ${questions.length} questions (role × sector)`,
      proved,
      figures,
      bars: [],
      notes: [
        `aim: exact within 500 ms, greedy within 5 ms; slowest here exact ${slowest(questions, ontology, 'exact')}, greedy ${slowest(questions, ontology, 'greedy')} (not judged)`,
      ],
    },
  ]
}

/** The same catalogue again and again under other names and with other hours: more choice, not more skills. */
function manyTimes(ontology: Ontology, times: number): Ontology {
  const copies = Array.from({ length: times }, (_, n) =>
    [...ontology.modules.values()].map((module, at): [string, Module] => {
      const workloadHours = module.workloadHours + ((n * 7 + at * 3) % 11)
      return [`${module.id}-${n}`, { ...module, id: `${module.id}-${n}`, workloadHours }]
    }),
  )
  return { ...ontology, modules: new Map(copies.flat()) }
}

type Question = Parameters<typeof learningPath>[0]

function slowest(questions: Question[], ontology: Ontology, method: PathMethod): string {
  const times = questions.map((question) => {
    const began = performance.now()
    learningPath({ ...question, method }, ontology)
    return performance.now() - began
  })
  return `${Math.max(...times).toFixed(1)} ms`
}

function fail(): never {
  throw new Error('no question')
}
