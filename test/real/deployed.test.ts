import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { getListFromStatusListJWT } from '@sd-jwt/jwt-status-list'
import { createClient } from 'graphql-sse'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { memorySkillsGraph } from '#adapters/memory/skills-graph.ts'
import { neo4jSkillsGraph } from '#adapters/neo4j/skills-graph.ts'
import { readSeal } from '#core/edc/read-seal.ts'
import type { AwardId } from '#core/ids.ts'
import { institutionUrl } from '#core/institutions/institution.ts'
import { rebuildSupply, releaseOntology } from '#core/skills/project-graph.ts'
import type { SkillsGraph } from '#core/skills/skills-graph.ts'
import { entrySkills, seedCohort } from '#functions/seed/cohorts.ts'
import { demoInstitutions, northLake } from '#functions/seed/institutions.ts'
import { type SeededOfferings, seedOfferings } from '#functions/seed/offerings.ts'
import { mutate, requestId } from '#test/demo/answers.ts'
import { askPath, enrolIn } from '#test/demo/steps/enrol.ts'
import { askGap, publishSnapshot } from '#test/demo/steps/gap.ts'
import { awardOf, type DemoRun, followPractical, startPractical } from '#test/demo/steps/practical.ts'
import { tamper, verify } from '#test/demo/steps/verify.ts'
import { AwsError } from '#test/deployed/aws/door.ts'
import { type Collector, traceCollector } from '#test/deployed/collector.ts'
import { type CutLine, cutLine } from '#test/deployed/cut-line.ts'
import { type Deployed, deploy, operatorByHand } from '#test/deployed/deploy.ts'
import { attributeOf } from '#test/deployed/names.ts'
import { askAs, claimUrlOf, newLearner, passing } from '#test/deployed/people.ts'
import { type CloudResource, place } from '#test/deployed/read-assembly.ts'
import { type DeployedSite, deployedSite, hintSecret } from '#test/deployed/site.ts'
import { type TestAuthority, testAuthority } from '#test/edc/test-authority.ts'
import type { Ask } from '#test/support/graphql.ts'
import { quickWallet } from '#test/support/quick-wallet.ts'
import { importTwoConcepts, machineLearning, weaving } from '#test/support/two-esco-concepts.ts'
import { emptyNeo4j, neo4jAddress } from './empty-neo4j.ts'

// The cloud assembly of an academy with everything a deployment may have, run: its bundles on DynamoDB Local, Neo4j
// and a Slurm behind the stand-in of FirecREST, each call to AWS held against the policies of who makes it.

let academy: Deployed
let site: DeployedSite
let line: CutLine
let collector: Collector
let authority: TestAuthority
let offerings: SeededOfferings

beforeAll(async () => {
  const dynamodbEndpoint = process.env['DYNAMODB_ENDPOINT']
  if (!dynamodbEndpoint)
    throw new Error('DYNAMODB_ENDPOINT is not set: run this suite by `npm run test:real`')
  await emptyNeo4j()
  line = await cutLine(neo4jAddress().url.replace('bolt://', ''))
  collector = await traceCollector()
  site = await deployedSite()
  authority = testAuthority()
  academy = await deploy({
    dynamodbEndpoint,
    sealKey: 'trust-service',
    edge: true,
    more: {
      sites: [site.entry],
      graph: { engine: 'neo4j', url: `bolt://${line.address}` },
      traces: { collector: collector.url, ratio: 1 },
      liveStreams: 5,
    },
    secrets: {
      SiteTokens: site.secret,
      SealKey: authority.pem(authority.seal('RS256', { qualified: true })),
      GraphLogin: JSON.stringify({ user: 'neo4j', password: 'unused here' }),
    },
  })
  // What the timetable does every minute: without it the institutions are not known yet.
  await academy.tick()
  await academy.inBatches(async (ports) => {
    offerings = await seedOfferings(ports)
  })
}, 240_000)
afterEach(() => {
  academy.aws.fault = undefined
  academy.aws.answered = undefined
  expect(academy.aws.wrongs).toEqual([])
})
afterAll(async () => {
  await academy?.stop()
  await line?.cut()
  site?.close()
  collector?.close()
  authority?.close()
})

