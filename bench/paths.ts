import { learningPath } from '#core/paths/learning-path.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { type ContestOptions, contest } from './contest.ts'
import type { Section } from './report.ts'

/** Latency of the learning path over every role × sector of the shipped ontology, for a learner who holds nothing. */
export async function pathSections(options: ContestOptions): Promise<Section[]> {
  const ontology = loadOntology()
  const questions = [...ontology.roles.keys()].flatMap((role) =>
    [undefined, ...ontology.sectors.keys()].map((sector) => ({
      role,
      ...(sector ? { sector } : {}),
      held: new Map(),
    })),
  )
  const answers = questions.map((question) => learningPath(question, ontology))
  let next = 0
  const figures = await contest(
    [
      {
        name: 'learning path, exact',
        run: () => learningPath(questions[next++ % questions.length] ?? fail(), ontology),
      },
    ],
    options,
  )
  const optimal = answers.filter((answer) => answer.optimal).length
  return [
    {
      title: `Learning path on ontology ${ontology.version}: ${questions.length} questions (role × sector)`,
      proved: [
        `${optimal} of ${answers.length} answers proved optimal in hours; for the others a lower bound stands beside the answer`,
      ],
      figures,
      bars: [],
      notes: [
        `aim: each answer within 500 ms; slowest here ${slowest(questions, ontology).toFixed(0)} ms (not judged)`,
      ],
    },
  ]
}

type Question = Parameters<typeof learningPath>[0]

function slowest(questions: Question[], ontology: Parameters<typeof learningPath>[1]): number {
  return Math.max(
    ...questions.map((question) => {
      const began = performance.now()
      learningPath(question, ontology)
      return performance.now() - began
    }),
  )
}

function fail(): never {
  throw new Error('no question')
}
