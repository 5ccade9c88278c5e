import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { parseArgs } from 'node:util'
import { credentialConfigurations } from '#core/credentials/offer.ts'

const usage = `npm run offer -- [--format dc+sd-jwt|jwt_vc_json] [--tx-code 123456] [--server URL] [--ca FILE]

Makes a fresh credential offer on a running server and prints its link as the last line.
  --format   one format; both when absent
  --tx-code  4 to 10 digits the wallet must ask for; none when absent
  --server   default: PUBLIC_URL, else http://127.0.0.1:$PORT, else http://127.0.0.1:4000
  --ca       certificate to trust, for a server with one of its own (PEM)`

/** `npm run offer`: for anyone who wants to point a wallet at a local academy. Uses only its public doors. */
async function main(): Promise<string[]> {
  const { values } = parseArgs({
    options: {
      format: { type: 'string' },
      'tx-code': { type: 'string' },
      server: { type: 'string' },
      ca: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return [usage]
  if (values.ca !== undefined) {
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(values.ca, 'utf8')])
  }
  const { PUBLIC_URL: publicUrl, PORT: port } = process.env
  const server = (values.server ?? (publicUrl || `http://127.0.0.1:${port || 4000}`)).replace(/\/$/, '')
  const configurationIds = configurationsOf(values.format)
  const awardId = (await findAward(server)) ?? (await makeAward(server))
  const txCode = values['tx-code']
  const offer = await mutate(
    server,
    'registrar',
    'offerCredential',
    'OfferCredentialInput',
    '... on CredentialOffer { id claimUrl }',
    {
      requestId: randomUUID(),
      awardId,
      configurationIds,
      ...(txCode === undefined ? { txCodeMode: 'NONE' } : { txCodeMode: 'GIVEN', txCode }),
    },
  )
  const claimUrl = String(offer['claimUrl'])
  // The code is made when the claim page is opened; the page carries the link.
  const page = await (await request(claimUrl)).text()
  const link = /openid-credential-offer:\/\/[^"'<>\s]+/.exec(page)?.[0]?.replaceAll('&amp;', '&')
  if (!link) throw new Error('the claim page shows no wallet link')
  return [`claim page: ${claimUrl}`, ...(txCode === undefined ? [] : [`transaction code: ${txCode}`]), link]
}

function configurationsOf(format: string | undefined): string[] {
  const all = Object.entries(credentialConfigurations)
  const chosen = all.filter(([, known]) => format === undefined || known === format)
  if (chosen.length === 0)
    throw new Error(`--format must be one of ${all.map(([, known]) => known).join(', ')}`)
  return chosen.map(([id]) => id)
}

/** A valid award of the account `learner`. */
async function findAward(server: string): Promise<string | undefined> {
  const { awards } = await ask(server, 'learner', '{ awards(first: 20) { edges { node { id state } } } }')
  const { edges } = awards as { edges: { node: { id: string; state: string } }[] }
  return edges.find(({ node }) => node.state.toLowerCase() === 'valid')?.node.id
}

/** Enrols the account `learner` in a module without entry skills and records a pass. Sent again, it changes nothing. */
async function makeAward(server: string): Promise<string> {
  const found = await ask(
    server,
    'learner',
    '{ viewer { learner { id } } offerings(first: 40) { edges { node { id module { assessedByRun entry { level } } } } } }',
  )
  const { learner } = found['viewer'] as { learner: { id: string } | null }
  const { edges } = found['offerings'] as {
    edges: { node: { id: string; module: { assessedByRun: boolean; entry: unknown[] } } }[]
  }
  const open = edges.find(({ node }) => !node.module.assessedByRun && node.module.entry.length === 0)
  if (!learner || !open) throw new Error('the server has no learner or no offering without entry skills')
  const about = { learnerId: learner.id, offeringId: open.node.id }
  await mutate(server, 'learner', 'enrol', 'EnrolInput', '... on Enrolment { enrolledAt }', {
    ...about,
    requestId: 'npm-run-offer-enrol',
    analyticsConsent: false,
    country: 'LU',
    targetGroup: 'general_public',
    sector: 'manufacturing',
  })
  const recorded = await mutate(
    server,
    'assessor',
    'recordAssessment',
    'RecordAssessmentInput',
    '... on RecordedAssessment { award { id } }',
    { ...about, requestId: 'npm-run-offer-assess', scorePercent: 90 },
  )
  return (recorded['award'] as { id: string }).id
}

async function mutate(
  server: string,
  account: string,
  name: string,
  inputType: string,
  fields: string,
  input: object,
): Promise<Record<string, unknown>> {
  const query = `mutation ($input: ${inputType}!) { answer: ${name}(input: $input) { __typename ${fields} ... on Refusal { code message } } }`
  const { answer } = (await ask(server, account, query, { input })) as { answer: Record<string, unknown> }
  if (answer['__typename'] === 'Refusal') {
    throw new Error([name, answer['code'], answer['message']].map(String).join(': '))
  }
  return answer
}

async function ask(
  server: string,
  account: string,
  query: string,
  variables: object = {},
): Promise<Record<string, unknown>> {
  const response = await request(`${server}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await tokenOf(server, account)}`,
    },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as {
    data?: Record<string, unknown>
    errors?: { message: string }[]
  }
  if (!data || errors) throw new Error(errors?.map(({ message }) => message).join('; ') ?? 'no answer')
  return data
}

const tokens = new Map<string, string>()

async function tokenOf(server: string, account: string): Promise<string> {
  const known = tokens.get(account)
  if (known) return known
  const token = (await (await request(`${server}/dev/token?as=${account}`)).text()).trim()
  tokens.set(account, token)
  return token
}

async function request(url: string, init?: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, init)
  } catch (cause) {
    throw new Error(`${new URL(url).origin} cannot be reached; is the server running there?`, { cause })
  }
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}`)
  return response
}

main().then(
  (lines) => process.stdout.write(`${lines.join('\n')}\n`),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  },
)
