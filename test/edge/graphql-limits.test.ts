import { expect, test } from 'vitest'
import { academy } from './academy.ts'

const json = { 'content-type': 'application/json' }
const post = (body: string, headers: Record<string, string> = json) => ({ method: 'POST', headers, body })

/** A chain of `requires { skill { … } }` so many levels deep. */
function deep(levels: number): string {
  let query = 'slug'
  for (let level = 0; level < levels; level++) query = `requires { skill { ${query} } }`
  return `{ skill(slug: "prompt-engineering") { ${query} } }`
}

test('malformed JSON is answered with 400 and changes nothing', async () => {
  const { request } = await academy()
  const response = await request('/graphql', post('{"query": "{ ontology'))
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ errors: [{ message: expect.stringMatching(/JSON/) }] })
})

test.each([
  ['an empty body', ''],
  ['null', 'null'],
  ['a number', '7'],
  ['a query that is no text', '{"query": 7}'],
  ['variables that are no object', '{"query": "{ ontology { version } }", "variables": 7}'],
])('a body that is no request is answered with 400: %s', async (_title, body) => {
  const { request, logged } = await academy()
  expect((await request('/graphql', post(body))).status).toBe(400)
  expect(logged).toEqual([])
})

test.each(['text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])(
  'a form of another site cannot ask: %s is refused',
  async (type) => {
    const { request } = await academy()
    const response = await request('/graphql', post('query={ontology{version}}', { 'content-type': type }))
    expect(response.status).toBe(415)
  },
)

test('several queries in one body are refused', async () => {
  const { request } = await academy()
  const body = JSON.stringify(Array(3).fill({ query: '{ ontology { version } }' }))
  expect((await request('/graphql', post(body))).status).toBe(400)
})

test('a mutation by GET is refused', async () => {
  const { request } = await academy()
  const query = 'mutation { publishSnapshot(input: { requestId: "12345678" }) { __typename } }'
  const response = await request(`/graphql?query=${encodeURIComponent(query)}`)
  expect(response.status).toBe(405)
})

test.each(['DELETE', 'PUT', 'PATCH'])('%s is not there', async (method) => {
  const { request } = await academy()
  expect((await request('/graphql', { method })).status).toBe(404)
})

test('a query of ordinary depth is answered', async () => {
  const { graphql } = await academy()
  const { data, errors } = await graphql(deep(3))
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({ skill: { requires: expect.any(Array) } })
})

test.each([
  ['too deep', deep(8), /depth/i],
  [
    'too many aliases',
    `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: ontology { version }`).join(' ')} }`,
    /alias/i,
  ],
  ['too many tokens', `{ ${'ontology { version } '.repeat(600)} }`, /token/i],
  ['too many directives', `{ ontology ${'@include(if: true) '.repeat(21)} { version } }`, /directive/i],
  [
    'too costly',
    '{ skills(first: 100) { edges { node { taughtBy { outcomes { skills { skill { slug } } } } } } } }',
    /costs too much/,
  ],
  [
    'too costly through a fragment',
    'query { skills(first: 100) { ...F } } fragment F on SkillConnection { edges { node { taughtBy { outcomes { skills { skill { slug } } } } } } }',
    /costs too much/,
  ],
])('%s is refused before anything is read', async (_title, query, message) => {
  const { graphql, logged } = await academy()
  const { data, errors } = await graphql(query)
  expect(Object.values(data ?? {}).filter((answer) => answer !== null)).toEqual([])
  expect(errors?.[0]?.message).toMatch(message)
  expect(logged).toEqual([])
})

test('fragments that contain each other are refused', async () => {
  const { graphql } = await academy()
  const { errors } = await graphql(
    '{ ontology { ...A } } fragment A on Ontology { ...B } fragment B on Ontology { ...A }',
  )
  expect(errors?.[0]?.message).toMatch(/fragment/i)
})

test.each([
  ['with its length announced', true],
  ['in parts of unknown length', false],
])('a body over 64 KiB is refused %s', async (_title, announced) => {
  const { request } = await academy()
  const large = JSON.stringify({ query: '{ ontology { version } }', variables: { x: 'x'.repeat(70_000) } })
  const init = announced
    ? post(large, { ...json, 'content-length': String(large.length) })
    : { ...post(large), body: new Blob([large]).stream(), duplex: 'half' as const }
  const response = await request('/graphql', init as RequestInit)
  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({ code: 'too_large' })
})

test('page sizes are 1 to 100, and cursors of elsewhere are refused', async () => {
  const { graphql } = await academy()
  for (const first of [0, -1, 101]) {
    const { errors } = await graphql(`{ skills(first: ${first}) { edges { cursor } } }`)
    expect(errors?.[0]?.extensions).toEqual({ code: 'invalid_input', field: 'first' })
  }
  for (const after of ['x', '!!', Buffer.from('-1').toString('base64url')]) {
    const { errors } = await graphql(`{ skills(after: "${after}") { edges { cursor } } }`)
    expect(errors?.[0]?.extensions).toEqual({ code: 'invalid_input', field: 'after' })
  }
})

interface Skills {
  skills: { edges: { node: { slug: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } }
}

test('pages of a list join without gap or repeat', async () => {
  const { graphql } = await academy()
  const slugs: string[] = []
  let after: string | null = null
  do {
    const { data } = await graphql(
      'query ($after: String) { skills(first: 60, after: $after) { edges { node { slug } } pageInfo { hasNextPage endCursor } } }',
      { variables: { after } },
    )
    const page = data as unknown as Skills
    slugs.push(...page.skills.edges.map(({ node }) => node.slug))
    after = page.skills.pageInfo.hasNextPage ? page.skills.pageInfo.endCursor : null
  } while (after)
  const { data } = await graphql('{ ontology { skillCount } }')
  expect(new Set(slugs).size).toBe(slugs.length)
  expect(data).toEqual({ ontology: { skillCount: slugs.length } })
})

test('in production nobody reads the schema, and wrong names get no hints', async () => {
  const { graphql, request } = await academy({ production: true })
  const { errors } = await graphql('{ __schema { types { name } } }')
  expect(errors?.[0]?.message).toMatch(/introspection/i)
  const misspelt = await graphql('{ ontolgy { version } }')
  expect(misspelt.errors?.[0]?.message).toMatch(/^Cannot query field "ontolgy" on type "Query"/)
  expect(misspelt.errors?.[0]?.message).not.toMatch(/ontology/)
  const page = await request('/graphql', { headers: { accept: 'text/html' } })
  expect(await page.text()).not.toMatch(/graphiql/i)
})

test('an unexpected error is masked, and logged without what it says', async () => {
  const { graphql, ports, logged } = await academy({ production: true })
  ports.ontology.skills.get = () => {
    throw new Error('secret of Ada')
  }
  const { errors, data } = await graphql('{ skill(slug: "x") { slug } }').finally(() => {
    delete (ports.ontology.skills as { get?: unknown }).get
  })
  expect(data).toEqual({ skill: null })
  expect(errors?.[0]).toMatchObject({
    message: 'Something went wrong on our side.',
    extensions: { code: 'internal_error' },
  })
  expect(JSON.stringify([errors, logged])).not.toContain('Ada')
  expect(logged).toMatchObject([
    { event: 'graphql-defect', error: { kind: 'Error', frames: expect.any(Array) } },
  ])
})

test('a session cookie means nothing to /graphql', async () => {
  const { request } = await academy()
  const response = await request('/graphql', {
    ...post(JSON.stringify({ query: '{ viewer { roles } }' }), { ...json, cookie: 'academy_session=x' }),
  })
  expect(await response.json()).toEqual({ data: { viewer: null } })
  expect(response.headers.get('set-cookie')).toBeNull()
})
