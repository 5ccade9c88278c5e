import { systemRandom } from '#adapters/node-platform/random.ts'
import type { AcademyRole } from '#core/access/operations.ts'
import type { LearnerId } from '#core/ids.ts'
import type { SkillLevel } from '#core/skills/ontology.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { offeringName, type SeededOfferings } from '#functions/seed/offerings.ts'
import { mutate, requestId } from '#test/demo/answers.ts'
import { type Ask, asker } from '#test/support/graphql.ts'
import type { Deployed } from './deploy.ts'

/** Asks the deployed GraphQL as somebody. */
export async function askAs(academy: Deployed, subject: string, role: AcademyRole): Promise<Ask> {
  return asker(academy.publicUrl, await academy.login.tokenOf(subject, role), academy.fetch)
}

/** A learner of the institution, as it would have them; their name is in no log. */
export async function newLearner(academy: Deployed, recognisedSkills: SkillLevel[] = []) {
  const learnerId: LearnerId = systemRandom.id(northLake.tag, 'lrn')
  const person = { givenName: 'Ada', familyName: 'Example', email: `${learnerId}@example.org` }
  await academy.ports.store.saveLearnerOnce(learnerId, {
    id: learnerId,
    tenant: northLake.tag,
    rev: 0,
    person,
    recognisedSkills,
  })
  return { learnerId, ask: await askAs(academy, learnerId, 'learner') }
}

/** Such a learner in the offering of a module that asks for nothing, and an assessor's pass of them. */
export async function passing(academy: Deployed, offerings: SeededOfferings) {
  const { learnerId, ask } = await newLearner(academy)
  const offeringId = offerings.get(offeringName(northLake, 'm-ai-for-everyone'))
  if (!offeringId) throw new Error('the module is not offered')
  await mutate(
    ask,
    'enrol',
    'EnrolInput',
    {
      requestId: requestId(),
      learnerId,
      offeringId,
      analyticsConsent: true,
      country: 'LU',
      targetGroup: 'professionals',
      sector: 'manufacturing',
    },
    'Enrolment',
    'enrolledAt',
  )
  const assessor = await askAs(academy, 'grace', 'assessor')
  const request = requestId()
  /** Asked twice, it is the same request. Answers the award. */
  const record = async (): Promise<string> => {
    const { award } = await mutate<{ award: { id: string } }>(
      assessor,
      'recordAssessment',
      'RecordAssessmentInput',
      { requestId: request, learnerId, offeringId, scorePercent: 85 },
      'RecordedAssessment',
      'award { id }',
    )
    return award.id
  }
  return { learnerId, ask, record }
}

/** The claim page of a fresh offer without a code, in one format. */
export async function claimUrlOf(
  ask: Ask,
  awardId: string,
  configuration = 'AiSkill_sdjwt',
): Promise<string> {
  const { claimUrl } = await mutate<{ claimUrl: string }>(
    ask,
    'offerCredential',
    'OfferCredentialInput',
    { requestId: requestId(), awardId, configurationIds: [configuration], txCodeMode: 'NONE' },
    'CredentialOffer',
    'claimUrl',
  )
  return claimUrl
}
