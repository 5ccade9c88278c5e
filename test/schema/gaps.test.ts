import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import type { Store } from '#core/store.ts'
import { seedAcademy } from '#functions/seed/seed-academy.ts'
import { type Academy, academy, requestIdOf } from '#test/edge/academy.ts'

/** What the questions about statistics may read: snapshots, and which demand was uploaded. Nobody's record. */
const readable: readonly (keyof Store)[] = [
  'findSnapshot',
  'listSnapshots',
  'listDemandSets',
  'demandSetInForce',
]

const questions = {
  skillsGap: 'skillsGap(sector: "manufacturing") { SNAPSHOT heads rows { slug supplyPersonLevels } }',
  gapTable: 'gapTable(by: [COUNTRY, TARGET_GROUP]) { SNAPSHOT cells { row column learners suppressed } }',
  gapTrend: 'gapTrend(slice: { sector: "manufacturing" }) { SNAPSHOT month supplyPersonLevels }',
  trainingFunnel: 'trainingFunnel(by: "module") { SNAPSHOT rows { code steps { enrolled verified } } }',
  modulePerformance: 'modulePerformance { SNAPSHOT modules { slug passPercent daysToAward } }',
  blockingSkills: 'blockingSkills(slice: { sector: "manufacturing" }) { SNAPSHOT skills { slug holders } }',
  emergingSkills: 'emergingSkills { SNAPSHOT skills { slug demandChange } }',
  portfolioCoverage: 'portfolioCoverage(role: "mlops-engineer") { SNAPSHOT rows { slug heads seats } }',
  demandUploads: 'demandUploads { inForce sets { fileName } }',
}
const stated = 'snapshot { publishedAt ontologyVersion ontologyDigest threshold method demandSource }'
const asked = (question: string) => `{ ${question.replace('SNAPSHOT', stated)} }`

describe('questions about statistics', () => {
  let edge: Academy
  let token: string
  const read = new Set<string>()
  beforeAll(async () => {
    edge = await academy()
    await seedAcademy(edge.ports)
    token = await edge.tokenOf('manager')
    const { ports } = edge
    ports.store = new Proxy(ports.store, {
      get(store, name, receiver) {
        read.add(String(name))
        return Reflect.get(store, name, receiver)
      },
    })
  }, 60_000)
  afterAll(() => edge.ports.close())

  test.each(Object.entries(questions))(
    '%s reads published snapshots and nobody’s record',
    async (_, question) => {
      read.clear()
      const { data, errors } = await edge.graphql(asked(question), { token })
      expect(errors).toBeUndefined()
      expect(read.size).toBeGreaterThan(0)
      expect([...read].filter((name) => !readable.includes(name as keyof Store))).toEqual([])
      expect(JSON.stringify(data)).not.toMatch(/-(lrn|awd|ofg|asm|att)-/)
    },
  )

  test.each(Object.entries(questions).filter(([, question]) => question.includes('SNAPSHOT')))(
    '%s states its date, ontology, threshold and method',
    async (name, question) => {
      const { data } = await edge.graphql(asked(question), { token })
      const [answer] = [data?.[name]].flat() as { snapshot: object }[]
      expect(answer?.snapshot).toEqual({
        publishedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        ontologyVersion: edge.ports.ontology.version,
        ontologyDigest: edge.ports.ontology.digest,
        threshold: 10,
        method: expect.stringMatching(/suppression/),
        demandSource: 'synthetic-sample',
      })
    },
  )

  test.each([
    ['gapTable(by: [SECTOR, COUNTRY, SKILL]) { rows }', 'by'],
    ['skillsGap(sector: "energy", country: "FR", skill: "containers") { heads }', 'skill'],
    ['gapTrend(slice: { sector: "energy", country: "FR", role: "mlops-engineer" }) { month }', 'country'],
    [
      'blockingSkills(slice: { sector: "energy", nuts1: "FR1", skill: "containers" }) { skills { slug } }',
      'skill',
    ],
  ])('three dimensions are refused by their field: %s', async (question, field) => {
    const { errors } = await edge.graphql(`{ ${question} }`, { token })
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(/at most two/),
      extensions: { code: 'invalid_input', field },
    })
  })

  test('a mistake in a file of demand is named by file, row and column, and nothing is kept', async () => {
    const csv =
      'role,sector,country,year,headcount\nmlops-engineer,energy,FR,2026,-5\nmlops-engineer,alchemy,FR,2026,5'
    const { data, errors } = await edge.graphql(
      `mutation ($input: UploadDemandInput!) { uploadDemand(input: $input) {
        ... on UploadedDemand { set { id } problems { fileName row column code } } ... on Refusal { code } } }`,
      { token, variables: { input: { requestId: requestIdOf('demand'), fileName: 'needs.csv', csv } } },
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      uploadDemand: {
        set: null,
        problems: [
          { fileName: 'needs.csv', row: 2, column: 'headcount', code: 'heads_negative' },
          { fileName: 'needs.csv', row: 3, column: 'sector', code: 'sector_unknown' },
        ],
      },
    })
  })
})

test('each question is logged without who asked, and too many of one account are refused', async () => {
  const edge = await academy({
    rateLimits: { graphql: 1000, wallet: 1000, pages: 1000, signIn: 1000, analytics: 2 },
  })
  await publishSnapshot(
    edge.ports.actor('programme-manager'),
    { requestId: edge.ports.requestId() },
    edge.ports,
  )
  const token = await edge.tokenOf('manager')
  const ask = () => edge.graphql('{ skillsGap(sector: "energy") { heads } }', { token })
  expect([(await ask()).errors, (await ask()).errors]).toEqual([undefined, undefined])
  expect((await ask()).errors?.[0]?.extensions?.code).toBe('too_many_requests')
  const lines = edge.logged.filter(({ event }) => event === 'analytics-query')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toEqual({
    level: 'info',
    event: 'analytics-query',
    query: 'skillsGap',
    slice: { sector: 'energy' },
  })
})
