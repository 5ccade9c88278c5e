import { decodeProtectedHeader } from 'jose'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { systemRandom } from '#adapters/node-platform/random.ts'
import type { LearnerId, OfferingId } from '#core/ids.ts'
import { institutionUrl } from '#core/institutions/institution.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { type Deployed, deploy } from '#test/deployed/deploy.ts'
import { quickWallet } from '#test/support/quick-wallet.ts'

let academy: Deployed
beforeAll(async () => {
  const dynamodbEndpoint = process.env['DYNAMODB_ENDPOINT']
  if (!dynamodbEndpoint)
    throw new Error('DYNAMODB_ENDPOINT is not set: run this suite by `npm run test:real`')
  academy = await deploy({ dynamodbEndpoint })
  // What the timetable does every minute: without it the institutions are not known yet.
  await academy.tick()
})
afterEach(() => expect(academy.aws.wrongs).toEqual([]))
afterAll(() => academy?.stop())

/** A learner in an offering, as an institution would have them. */
async function enrolled(): Promise<{ learnerId: LearnerId; offeringId: OfferingId }> {
  const { store } = academy
  const tenant = northLake.tag
  const learnerId = systemRandom.id(tenant, 'lrn')
  const offeringId = systemRandom.id(tenant, 'ofg')
  const request = (operation: string) => ({
    tenant,
    operation,
    requestId: `deployed-${operation}-${learnerId.slice(-8)}`,
    inputHash: '0'.repeat(64),
  })
  const person = { givenName: 'Ada', familyName: 'Example', email: 'ada@example.org' }
  await store.saveLearnerOnce(learnerId, { id: learnerId, tenant, rev: 0, person, recognisedSkills: [] })
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)
  await store.saveOfferingOnce(request('offering'), {
    id: offeringId,
    tenant,
    moduleId: moduleWithoutEntry(),
    startsOn: day(-10),
    endsOn: day(10),
    language: 'en',
    seats: 10,
    allowsLocalEvidence: false,
  })
  await store.saveEnrolmentOnce(request('enrolment'), {
    learnerId,
    offeringId,
    enrolledAt: new Date(),
    analyticsConsent: false,
    purpose: 'skills-gap-statistics',
    country: 'LU',
    targetGroup: 'professionals',
    sector: 'manufacturing',
  })
  return { learnerId, offeringId }
}

/** A pass, recorded by an assessor. Asked twice, it is the same request. */
async function record(learnerId: LearnerId, offeringId: OfferingId): Promise<unknown> {
  return graphql(
    `mutation ($input: RecordAssessmentInput!) { recordAssessment(input: $input) {
      ... on RecordedAssessment { award { id } } ... on Refusal { code message } } }`,
    { input: { requestId: `deployed-${learnerId.slice(-8)}`, learnerId, offeringId, scorePercent: 85 } },
    await academy.login.tokenOf('grace', 'assessor'),
  )
}

/** A fresh offer without a code, asked for by the learner. */
async function offer(learnerId: LearnerId, awardId: string): Promise<unknown> {
  return graphql(
    `mutation ($input: OfferCredentialInput!) { offerCredential(input: $input) {
      ... on CredentialOffer { claimUrl } ... on Refusal { code message } } }`,
    { input: { requestId: `deployed-offer-${learnerId.slice(-8)}`, awardId, txCodeMode: 'NONE' } },
    await academy.login.tokenOf(learnerId, 'learner'),
  )
}

const zRecorded = z.object({
  data: z.object({ recordAssessment: z.object({ award: z.object({ id: z.string() }) }) }),
})
const zOffered = z.object({ data: z.object({ offerCredential: z.object({ claimUrl: z.url() }) }) })

function moduleWithoutEntry(): string {
  const found = [...loadOntology().modules.values()].find(({ entry }) => entry.length === 0)
  if (!found) throw new Error('the ontology has no module without entry skills')
  return found.id
}

async function graphql(query: string, variables: object = {}, token?: string): Promise<unknown> {
  const answer = await academy.fetch(`${academy.publicUrl}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  })
  return answer.json()
}

test('the catalogue is answered by the bundle that would be deployed', async () => {
  expect(await graphql('{ modules(first: 2) { edges { node { title } } } }')).toMatchObject({
    data: { modules: { edges: [{ node: {} }, { node: {} }] } },
  })
})

test('a page comes with its style and is not the answer of another function', async () => {
  const page = await academy.fetch(`${academy.publicUrl}/modules`, { headers: { accept: 'text/html' } })
  expect(page.status).toBe(200)
  const html = await page.text()
  const style = /href="(\/static\/style\.css[^"]*)"/.exec(html)?.[1] ?? ''
  const sheet = await academy.fetch(`${academy.publicUrl}${style}`)
  expect(sheet.headers.get('content-type')).toMatch(/^text\/css/)
})

test('a token of no registered issuer is refused', async () => {
  expect(await graphql('{ viewer { roles } }', {}, 'no.real.token')).not.toMatchObject({
    data: { viewer: { roles: expect.anything() } },
  })
})

test('a pass recorded over GraphQL becomes a credential in a wallet, signed in KMS', async () => {
  const { learnerId, offeringId } = await enrolled()
  const recorded = zRecorded.parse(await record(learnerId, offeringId))
  const awardId = recorded.data.recordAssessment.award.id
  const { claimUrl } = zOffered.parse(await offer(learnerId, awardId)).data.offerCredential
  const wallet = await quickWallet(academy.fetch)
  const credential = await wallet.collect(claimUrl)
  const { x5c, alg } = decodeProtectedHeader(credential.split('~')[0] ?? '')
  expect({ alg, certificates: x5c?.length }).toEqual({ alg: 'ES256', certificates: 2 })
  const verify = 'query ($credential: String!) { verifyCredential(credential: $credential) { outcome } }'
  expect(await graphql(verify, { credential })).toEqual({ data: { verifyCredential: { outcome: 'valid' } } })
  const signed = academy.aws.calls.filter(
    ({ action, caller }) => action === 'kms:Sign' && caller.endsWith('-wallet'),
  )
  expect(signed.length).toBeGreaterThan(0)

  await academy.settle()
  const waiting = await academy.store.pendingEvents(northLake.tag, 100)
  expect(waiting.filter((event) => event.learnerId === learnerId)).toEqual([])
})

test('the documents of the issuer name its key', async () => {
  const issuer = institutionUrl(academy.publicUrl, northLake.slug).replace(
    academy.publicUrl,
    `${academy.publicUrl}/.well-known/jwt-vc-issuer`,
  )
  const answer = await academy.fetch(issuer)
  expect(await answer.json()).toMatchObject({ jwks: { keys: [{ kty: 'EC', crv: 'P-256' }] } })
})

test.each([1, 5, 15, 40])(
  'a function killed %i ms into a mutation loses nothing and doubles nothing',
  async (milliseconds) => {
    const { learnerId, offeringId } = await enrolled()
    academy.function('graphql').killInNext(milliseconds)
    const first = await record(learnerId, offeringId).catch((error: Error) => error.message)
    const again = zRecorded.parse(await record(learnerId, offeringId))
    if (typeof first !== 'string') expect(first).toEqual(again)
    else expect(first).toContain('was killed')
    const awards = await academy.store.awardsOf(learnerId)
    expect(awards).toHaveLength(1)
  },
)

test('nothing the functions wrote holds a name, an address or a token', async () => {
  for (const name of ['graphql', 'wallet', 'pages', 'projector']) {
    expect(academy.function(name).output()).not.toMatch(/Ada|@example\.org|eyJ/)
  }
  expect(academy.function('projector').output()).toContain('mail-not-sent')
})
