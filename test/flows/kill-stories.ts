import { decodeJwt } from 'jose'
import { expect } from 'vitest'
import { mutate, Refused } from '#test/demo/answers.ts'
import { verify } from '#test/demo/steps/verify.ts'
import type { Ask } from '#test/support/graphql.ts'
import { type QuickWallet, quickWallet } from '#test/support/quick-wallet.ts'

export interface Callers {
  registrar: Ask
  assessor: Ask
  employer: Ask
}

/** One learner's way through a module. What was answered is noted; what was cut off is asked again under the same request id. */
export interface Story {
  name: string
  learnerId: string
  offeringId: string
  wallet: QuickWallet
  revoke: boolean
  enrolled?: boolean
  awardId?: string
  credential?: string
  revoked?: boolean
}

interface Counts {
  answered: number
  cut: number
}

/** Every learner of the first offering, each in an open module they are not in yet; every third is revoked later. */
export async function makeStories({ registrar }: Callers): Promise<Story[]> {
  const { offerings } = await registrar<{
    offerings: { edges: { node: { id: string; moduleSlug: string } }[] }
  }>('{ offerings(first: 50) { edges { node { id moduleSlug } } } }')
  const idOf = (slug: string) => {
    const found = offerings.edges.find(({ node }) => node.moduleSlug === slug)
    if (!found) throw new Error(`no offering of ${slug}`)
    return found.node.id
  }
  const { offering } = await registrar<{
    offering: { participants: { edges: { node: { learner: { id: string } } }[] } }
  }>(
    `query ($id: ID!) {
      offering(id: $id) { participants(first: 40) { edges { node { learner { id } } } } }
    }`,
    { id: idOf('m-software-practice') },
  )
  return await Promise.all(
    offering.participants.edges.map(async ({ node }, position) => ({
      name: `drill-${position}`,
      learnerId: node.learner.id,
      offeringId: idOf('m-ai-for-everyone'),
      wallet: await quickWallet(),
      revoke: position % 3 === 0,
    })),
  )
}

/** The same award for one more wallet; nothing for a revoked one. */
export async function retold(story: Story): Promise<Story | undefined> {
  if (story.revoked) return undefined
  const { credential: _collected, ...rest } = story
  return { ...rest, name: `${story.name}x`, wallet: await quickWallet() }
}

/** Tells the story from where it stands; false when the server went away in the middle. */
export async function tellOn(story: Story, callers: Callers, counts: Counts): Promise<boolean> {
  try {
    await tell(story, callers, counts)
    return true
  } catch (cause) {
    if (!isCutOff(cause)) throw cause
    counts.cut += 1
    return false
  }
}

async function tell(story: Story, { registrar, assessor }: Callers, counts: Counts): Promise<void> {
  const { learnerId, offeringId, name } = story
  if (!story.awardId) {
    if (!story.enrolled) {
      await mutate(registrar, 'enrol', 'EnrolInput', enrolment(story), 'Enrolment', 'enrolledAt')
      story.enrolled = true
      counts.answered += 1
    }
    const { award } = await mutate<{ award: { id: string } }>(
      assessor,
      'recordAssessment',
      'RecordAssessmentInput',
      { requestId: `${name}-assess`, learnerId, offeringId, scorePercent: 80 },
      'RecordedAssessment',
      'award { id }',
    )
    story.awardId = award.id
    counts.answered += 1
  }
  if (!story.credential) {
    // A fresh offer for each try: the code of a cut-off one may be spent.
    const { claimUrl } = await mutate<{ claimUrl: string }>(
      registrar,
      'offerCredential',
      'OfferCredentialInput',
      {
        requestId: crypto.randomUUID(),
        awardId: story.awardId,
        configurationIds: ['AiSkill_sdjwt'],
        txCodeMode: 'NONE',
      },
      'CredentialOffer',
      'claimUrl',
    )
    story.credential = await story.wallet.collect(claimUrl)
    counts.answered += 1
  }
  if (story.revoke && !story.revoked) {
    await mutate(
      registrar,
      'revokeAward',
      'ChangeAwardStatusInput',
      { requestId: `${name}-revoke`, awardId: story.awardId, reason: 'Drill.' },
      'Award',
      'state',
    )
    story.revoked = true
    counts.answered += 1
  }
}

function enrolment({ name, learnerId, offeringId }: Story) {
  return {
    requestId: `${name}-enrol`,
    learnerId,
    offeringId,
    analyticsConsent: false,
    country: 'LU',
    targetGroup: 'professionals',
    sector: 'manufacturing',
  }
}

// A refusal is an answer, and none is expected here: it must fail the drill. The rest is a broken connection.
function isCutOff(cause: unknown): boolean {
  if (cause instanceof Refused) return false
  return (
    cause instanceof TypeError ||
    (cause instanceof Error && /fetch failed|terminated|socket/.test(cause.message))
  )
}

interface AwardNow {
  state: string
  offers: { id: string }[]
  credentials: { format: string }[]
}

/** Holds the records after the drill against everything that was answered during it. */
export async function expectNothingLost(stories: Story[], { registrar, employer }: Callers): Promise<void> {
  const places = new Set<string>()
  const holders = new Map<string, number>()
  for (const story of stories) {
    if (!story.awardId) throw new Error(`${story.name} never got an answer`)
    const verdict = await verify(employer, story.credential ?? '')
    expect(verdict.outcome, story.name).toBe(await expectedOutcome(story, stories))
    const status = decodeJwt<{ status: { status_list: { uri: string; idx: number } } }>(
      (story.credential ?? '').split('~')[0] ?? '',
    ).status.status_list
    places.add(`${status.uri}#${status.idx}`)
    holders.set(story.awardId, (holders.get(story.awardId) ?? 0) + 1)
  }
  expect(places.size, 'each credential has a status index of its own').toBe(stories.length)

  for (const [awardId, wallets] of holders) {
    const { award } = await registrar<{ award: AwardNow }>(
      'query ($id: ID!) { award(id: $id) { state offers { id } credentials { format } } }',
      { id: awardId },
    )
    expect(award.offers.length, 'no award without its offer').toBeGreaterThan(0)
    // One per wallet that collected: a claim cut off after its commit must not have been issued again.
    expect(award.credentials.length, 'nothing is issued twice to one key').toBe(wallets)
  }
}

async function expectedOutcome({ awardId }: Story, stories: Story[]): Promise<string> {
  return stories.some((story) => story.awardId === awardId && story.revoked) ? 'revoked' : 'valid'
}
