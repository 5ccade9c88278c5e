import type { Ask } from '#test/support/graphql.ts'
import { mutate, requestId } from '../answers.ts'

export interface Path {
  workloadHours: number
  optimal: boolean
  steps: { slug: string; workloadHours: number }[]
  untaught: { needed: { slug: string; level: number } }[]
}

/** The shortest path of modules from what the learner holds to a role in a sector. */
export async function askPath(learner: Ask, slice: { role: string; sector: string }): Promise<Path> {
  const { learningPath } = await learner<{ learningPath: Path }>(
    `query ($role: String!, $sector: String) {
      learningPath(role: $role, sector: $sector) {
        workloadHours optimal
        steps { slug workloadHours }
        untaught { needed { slug level } }
      }
    }`,
    slice,
  )
  return learningPath
}

export interface DemoLearner {
  id: string
  givenName: string
  familyName: string
  email: string
}

export async function whoAmI(learner: Ask): Promise<DemoLearner> {
  const { viewer } = await learner<{ viewer: { learner: DemoLearner | null } }>(
    '{ viewer { learner { id givenName familyName email } } }',
  )
  if (!viewer.learner) throw new Error('the account has no learner record')
  return viewer.learner
}

/** Enrols in the running offering of a module; answers the offering's id. */
export async function enrolIn(
  learner: Ask,
  learnerId: string,
  moduleSlug: string,
  sector: string,
): Promise<string> {
  const { offerings } = await learner<{
    offerings: { edges: { node: { id: string; moduleSlug: string } }[] }
  }>('{ offerings(first: 100) { edges { node { id moduleSlug } } } }')
  const offering = offerings.edges.find(({ node }) => node.moduleSlug === moduleSlug)?.node
  if (!offering) throw new Error(`nobody offers ${moduleSlug}`)
  await mutate(
    learner,
    'enrol',
    'EnrolInput',
    {
      requestId: requestId(),
      learnerId,
      offeringId: offering.id,
      analyticsConsent: true,
      country: 'LU',
      targetGroup: 'professionals',
      sector,
    },
    'Enrolment',
    'enrolledAt',
  )
  return offering.id
}
