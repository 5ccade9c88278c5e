import { expect, test } from 'vitest'
import { academy, requestIdOf } from '#test/edge/academy.ts'

test('coverage compares what a role asks for with what the catalogue teaches', async () => {
  const { graphql, ports } = await academy()
  const { data, errors } = await graphql(
    '{ portfolioCoverage(role: "ai-engineer") { coveredCount coveredPercent rows { slug level taughtTo covered modules { slug } } } }',
  )
  expect(errors).toBeUndefined()
  const { rows, coveredCount } = (data as never as Coverage).portfolioCoverage
  expect(rows.length).toBe(ports.ontology.roles.get('ai-engineer')?.skills.length)
  expect(rows.filter(({ covered }) => covered).length).toBe(coveredCount)
  for (const { slug, level, taughtTo, covered, modules } of rows) {
    expect(covered, slug).toBe(taughtTo >= level)
    const best = Math.max(
      0,
      ...[...ports.ontology.modules.values()].flatMap(({ outcomes }) =>
        outcomes.flatMap(({ skills }) =>
          skills.filter(({ skill }) => skill === slug).map((one) => one.level),
        ),
      ),
    )
    expect(taughtTo, slug).toBe(best)
    expect(modules.length > 0, slug).toBe(best > 0)
  }
})

interface Coverage {
  portfolioCoverage: {
    coveredCount: number
    rows: { slug: string; level: number; taughtTo: number; covered: boolean; modules: { slug: string }[] }[]
  }
}

test.each(['role: "no-such"', 'sector: "no-such"'])(
  'coverage of %s is refused by its field',
  async (argument) => {
    const { graphql } = await academy()
    const { data, errors } = await graphql(`{ portfolioCoverage(${argument}) { coveredCount } }`)
    expect(data).toEqual({ portfolioCoverage: null })
    expect(errors?.[0]?.extensions).toEqual({ code: 'invalid_input', field: argument.split(':')[0] })
  },
)

const record = `mutation ($input: RecordAssessmentInput!) { recordAssessment(input: $input) {
  ... on RecordedAssessment { assessment { id passed } award { id state } offer { id state claimUrl } }
  ... on Refusal { code field message } } }`

test('a repeated request answers the first result and has one effect', async () => {
  const edge = await academy()
  const { ports } = edge
  const { learner } = await ports.learner()
  const offering = await ports.offering()
  await ports.enrolment(learner.id, offering)
  const token = await edge.tokenOf('assessor')
  const input = {
    requestId: requestIdOf('once'),
    learnerId: learner.id,
    offeringId: offering.id,
    scorePercent: 88,
  }
  const first = await edge.graphql(record, { token, variables: { input } })
  const again = await edge.graphql(record, { token, variables: { input } })
  expect(first.data?.['recordAssessment']).toMatchObject({
    assessment: { passed: true },
    award: { state: 'valid' },
    offer: { state: 'open' },
  })
  expect(again.data).toEqual(first.data)
  expect(await ports.store.awardsOf(learner.id)).toHaveLength(1)

  const other = await edge.graphql(record, { token, variables: { input: { ...input, scorePercent: 60 } } })
  expect(other.data?.['recordAssessment']).toMatchObject({ code: 'request_conflict', field: 'requestId' })
})

test.each([
  [{ requestId: 'short' }, 'requestId'],
  [{ requestId: 'has a blank' }, 'requestId'],
  [{ learnerId: 'nobody' }, 'learnerId'],
  [{ learnerId: "'; DROP TABLE records; --" }, 'learnerId'],
  [{ offeringId: `aaaaaaaa-lrn-${'a'.repeat(26)}` }, 'offeringId'],
  [{ scorePercent: 101 }, 'scorePercent'],
  [{ scorePercent: -1 }, 'scorePercent'],
])('bad input %j is refused by its field and never by its value', async (bad, field) => {
  const edge = await academy()
  const tenant = edge.ports.institutions.northLake.tag
  const input = {
    requestId: requestIdOf('bad'),
    learnerId: edge.ports.random.id(tenant, 'lrn'),
    offeringId: edge.ports.random.id(tenant, 'ofg'),
    scorePercent: 50,
    ...bad,
  }
  const { data } = await edge.graphql(record, { token: await edge.tokenOf('assessor'), variables: { input } })
  expect(data?.['recordAssessment']).toMatchObject({ code: 'invalid_input', field })
  const [value] = Object.values(bad)
  if (typeof value === 'string') expect(JSON.stringify(data)).not.toContain(value)
})

test('pages of a registrar’s awards join without gap or repeat, newest first', async () => {
  const edge = await academy()
  const { ports } = edge
  const token = await edge.tokenOf('assessor')
  const offering = await ports.offering()
  for (let count = 0; count < 7; count++) {
    const { learner } = await ports.learner()
    await ports.enrolment(learner.id, offering)
    ports.clock.advance({ seconds: 1 })
    const input = { requestId: requestIdOf(`a${count}`), learnerId: learner.id, offeringId: offering.id }
    await edge.graphql(record, { token, variables: { input: { ...input, scorePercent: 90 } } })
  }
  const registrar = await edge.tokenOf('registrar')
  const seen: string[] = []
  let after: string | null = null
  for (let page = 0; page < 10; page++) {
    const { data } = await edge.graphql(
      'query ($after: String) { awards(first: 3, after: $after) { edges { cursor node { awardedAt } } pageInfo { hasNextPage endCursor } } }',
      { token: registrar, variables: { after } },
    )
    const { edges, pageInfo } = (data as never as Awards).awards
    seen.push(...edges.map(({ node }) => node.awardedAt))
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  expect(seen).toHaveLength(7)
  expect(seen).toEqual([...new Set(seen)].sort().reverse())

  // The cursor of an item in the middle goes on right behind it.
  const first = await edge.graphql('{ awards(first: 5) { edges { cursor node { awardedAt } } } }', {
    token: registrar,
  })
  const second = (first.data as never as Awards).awards.edges[1]
  const rest = await edge.graphql(
    `{ awards(first: 2, after: "${second?.cursor}") { edges { cursor node { awardedAt } } } }`,
    {
      token: registrar,
    },
  )
  expect((rest.data as never as Awards).awards.edges.map(({ node }) => node.awardedAt)).toEqual(
    seen.slice(2, 4),
  )
})

interface Awards {
  awards: {
    edges: { cursor: string; node: { awardedAt: string } }[]
    pageInfo: { hasNextPage: boolean; endCursor: string }
  }
}

test('a cursor of another institution’s list is refused', async () => {
  const edge = await academy()
  const { ports } = edge
  for (const tenant of [ports.institutions.northLake.tag, ports.institutions.institutDuPort.tag]) {
    for (let count = 0; count < 3; count++) await ports.offering({ tenant })
  }
  const list = '{ offerings(first: 1) { pageInfo { endCursor } edges { node { id } } } }'
  const { data } = await edge.graphql(list, { token: await edge.tokenOf('registrar') })
  const cursor = (data as never as { offerings: { pageInfo: { endCursor: string } } }).offerings.pageInfo
    .endCursor
  const stolen = await edge.graphql(`{ offerings(after: "${cursor}") { edges { node { id } } } }`, {
    token: await edge.tokenOf('registrar-b'),
  })
  expect(stolen.data).toEqual({ offerings: null })
  expect(stolen.errors?.[0]?.extensions?.code).toBe('invalid_input')
})
