import { expect, test } from 'vitest'
import { academy } from './academy.ts'

const query = `query ($search: String, $language: String!, $domain: String) {
  skills(first: 5, search: $search, language: $language, domain: $domain) { edges { node { slug } } }
}`
interface Found {
  skills: { edges: { node: { slug: string } }[] }
}

async function search(variables: { search?: string; language: string; domain?: string }) {
  const { request } = await academy()
  const response = await request('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data } = (await response.json()) as { data: Found }
  return data.skills.edges.map(({ node }) => node.slug)
}

test.each([
  ['en', 'prompt engineering'],
  ['en', 'promt enginering'],
  ['en', 'PROMPT eng'],
  ['fr', 'ingenierie requete'],
  ['fr-BE', 'ingénierie de requê'],
])('skills(search:) in %s for "%s" has prompt engineering first', async (language, text) => {
  expect((await search({ search: text, language }))[0]).toBe('prompt-engineering')
})

test('skills(search:) keeps to a domain, and without words lists the ontology', async () => {
  expect(await search({ search: 'prompt engineering', language: 'en', domain: 'foundations' })).not.toContain(
    'prompt-engineering',
  )
  expect(await search({ language: 'en' })).toHaveLength(5)
  expect(await search({ search: '  ', language: 'en' })).toHaveLength(5)
})

test('prerequisites are all that is needed before, in an order to learn it in', async () => {
  const { request, ports } = await academy()
  const response = await request('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ skill(slug: "batch-jobs") { prerequisites { slug level } } }' }),
  })
  const { data } = (await response.json()) as {
    data: { skill: { prerequisites: { slug: string; level: number }[] } }
  }
  const slugs = data.skill.prerequisites.map(({ slug }) => slug)
  for (const [place, slug] of slugs.entries()) {
    const requires = ports.ontology.skills.get(slug)?.requires ?? []
    expect(
      requires.every(({ skill }) => slugs.slice(0, place).includes(skill)),
      slug,
    ).toBe(true)
  }
  expect(slugs.toSorted()).toEqual(['hpc-architecture', 'linux-command-line', 'shell-scripting'])
})