/** So many learners of each institution pass the module, well above what is hidden. */
const cohortsPass = (name: string, passed: number): Promise<void> =>
  academy.inBatches(async (ports) => {
    const cohort = { name, sector: slice.sector, targetGroups: ['professionals'] as const, learners: passed }
    const modules = [{ moduleId: 'm-llm-inference', passed }]
    for (const institution of demoInstitutions)
      await seedCohort(institution, { ...cohort, modules }, offerings, ports)
  })
const asNobody = () => askAs(academy, 'an-employer', 'learner')
const sweep = () => academy.tick(({ name }) => name === 'sweep-outbox')
const poll = () => academy.tick(({ name }) => name === 'poll-slurm')
const credentialsOf = (awardId: string) => academy.ports.store.credentialsOfAward(awardId as AwardId)
const undelivered = () => academy.ports.store.pendingEvents(northLake.tag, 100)

/** Of a call whose caller is no more: it is not done either. */
const lost = new AwsError('ServiceUnavailable', 'the caller was killed', { status: 503 })

const zStatus = z.object({
  status: z.object({ status_list: z.object({ uri: z.url(), idx: z.int() }) }),
})

/** Kills a function in the middle of a call, which then is not made. */
function killed(name: string): never {
  academy.function(name).kill()
  throw lost
}

async function collect(
  ask: Ask,
  awardId: string,
  wallet: Awaited<ReturnType<typeof quickWallet>>,
  format?: string,
) {
  return wallet.collect(await claimUrlOf(ask, awardId, format))
}

/** What an operator types, under their own credentials; answers what it says as JSON. */
async function ops(area: string, ...words: string[]): Promise<unknown> {
  const args = ['functions/ops.ts', area, '--deployment', academy.name, '--json', ...words]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: {
      AWS_ENDPOINT_URL: academy.aws.url,
      AWS_REGION: place.region,
      AWS_ACCESS_KEY_ID: operatorByHand,
      AWS_SECRET_ACCESS_KEY: 'not checked here',
    },
  })
  return JSON.parse(stdout)
}

/** Hands a queue to its function until nothing of it is left there, as the time AWS would let pass. */
async function exhaust(name: string): Promise<void> {
  const queueArn = academy.queueArn(name)
  const pump = academy.pumps.find((one) => one.queueArn === queueArn)
  for (let tries = 0; tries < 10 && academy.queues.all(queueArn).length > 0; tries++) {
    academy.queues.release(queueArn)
    await pump?.pump()
  }
  expect(academy.queues.all(queueArn)).toEqual([])
}

/** What everybody else reads of a credential: its entry in the published list. */
async function statusInList(sdJwt: string): Promise<number> {
  const { uri, idx } = zStatus.parse(decodeJwt(sdJwt.split('~')[0] ?? '')).status.status_list
  const answer = await academy.fetch(uri)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/statuslist+jwt'])
  return getListFromStatusListJWT(await answer.text()).getStatus(idx)
}

/** The last figure of a metric that the projector told. */
function told(metric: string): number | undefined {
  const lines = academy.function('projector').output().split('\n')
  const figures = lines.filter((text) => text.includes(`"${metric}"`)).map((text) => JSON.parse(text)[metric])
  return figures.at(-1)
}

/** Whether the supply in Neo4j is what the records say. */
async function expectGraphTrue(): Promise<void> {
  const truth = memorySkillsGraph()
  const graph = neo4jSkillsGraph(neo4jAddress())
  await releaseOntology({ ...academy.ports, graph: truth })
  await rebuildSupply({ ...academy.ports, graph: truth })
  const supply = (of: SkillsGraph) => of.gapSlice('manufacturing', 20_000)
  expect(await supply(graph)).toEqual(await supply(truth))
  await graph.close()
}

