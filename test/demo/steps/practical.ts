import type { Ask } from '#test/support/graphql.ts'
import { mutate, requestId, until } from '../answers.ts'

export interface DemoRun {
  id: string
  site: string
  state: string
  ended: boolean
  reason: string | null
  recorded: string | null
  graded: {
    outcome: string
    scorePercent: number
    metrics: { name: string; value: number; unit: string; threshold: number | null; met: boolean | null }[]
    evidence: { environment: string; assurance: string; level: number; hardware: string }
  } | null
}

const selection = `id site state ended reason recorded
  graded {
    outcome scorePercent
    metrics { name value unit threshold met }
    evidence { environment assurance level hardware }
  }`

/** Starts the practical with a serving configuration; answers the attempt's id. */
export async function startPractical(
  learner: Ask,
  offeringId: string,
  configuration: object,
): Promise<string> {
  const { id } = await mutate<DemoRun>(
    learner,
    'startPractical',
    'StartPracticalInput',
    { requestId: requestId(), offeringId, configuration },
    'PracticalRun',
    'id',
  )
  return id
}

/** Waits for the attempt to end, telling each new state. */
export async function followPractical(
  learner: Ask,
  id: string,
  seen: (state: string) => void,
): Promise<DemoRun> {
  let last = ''
  return await until('the practical to end', 180, async () => {
    const { practicalRun } = await learner<{ practicalRun: DemoRun }>(
      `query ($id: ID!) { practicalRun(id: $id) { ${selection} } }`,
      { id },
    )
    if (practicalRun.state !== last) seen(practicalRun.state)
    last = practicalRun.state
    return practicalRun.ended ? practicalRun : undefined
  })
}

export interface DemoAward {
  id: string
  title: string
  state: string
  scorePercent: number
  moduleSlug: string
}

/** The learner's award of a module, once there is one. */
export async function awardOf(learner: Ask, moduleSlug: string): Promise<DemoAward> {
  return await until('the award', 10, async () => {
    const { awards } = await learner<{ awards: { edges: { node: DemoAward }[] } }>(
      '{ awards(first: 50) { edges { node { id title state scorePercent moduleSlug } } } }',
    )
    return awards.edges.map(({ node }) => node).find((award) => award.moduleSlug === moduleSlug)
  })
}
