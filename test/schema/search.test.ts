import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importEscoFolder } from '#skills-ontology/import-esco.ts'
import { type Academy, academy } from '#test/edge/academy.ts'

let edge: Academy
beforeAll(async () => {
  edge = await academy()
  const folder = join(edge.ports.folder, 'esco')
  mkdirSync(folder)
  // One concept, as ESCO lays it out: none of ours is matched to it.
  writeFileSync(
    join(folder, 'skills_en.csv'),
    `conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,definition,inScheme,description
KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/00000000-0000-4000-8000-000000000001,knowledge,cross-sector,weaving,looms,,released,2022,,,,
`,
  )
  importEscoFolder(folder, join(edge.ports.folder, 'esco.json'), () => undefined, '1.2.1')
})
afterAll(() => edge.ports.close())

const doors = {
  skills: 'skills(search: $search) { edges { node { slug } } }',
  modules: 'modules(search: $search) { edges { node { slug } } }',
  esco: 'esco { concepts(search: $search) { uri } }',
}
const ask = (door: string, search: string) =>
  edge.graphql(`query ($search: String!) { ${door} }`, { variables: { search } })

test.each(Object.entries(doors))('%s refuse a search language by the field’s name', async (_, door) => {
  for (const search of ['title:(a OR', 'foo~2', '*', '[a TO b]']) {
    const { errors } = await ask(door, search)
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'invalid_input', field: 'search' })
    expect(JSON.stringify(errors)).not.toContain(search)
  }
})

test.each(Object.entries(doors))('%s search the signs of plain writing', async (_, door) => {
  for (const search of ['C++', 'AI/ML', 'AI & data', '"looms"?', 'pre-training']) {
    expect((await ask(door, search)).errors).toBeUndefined()
  }
})

test('matches to concepts that the imported ESCO lacks are listed, of skills and of roles', async () => {
  const { data } = await edge.graphql(
    '{ esco { missingMatches { skill { slug } role { slug } relation uri label } } }',
  )
  const { missingMatches } = (data as { esco: { missingMatches: Record<string, unknown>[] } }).esco
  const { skills, roles } = edge.ports.ontology
  const matched = [...skills.values(), ...roles.values()].flatMap(({ mappings }) =>
    mappings.filter(({ scheme, uri }) => scheme === 'esco' && uri !== undefined),
  )
  expect(missingMatches).toHaveLength(matched.length)
  expect(missingMatches).toContainEqual({
    skill: { slug: 'machine-learning' },
    role: null,
    relation: 'exactMatch',
    uri: 'http://data.europa.eu/esco/skill/3a2d5b45-56e4-4f5a-a55a-4a4a65afdc43',
    label: 'machine learning',
  })
  expect(missingMatches.some(({ role }) => role !== null)).toBe(true)
})
