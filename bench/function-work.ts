import { readFileSync } from 'node:fs'
import { decodeJwt } from 'jose'
import type { BadgeContent } from '#core/badges/badge.ts'
import type { LearnerId } from '#core/ids.ts'
import { entrySkills } from '#functions/seed/cohorts.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { offeringName, type SeededOfferings, seedOfferings } from '#functions/seed/offerings.ts'
import { hintSignature } from '#http/hint-signature.ts'
import { mutate, requestId } from '#test/demo/answers.ts'
import { enrolIn } from '#test/demo/steps/enrol.ts'
import { startPractical } from '#test/demo/steps/practical.ts'
import type { Deployed } from '#test/deployed/deploy.ts'
import { askAs, claimUrlOf, newLearner, passing } from '#test/deployed/people.ts'
import { quickWallet } from '#test/support/quick-wallet.ts'
import type { Entry } from '../infra/functions.ts'
import { hintSecret } from './site-on-paper.ts'

/** What one function is asked, again and again. `prepare` is not timed; what it answers is what is then asked. */
export interface Work {
  what: string
  prepare?: () => Promise<unknown>
  ask: (prepared: unknown) => Promise<unknown>
}

const moduleOfPractical = 'm-llm-inference'
const following = 'subscription ($id: ID!) { practicalRun(id: $id) { state } }'

/** One piece of work for each function, as common as can be; `site` is the name of the one site. */
export async function functionWork(academy: Deployed, site: string): Promise<Record<Entry, Work>> {
  let offerings: SeededOfferings | undefined
  await academy.inBatches(async (ports) => {
    offerings = await seedOfferings(ports)
  })
  const seeded = offerings ?? new Map()
  const registrar = await askAs(academy, 'rita', 'registrar')
  const wallet = await quickWallet(academy.fetch)
  const get = async (path: string) => expectOk(await academy.fetch(`${academy.publicUrl}${path}`))
  const give = (entry: string, event: object) => academy.function(entry).invoke(event)
  const message = (body: object) => ({ Records: [{ messageId: 'one', body: JSON.stringify(body) }] })

  const started = async () => {
    const learner = await newLearner(academy, entrySkills([moduleOfPractical], academy.ports.ontology))
    const offering = await enrolIn(learner.ask, learner.learnerId, moduleOfPractical, 'manufacturing')
    const id = await startPractical(learner.ask, offering, configuration)
    return { ...learner, id, token: await academy.login.tokenOf(learner.learnerId, 'learner') }
  }
  const offered = async () => {
    const { ask, record } = await passing(academy, seeded)
    return claimUrlOf(ask, await record())
  }
  const signed = await wallet.collect(await offered())
  const ended = await started()
  const stop = { requestId: requestId(), id: ended.id }
  await mutate(ended.ask, 'cancelPractical', 'CancelPracticalInput', stop, 'PracticalRun', 'state')
  await academy.settle()

  return {
    graphql: {
      what: 'five modules of the catalogue',
      ask: () => askGraph(academy, '{ modules(first: 5) { edges { node { title } } } }'),
    },
    progress: {
      what: 'a run that has ended, followed to its end',
      ask: () => follow(academy, ended),
    },
    wallet: {
      what: 'a credential collected: page, offer, token, nonce, credential',
      prepare: offered,
      ask: (url) => wallet.collect(String(url)),
    },
    pages: { what: 'the page of the modules', ask: () => get('/modules') },
    'status-lists': { what: 'the list of a credential, signed', ask: () => get(listPathOf(signed)) },
    painter: { what: 'a badge', ask: () => give('painter', { paint: 'badge-svg', badge }) },
    projector: {
      what: 'an award told to everybody',
      prepare: async () => (await passing(academy, seeded)).record(),
      ask: () => give('projector', {}),
    },
    erasure: {
      what: 'what a learner left in files and at sites',
      prepare: () => newLearner(academy),
      ask: (learner) => give('erasure', message({ learnerId: (learner as { learnerId: string }).learnerId })),
    },
    'bulk-issuer': {
      what: 'a job of one row, read, checked and done',
      prepare: async () => {
        const { learnerId } = await passing(academy, seeded)
        const offeringId = seeded.get(offeringName(northLake, 'm-ai-for-everyone'))
        const input = { requestId: requestId(), offeringId, csv: `learner,score\n${learnerId},90\n` }
        await mutate(registrar, 'startBulkIssue', 'StartBulkIssueInput', input, 'BulkJob', 'id')
        return learnerId
      },
      async ask(learnerId) {
        await give('bulk-issuer', {})
        const [award] = await academy.ports.store.awardsOf(learnerId as LearnerId)
        if (!award) throw new Error('a row was not done')
      },
    },
    dispatcher: {
      what: 'a practical sent to a site',
      prepare: started,
      ask: () => give(`dispatcher-${site}`, message({})),
    },
    poller: {
      what: 'a hint checked, and the jobs of a site listed',
      ask: () => give(`poller-${site}`, hint()),
    },
    snapshot: {
      what: 'whether one is due; building one is `bench -- snapshot`',
      ask: () => give('snapshot', {}),
    },
    operator: { what: 'what is put aside', ask: () => give('operator', { do: 'parked' }) },
  }
}

const configuration = JSON.parse(readFileSync('practicals/inference-throughput/solutions/good.json', 'utf8'))

const badge: BadgeContent = {
  language: 'en',
  title: 'Serving language models',
  institution: northLake.name.en,
  facts: 'EQF 6 · 2 ECTS',
  level: 3,
  levelName: 'Proficient',
  assurance: 'A key of the deployment',
  hue: 200,
}

async function askGraph(academy: Deployed, query: string): Promise<void> {
  const answer = await academy.fetch(`${academy.publicUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { errors } = (await answer.json()) as { errors?: unknown }
  if (errors) throw new Error('a query was refused')
}

async function follow(academy: Deployed, { id, token }: { id: string; token: string }): Promise<void> {
  const url = academy.function('graphql').environment['PROGRESS_URL'] ?? ''
  const answer = await academy.fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query: following, variables: { id } }),
  })
  if (!(await answer.text()).includes('"practicalRun":{"state"')) throw new Error('a run was not told')
}

/** Of the status list a credential is in. */
function listPathOf(sdJwt: string): string {
  const { status } = decodeJwt<{ status: { status_list: { uri: string } } }>(sdJwt.split('~')[0] ?? '')
  return new URL(status.status_list.uri).pathname
}

function hint(): object {
  const said = { timestamp: String(Math.floor(Date.now() / 1000)), body: '{}' }
  return { ask: 'hint', ...said, signature: hintSignature(said, hintSecret) }
}

function expectOk(answer: Response): void {
  if (answer.status !== 200) throw new Error(`a request was answered with ${answer.status}`)
}
