import { demoAccounts } from '#adapters/oidc/demo-accounts.ts'
import { recordAssessment } from '#core/assessments/record-assessment.ts'
import type { Award } from '#core/awards/award.ts'
import type { CredentialOffer } from '#core/credentials/offer.ts'
import type { Institution } from '#core/institutions/institution.ts'
import type { Learner } from '#core/learners/learner.ts'
import type { Offering } from '#core/offerings/offering.ts'
import type { Attempt } from '#core/practicals/attempt.ts'
import { firstBudget, reserve } from '#core/practicals/attempt-budget.ts'
import type { Run } from '#core/practicals/run.ts'
import { type Academy, academy } from '#test/edge/academy.ts'
import type { World } from '#test/support/world.ts'

/** Everything of one learner that a caller might reach for. */
export interface Belongings {
  learner: Learner
  offering: Offering
  /** One the learner is not enrolled in. */
  freeOffering: Offering
  /** One the learner is enrolled in, without a result yet. */
  openOffering: Offering
  award: Award
  offer: CredentialOffer
  attempt: Attempt
}

export interface Cast extends Academy {
  /** Of the account `learner`, and of `learner2` at the same institution. */
  own: Belongings
  colleague: Belongings
  /** Of a learner at the institution of `registrar-b`. */
  foreign: Belongings
  /** Of one more learner of that institution, whom no account belongs to. */
  another(side: 'own' | 'foreign'): Promise<Belongings>
}

export const accounts = demoAccounts.map(({ account }) => account)

/** The academy with two learners of one institution and one of another, each with an award and an open offer. */
export async function cast(): Promise<Cast> {
  const edge = await academy()
  const { northLake, institutDuPort } = edge.ports.institutions
  return {
    ...edge,
    own: await belongings(edge.ports, northLake, 'learner'),
    colleague: await belongings(edge.ports, northLake, 'learner2'),
    foreign: await belongings(edge.ports, institutDuPort, 'somebody-else'),
    another: (side) =>
      belongings(edge.ports, side === 'own' ? northLake : institutDuPort, edge.ports.requestId()),
  }
}

async function belongings(ports: World, { tag: tenant }: Institution, subject: string): Promise<Belongings> {
  const learner = await ports.store.saveLearnerOnce(subject, {
    id: ports.random.id(tenant, 'lrn'),
    tenant,
    rev: 0,
    person: { givenName: 'Given', familyName: 'Family', email: `${subject}@example.org` },
    recognisedSkills: [],
  })
  const offering = await ports.offering({ tenant })
  const openOffering = await ports.offering({ tenant })
  const freeOffering = await ports.offering({ tenant })
  await ports.enrolment(learner.id, offering)
  await ports.enrolment(learner.id, openOffering)
  const { award, offer } = await recordAssessment(
    ports.actor('assessor', { tenant }),
    { requestId: ports.requestId(), learnerId: learner.id, offeringId: offering.id, scorePercent: 90 },
    ports,
  )
  if (!award || !offer) throw new Error('90 percent is a pass')
  const attempt = await attemptOf(
    learner,
    await ports.offering({ tenant, moduleId: 'm-llm-inference' }),
    ports,
  )
  return { learner, offering, openOffering, freeOffering, award, offer, attempt }
}

/** A live attempt as the store keeps it; who may see and stop it does not depend on what it runs. */
async function attemptOf(learner: Learner, offering: Offering, ports: World): Promise<Attempt> {
  const { tenant } = learner
  const now = ports.clock.now()
  const practical = ports.practicals.find('inference-throughput')
  if (!practical) throw new Error('the practical is not shipped')
  const id = ports.random.id(tenant, 'att')
  const run: Run = {
    id: ports.random.id(tenant, 'run'),
    attemptId: id,
    stage: 'work',
    number: 1,
    try: 1,
    key: `ska-${id.slice(-24)}`,
    nonce: 'nonce',
    wallSeconds: 60,
    pendingSeconds: 86_400,
    createdAt: now,
    version: 1,
    state: 'CREATED',
    notBefore: now,
  }
  const budget = firstBudget(practical, now)
  const attempt: Attempt = {
    id,
    tenant,
    learnerId: learner.id,
    offeringId: offering.id,
    moduleId: offering.moduleId,
    practical: { id: practical.id, version: practical.version, specHash: practical.specHash },
    site: 'local',
    partition: 'local',
    budget,
    configuration: practical.exampleFor(0),
    createdAt: now,
    runId: run.id,
    runNumber: 1,
    phases: [{ phase: 'created', at: now }],
    steps: 1,
    version: 1,
    state: 'working',
    nextAt: now,
  }
  const request = ports.request('startPractical', tenant)
  return ports.store.saveAttemptOnce(request, attempt, run, reserve(attempt, budget, {}))
}

/** Ids of the right form that name nothing, at the same institution as `like`. */
export function nothingLike(like: Belongings, ports: World): Belongings {
  const { tenant } = like.learner
  const { random } = ports
  const offering = () => ({ ...like.offering, id: random.id(tenant, 'ofg') })
  return {
    learner: { ...like.learner, id: random.id(tenant, 'lrn') },
    offering: offering(),
    openOffering: offering(),
    freeOffering: offering(),
    award: { ...like.award, id: random.id(tenant, 'awd') },
    offer: { ...like.offer, id: random.id(tenant, 'ofr') },
    attempt: { ...like.attempt, id: random.id(tenant, 'att') },
  }
}