test('the catalogue is answered by the bundle that would be deployed, names are found in Neo4j', async () => {
  const ask = await asNobody()
  expect(await ask('{ modules(first: 2) { edges { node { title } } } }')).toMatchObject({
    modules: { edges: [{ node: {} }, { node: {} }] },
  })
  expect(await ask('{ skills(search: "promt enginering") { edges { node { slug } } } }')).toMatchObject({
    skills: { edges: [{ node: { slug: 'prompt-engineering' } }] },
  })
})

test('the runtime client is the one AWS ships, unless another was asked for', () => {
  const genuine = process.env['RIC_CLIENT'] !== undefined && process.env['RUNTIME'] !== 'own'
  expect(academy.function('graphql').client().startsWith('AWS_Lambda_Cpp')).toBe(genuine)
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
  const answer = await academy.fetch(`${academy.publicUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer no.real.token' },
    body: JSON.stringify({ query: '{ viewer { roles } }' }),
  })
  expect(await answer.json()).not.toMatchObject({ data: { viewer: { roles: expect.anything() } } })
})

test('the documents of the issuer name its key', async () => {
  const issuer = institutionUrl(academy.publicUrl, northLake.slug).replace(
    academy.publicUrl,
    `${academy.publicUrl}/.well-known/jwt-vc-issuer`,
  )
  const answer = await academy.fetch(issuer)
  expect(await answer.json()).toMatchObject({ jwks: { keys: [{ kty: 'EC', crv: 'P-256' }] } })
})

/** A sound serving configuration: batches, the cache on, no more precision lost than the outputs bear. */
const configuration = JSON.parse(readFileSync('practicals/inference-throughput/solutions/good.json', 'utf8'))
const slice = { sector: 'manufacturing', role: 'mlops-engineer' }

/** One attempt on the site: rung by the stream, sent by the dispatcher, looked after by the poller. */
async function runPractical(
  ask: Ask,
  offeringId: string,
  atStart: (attemptId: string) => Promise<void>,
): Promise<DemoRun> {
  const attemptId = await startPractical(ask, offeringId, configuration)
  await atStart(attemptId)
  let polling = true
  const looking = (async () => {
    while (polling) await poll()
  })()
  try {
    return await followPractical(ask, attemptId, () => {})
  } finally {
    polling = false
    await looking
  }
}

interface Told {
  state: string
  phases: { phase: string }[]
}
const following = 'subscription ($id: ID!) { practicalRun(id: $id) { state phases { phase } } }'
const progressUrl = () => academy.function('graphql').environment['PROGRESS_URL'] ?? ''

/** What is told of a run by the function's own address, to a client nobody here wrote. */
async function follow(
  token: string,
  id: string,
  { url = progressUrl(), onTold = () => {} }: { url?: string; onTold?: () => void } = {},
): Promise<Told[]> {
  const client = createClient({
    url,
    headers: { authorization: `Bearer ${token}` },
    fetchFn: academy.fetch,
    retryAttempts: 0,
  })
  const told = []
  for await (const { data, errors } of client.iterate<{ practicalRun: Told }>({
    query: following,
    variables: { id },
  })) {
    if (!data) throw new Error(errors?.[0]?.message)
    told.push(data.practicalRun)
    onTold()
  }
  return told
}

test('where runs are followed live nothing else is answered, and nobody unknown', async () => {
  const { learnerId } = await newLearner(academy)
  const id = academy.ports.random.id(northLake.tag, 'att')
  await expect(follow(await academy.login.tokenOf(learnerId, 'learner'), id)).rejects.toThrow(
    /no such record/,
  )
  await expect(follow('no.real.token', id)).rejects.toThrow()
  const answer = await academy.fetch(progressUrl(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ ontology { version } }' }),
  })
  expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'query_refused' } }] })
})

test('whoever passes CloudFront and its firewall by is refused at every door, streams included', async () => {
  const [api] = academy.assembly.ofType('AWS::ApiGatewayV2::Api')
  const [streams] = academy.assembly.ofType('AWS::Lambda::Url')
  const atApi = `https://${api?.name}.execute-api.${place.region}.amazonaws.com`
  const query = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
  const behind: [string, RequestInit?][] = [
    [`${atApi}/graphql`, query],
    [`${atApi}/token`, { method: 'POST' }],
    [`${atApi}/status/1`],
    [`${atApi}/`],
    [`${attributeOf(streams as CloudResource, 'FunctionUrl')}graphql`, query],
  ]
  for (const [address, init] of behind) {
    const answer = await academy.fetchBehind(address, init)
    expect([address, answer.status, await answer.text()]).toEqual([
      address,
      403,
      'Come by the public address of this academy.\n',
    ])
  }
  // Not what the visitor says counts, but what CloudFront puts in its place.
  const own = { headers: { 'x-academy-origin': 'guessed' } }
  expect((await academy.fetch(`${academy.publicUrl}/modules`, own)).status).toBe(200)
  expect(progressUrl()).toBe(`${academy.publicUrl}/graphql/stream`)
})

test('a hint is looked at by the function that has the secret of the site, and followed there', async () => {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const hint = (secret: string, site = 'slurm') =>
    academy.fetch(`${academy.publicUrl}/hooks/sites/${site}`, {
      method: 'POST',
      body: '{}',
      headers: {
        'x-academy-timestamp': timestamp,
        'x-academy-signature': `sha256=${createHmac('sha256', secret).update(`${timestamp}.{}`).digest('hex')}`,
      },
    })
  const wrong = await hint('a secret of somebody else, long enough for it')
  const nowhere = await hint(hintSecret, 'elsewhere')
  expect([wrong.status, nowhere.status]).toEqual([403, 403])
  let asked = 0
  academy.aws.answered = ({ caller, operation }) => {
    if (caller.endsWith('-poller-slurm') && operation === 'dynamodb:Query') asked++
  }
  // The site is asked by another invocation than the one that looked at the hint, which stands here still.
  let went = () => {}
  const standsStill = new Promise<void>((resolve) => {
    went = resolve
  })
  academy.aws.fault = ({ caller, operation }) =>
    caller.endsWith('-poller-slurm') && operation === 'dynamodb:Query' ? standsStill : undefined
  expect((await hint(hintSecret)).status).toBe(202)
  expect(asked).toBe(0)
  went()
  await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(0)
})

test('the whole loop, from a gap to the gap that moves, by the bundles of the assembly', {
  timeout: 400_000,
}, async () => {
  const manager = await askAs(academy, 'mara', 'programme-manager')
  await cohortsPass('first', 14)
  await publishSnapshot(manager)
  const before = await askGap(manager, slice)

  const { learnerId, ask } = await newLearner(
    academy,
    entrySkills(['m-llm-inference'], academy.ports.ontology),
  )
  const path = await askPath(ask, slice)
  expect(path.steps.length).toBeGreaterThan(0)
  const offeringId = await enrolIn(ask, learnerId, 'm-llm-inference', slice.sector)

  const dispatchQueue = academy.pumps.find(({ queueArn }) => queueArn.endsWith('dispatch-slurm'))
  let live: Promise<Told[]> | undefined
  let run = await runPractical(ask, offeringId, async (attemptId) => {
    const token = await academy.login.tokenOf(learnerId, 'learner')
    const heard = Promise.withResolvers<void>()
    live = follow(token, attemptId, { onTold: heard.resolve })
    await heard.promise
    await expect(follow(token, attemptId, { url: `${academy.publicUrl}/graphql` })).rejects.toThrow(
      progressUrl(),
    )
    // The dispatcher is killed before it has written anything; the message comes back, and then comes twice.
    await academy.stream.pump()
    academy.aws.fault = ({ caller, operation }) => {
      if (caller.endsWith('-dispatcher-slurm') && operation === 'dynamodb:TransactWriteItems')
        killed('dispatcher-slurm')
    }
    expect(await dispatchQueue?.pump()).toBe(1)
    academy.aws.fault = undefined
    academy.queues.release(academy.queueArn('dispatch-slurm'))
    expect(await dispatchQueue?.pump(2)).toBe(1)
    expect(academy.queues.all(academy.queueArn('dispatch-slurm'))).toEqual([])
  })
  // As it happened, from the first state to the last, which ended the stream.
  const followed = (await live) ?? []
  expect([followed[0]?.state, followed.at(-1)?.state]).toEqual(['working', run.state])
  expect(new Set(followed.map(({ phases }) => phases.length)).size).toBeGreaterThanOrEqual(3)
  // One job of work and one of grading, whoever was killed and whatever came twice.
  const [attempt] = await academy.ports.store.attemptsOf(learnerId)
  expect(attempt?.runNumber).toBe(2)
  // It is a measurement: on a machine with other work it may take another try.
  for (let tries = 1; run.graded?.outcome === 'failed' && tries < 4; tries++)
    run = await runPractical(ask, offeringId, () => academy.settle())
  expect(run).toMatchObject({
    site: 'slurm',
    state: 'graded',
    recorded: 'assessment',
    graded: { outcome: 'passed', evidence: { environment: 'site' } },
  })
  const log = await ask<{ practicalRun: { log: string | null } }>(
    'query ($id: ID!) { practicalRun(id: $id) { log } }',
    { id: run.id },
  )
  expect(log.practicalRun.log).not.toBeNull()

  await academy.settle()
  const award = await awardOf(ask, 'm-llm-inference')
  const wallet = await quickWallet(academy.fetch)
  const employer = await asNobody()
  const credentials = []
  for (const format of ['AiSkill_sdjwt', 'AiSkill_jwt'])
    credentials.push(await collect(ask, award.id, wallet, format))
  for (const credential of credentials) {
    const { x5c, alg } = decodeProtectedHeader(credential.split('~')[0] ?? '')
    expect(alg).toBe('ES256')
    if (x5c) expect(x5c).toHaveLength(2)
    expect(await verify(employer, credential)).toMatchObject({ verified: true, outcome: 'valid' })
  }
  const [sdJwt = ''] = credentials
  expect(await verify(employer, tamper(sdJwt))).toMatchObject({ verified: false, outcome: 'tampered' })
  const page = await academy.fetch(`${academy.publicUrl}/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ credential: sdJwt }),
  })
  expect(page.status).toBe(200)

  const registrar = await askAs(academy, 'rita', 'registrar')
  const input = { requestId: requestId(), awardId: award.id, reason: 'Demonstration of a revocation.' }
  await mutate(registrar, 'revokeAward', 'ChangeAwardStatusInput', input, 'Award', 'state')
  expect(await verify(employer, sdJwt)).toMatchObject({ verified: false, outcome: 'revoked' })
  await academy.settle()
  expect(await undelivered()).toEqual([])
  expect(await statusInList(sdJwt)).toBe(1)

  // One alone never moves a published number; a cohort does.
  await cohortsPass('next', 14)
  await academy.settle()
  await publishSnapshot(manager)
  const after = await askGap(manager, slice)
  const supply = ({ rows }: typeof after) =>
    rows.flatMap(({ slug, supplyPersonLevels }) =>
      supplyPersonLevels === null ? [] : [[slug, supplyPersonLevels]],
    )
  expect(supply(before)).not.toEqual([])
  expect(supply(after)).not.toEqual(supply(before))
  await expectGraphTrue()
  expect(told('ProjectionLagSeconds')).toBe(0)
})

test('a European credential is sealed with the key of a trust service from its secret, and verifies', async () => {
  const { record } = await passing(academy, offerings)
  const registrar = await askAs(academy, 'rita', 'registrar')
  const { text } = await mutate<{ text: string }>(
    registrar,
    'downloadEdition',
    'DownloadEditionInput',
    { requestId: requestId(), awardId: await record(), edition: 'edc' },
    'EditionFile',
    'text',
  )
  expect(readSeal(text).signatures).toMatchObject([
    { alg: 'RS256', x5c: [expect.any(String), expect.any(String)] },
  ])
  // Asked of another function than the one that sealed, which reads the secret for itself.
  const verdict = await academy.fetch(`${academy.publicUrl}/verify`, { method: 'POST', body: text })
  expect(await verdict.json()).toMatchObject({
    verified: true,
    format: 'edc',
    issuer: { trust: 'institution' },
  })
})

test('ESCO is brought by a command of the operator, and searched by the function of GraphQL and by that of pages', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'academy-esco-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const file = join(dir, 'esco.json')
  importTwoConcepts(file, dir)
  expect(await ops('esco', file)).toMatchObject({ skills: 2, languages: ['en', 'fr'] })
  const ask = await asNobody()
  expect(
    await ask('{ esco { version concepts(search: "apprentissage", language: "fr") { uri } } }'),
  ).toMatchObject({ esco: { version: '1.2.1', concepts: [{ uri: machineLearning }] } })
  const page = await academy.fetch(`${academy.publicUrl}/skills?q=weaving`)
  expect(await page.text()).toContain(weaving)
})

describe('a function that is killed', () => {
  test.each([5, 40])('%i ms into a mutation loses nothing and doubles nothing', async (milliseconds) => {
    const { learnerId, record } = await passing(academy, offerings)
    academy.function('graphql').killInNext(milliseconds)
    const first = await record().catch((error: Error) => error.message)
    const again = await record()
    if (first !== again) expect(first).toContain('was killed')
    expect(await academy.ports.store.awardsOf(learnerId)).toHaveLength(1)
  })

  test.each(['before', 'after'] as const)(
    '%s it has stored a credential, hands it out once when the wallet comes again',
    async (moment) => {
      const { ask, record } = await passing(academy, offerings)
      const awardId = await record()
      const wallet = await quickWallet(academy.fetch)
      let signed = false
      const killWhenStored = ({ caller, operation }: { caller: string; operation: string }) => {
        if (!caller.endsWith('-wallet')) return false
        signed ||= operation === 'kms:Sign' && credentialAsked
        if (!signed || operation !== 'dynamodb:TransactWriteItems') return false
        academy.function('wallet').kill()
        return true
      }
      let credentialAsked = false
      const through: typeof fetch = (target, init) => {
        credentialAsked ||= new Request(target).url.endsWith('/credential')
        return academy.fetch(target, init)
      }
      if (moment === 'before') {
        academy.aws.fault = (call) => {
          if (killWhenStored(call)) throw lost
        }
      } else academy.aws.answered = killWhenStored
      const interrupted = await quickWallet(through)
      await expect(collect(ask, awardId, { ...interrupted })).rejects.toThrow('was killed')
      academy.aws.fault = undefined
      academy.aws.answered = undefined
      expect(await credentialsOf(awardId)).toHaveLength(moment === 'before' ? 0 : 1)
      await collect(ask, awardId, interrupted)
      expect(await credentialsOf(awardId)).toHaveLength(1)
      await collect(ask, awardId, wallet)
      expect(await credentialsOf(awardId)).toHaveLength(2)
    },
  )

  test('while it tells of events leaves them to the next, which finds the outbox free again', async () => {
    const { record } = await passing(academy, offerings)
    await record()
    academy.aws.answered = ({ caller, operation }) => {
      if (caller.endsWith('-projector') && operation === 'dynamodb:TransactWriteItems')
        academy.function('projector').kill()
    }
    await sweep()
    academy.aws.answered = undefined
    expect(await undelivered()).not.toEqual([])
    await academy.forgetHolds()
    await academy.settle()
    await sweep()
    expect(await undelivered()).toEqual([])
    await expectGraphTrue()
  })
})

test('a batch of the stream that comes twice, backwards and late changes nothing that was told', async () => {
  const { record } = await passing(academy, offerings)
  const awardId = await record()
  const registrar = await askAs(academy, 'rita', 'registrar')
  for (const [action, reason] of [
    ['suspendAward', 'Under review for a while.'],
    ['reinstateAward', 'The review found nothing.'],
    ['revokeAward', 'The review found something.'],
  ] as const) {
    const input = { requestId: requestId(), awardId, reason }
    await mutate(registrar, action, 'ChangeAwardStatusInput', input, 'Award', 'state')
  }
  await academy.stream.pump((batch) => [batch.toReversed(), batch, batch.toReversed()])
  await academy.settle()
  expect(await undelivered()).toEqual([])
  await expectGraphTrue()
})

test('what the stream could not deliver is put aside, and told when the operator says so', async () => {
  const { record } = await passing(academy, offerings)
  await academy.settle()
  await record()
  academy.aws.fault = ({ caller }) => {
    if (caller.endsWith('-projector'))
      throw new AwsError('ItemCollectionSizeLimitExceededException', 'We are ill')
  }
  await academy.stream.pump()
  academy.aws.fault = undefined
  const dead = academy.queues.all(academy.queueArn('events-dead')).length
  expect(dead).toBeGreaterThan(0)
  expect(await undelivered()).not.toEqual([])
  expect(await ops('replay')).toMatchObject({ counts: { events: dead } })
  expect(academy.queues.all(academy.queueArn('events-dead'))).toEqual([])
  expect(await undelivered()).toEqual([])
})

/** A cut that is this long is no hiccup any more. */
const cutMs = 60_000

describe('a service that is slow or away', () => {
  let cutAt = 0
  let credential = ''

  // It stays away for a minute while the others are slow: nobody else is to notice.
  test('Neo4j goes: everybody else hears of a revocation, and the lag is told', async () => {
    const { ask, record } = await passing(academy, offerings)
    const awardId = await record()
    credential = await collect(ask, awardId, await quickWallet(academy.fetch))
    await academy.settle()
    await line.cut()
    cutAt = Date.now()
    const registrar = await askAs(academy, 'rita', 'registrar')
    const input = { requestId: requestId(), awardId, reason: 'Revoked while the graph is away.' }
    await mutate(registrar, 'revokeAward', 'ChangeAwardStatusInput', input, 'Award', 'state')
    await pause(1500)
    await sweep()
    expect(told('GraphLagSeconds')).toBeGreaterThanOrEqual(1)
    expect(told('StatusListLagSeconds')).toBe(0)
    expect(await undelivered()).toHaveLength(1)
    expect(await verify(await asNobody(), credential)).toMatchObject({ outcome: 'revoked' })
  })

  test('KMS throttled now and then: the SDK asks again, and nobody notices', async () => {
    const { ask, record } = await passing(academy, offerings)
    const awardId = await record()
    const wallet = await quickWallet(academy.fetch)
    let failed = 0
    academy.aws.fault = ({ operation }) => {
      if (operation === 'kms:Sign' && failed++ < 2) throw new AwsError('ThrottlingException', 'Rate exceeded')
    }
    await collect(ask, awardId, wallet)
    expect(failed).toBeGreaterThanOrEqual(3)
    expect(await credentialsOf(awardId)).toHaveLength(1)
  })

  test('KMS throttled for long: nothing is issued and the operators hear of it; afterwards one credential is', async () => {
    const { ask, record } = await passing(academy, offerings)
    const awardId = await record()
    const wallet = await quickWallet(academy.fetch)
    academy.aws.fault = ({ operation }) => {
      if (operation === 'kms:Sign') throw new AwsError('ThrottlingException', 'Rate exceeded')
    }
    await expect(collect(ask, awardId, wallet)).rejects.toThrow()
    academy.aws.fault = undefined
    expect(academy.function('wallet').output()).toContain('"SigningErrorsCount":1')
    expect(await credentialsOf(awardId)).toEqual([])
    await collect(ask, awardId, wallet)
    expect(await credentialsOf(awardId)).toHaveLength(1)
  })

  test('DynamoDB throttled at every read and in conflict at a write: it is asked again, and all is done once', async () => {
    const { learnerId, record } = await passing(academy, offerings)
    const failed = new Map<string, number>()
    academy.aws.fault = ({ caller, operation, needs }) => {
      const count = failed.get(operation) ?? 0
      if (!caller.endsWith('-graphql') || !operation.startsWith('dynamodb:') || count >= 2) return
      failed.set(operation, count + 1)
      if (operation !== 'dynamodb:TransactWriteItems' || count === 0)
        throw new AwsError('ProvisionedThroughputExceededException', 'Slow down')
      const CancellationReasons = needs.map((_need, at) => ({
        Code: at === 0 ? 'TransactionConflict' : 'None',
      }))
      throw new AwsError('TransactionCanceledException', 'Transaction cancelled', { CancellationReasons })
    }
    const awardId = await record()
    expect([...failed.values()]).toEqual([...failed.keys()].map(() => 2))
    expect(failed.get('dynamodb:TransactWriteItems')).toBe(2)
    expect(failed.size).toBeGreaterThanOrEqual(2)
    expect((await academy.ports.store.awardsOf(learnerId)).map(({ id }) => id)).toEqual([awardId])
  })

  test('what could not be done five times is put aside, and done when the operator says so', async () => {
    const { learnerId } = await newLearner(academy)
    academy.queues.send(academy.queueArn('erasure'), JSON.stringify({ learnerId }))
    academy.queues.send(academy.queueArn('erasure'), 'poison')
    academy.aws.fault = ({ caller }) => {
      if (caller.endsWith('-erasure')) throw new AwsError('InternalError', 'We are ill', { status: 500 })
    }
    await exhaust('erasure')
    academy.aws.fault = undefined
    expect(academy.queues.all(academy.queueArn('erasure-dead'))).toHaveLength(2)
    expect(await ops('replay', '--dry-run')).toMatchObject({ counts: { erasure: 2, bulk: 0 } })
    const written: string[] = []
    academy.aws.answered = ({ operation, needs }) => {
      if (operation === 's3:PutObject') written.push(...needs.map(({ resource }) => resource))
    }
    await ops('replay')
    await exhaust('erasure')
    expect(written.filter((name) => name.endsWith(`/erasures/${learnerId}`))).toHaveLength(1)
    // The one is done; the other is no better than it was.
    expect(academy.queues.all(academy.queueArn('erasure-dead')).map(({ body }) => body)).toEqual(['poison'])
  })

  test('Neo4j comes back after a minute: the lag says how long it was, and all of it is made up for', {
    timeout: cutMs + 60_000,
  }, async () => {
    await pause(Math.max(0, cutAt + cutMs - Date.now()))
    await sweep()
    expect(told('GraphLagSeconds')).toBeGreaterThanOrEqual(cutMs / 1000)
    expect(told('ProjectionLagSeconds')).toBe(told('GraphLagSeconds'))
    expect(told('StatusListLagSeconds')).toBe(0)
    await line.mend()
    await academy.settle()
    await sweep()
    expect(told('GraphLagSeconds')).toBe(0)
    expect(await undelivered()).toEqual([])
    await expectGraphTrue()
  })
})

test('the graph is made anew from the records by one command of the operator', async () => {
  await emptyNeo4j()
  await ops('rebuild')
  await expectGraphTrue()
})

test('every function of the stacks exports what it traced', async () => {
  await academy.tick()
  const names = academy.assembly.ofType('AWS::Lambda::Function').map(({ name }) => name)
  expect(names.filter((name) => !collector.steps.has(name))).toEqual([`${academy.name}-painter`])
  expect(collector.steps.get(`${academy.name}-projector`)).toContain('deliver graph')
})

test('nothing the functions wrote or traced holds a name, an address or a token', async () => {
  const names = academy.assembly.ofType('AWS::Lambda::Function').map(({ name }) => name)
  for (const name of names) {
    const written = academy.function(name.slice(academy.name.length + 1)).output()
    expect(written).not.toMatch(/Ada|@example\.org|eyJ|secret-of/)
  }
  expect(collector.received()).not.toMatch(/Ada|@example\.org|eyJ|secret-of/)
  expect(academy.function('projector').output()).toContain('mail-not-sent')
})
