import jsonld from 'jsonld'
import { Parser, type Quad, Writer } from 'n3'
import { expect, test } from 'vitest'
import type { Ontology, Skill } from '#core/skills/ontology.ts'
import { vocabularyGraph } from '#core/skills/skos.ts'
import { jsonLd, skosJsonLd } from '#core/skills/skos-json-ld.ts'
import { skosTurtle, turtle } from '#core/skills/skos-turtle.ts'
import { loadOntology } from '#skills-ontology/load.ts'

const ontology = loadOntology()
const publicUrl = 'https://academy.example'
const base = `${publicUrl}/ontology/${ontology.version}`
const skos = 'http://www.w3.org/2004/02/skos/core#'
const quads = new Parser().parse(skosTurtle(ontology, publicUrl))

/** N-Triples, one line each, sorted: two graphs without blank nodes are equal when these are. */
function lines(statements: readonly Quad[]): string[] {
  return [
    ...new Set(
      new Writer({ format: 'N-Triples' })
        .quadsToString([...statements])
        .trim()
        .split('\n'),
    ),
  ].sort()
}

async function linesOfJsonLd(text: string): Promise<string[]> {
  const refuse = () => Promise.reject(new Error('the context must be inside'))
  const document = JSON.parse(text) as jsonld.JsonLdDocument
  const nquads: unknown = await jsonld.toRDF(document, {
    format: 'application/n-quads',
    documentLoader: refuse,
  })
  if (typeof nquads !== 'string') throw new Error('N-Quads are text')
  return lines(new Parser({ format: 'N-Quads' }).parse(nquads))
}

const objects = (subject: string, predicate: string, graph: readonly Quad[] = quads) =>
  graph
    .filter((q) => q.subject.value === subject && q.predicate.value === predicate)
    .map(({ object }) => object)

test('Turtle and JSON-LD say the same', async () => {
  const fromTurtle = lines(quads)
  expect(fromTurtle.length).toBeGreaterThan(2000)
  expect(await linesOfJsonLd(skosJsonLd(ontology, publicUrl))).toEqual(fromTurtle)
})

test('every skill is a concept with its labels, definitions, domain and requirements', () => {
  for (const { id, label, description, domain, requires } of ontology.skills.values()) {
    const iri = `${base}/skill/${id}`
    const labels = objects(iri, `${skos}prefLabel`).map((o) => ('language' in o ? [o.language, o.value] : []))
    expect(labels).toEqual(Object.entries(label))
    expect(objects(iri, `${skos}definition`).map(({ value }) => value)).toEqual(Object.values(description))
    expect(objects(iri, `${skos}broader`).map(({ value }) => value)).toContain(`${base}/domain/${domain}`)
    const needed = objects(iri, `${publicUrl}/ontology/ns#requires`).map(({ value }) => value)
    expect(needed).toEqual(requires.map(({ skill }) => `${base}/skill/${skill}`))
  }
})

test('a requirement has its level, a mapping its ESCO address and its HPC-CF code', () => {
  const iri = `${base}/skill/batch-jobs`
  const [requirement] = objects(iri, `${publicUrl}/ontology/ns#qualifiedRequirement`)
  expect(requirement?.value).toBe(`${iri}#requires-hpc-architecture`)
  expect(objects(requirement?.value ?? '', `${publicUrl}/ontology/ns#level`)[0]?.value).toBe(
    `${base}/level/1`,
  )
  expect(objects(iri, `${publicUrl}/ontology/ns#hpccfCloseMatch`)[0]?.value).toBe('USE2.2')
  expect(objects(`${base}/skill/machine-learning`, `${skos}exactMatch`)[0]?.value).toBe(
    'http://data.europa.eu/esco/skill/3a2d5b45-56e4-4f5a-a55a-4a4a65afdc43',
  )
})

test('the scheme states version, digest, licence and both acknowledgements', () => {
  const one = (predicate: string) => objects(base, predicate).map(({ value }) => value)
  expect(one('http://www.w3.org/2002/07/owl#versionInfo')).toEqual([ontology.version])
  expect(one(`${publicUrl}/ontology/ns#digest`)).toEqual([ontology.digest])
  expect(one('http://purl.org/dc/terms/license')).toEqual(['https://creativecommons.org/licenses/by/4.0/'])
  const rights = one('http://purl.org/dc/terms/rights')
  expect(rights).toContain('This service uses the ESCO classification of the European Commission.')
  expect(rights).toContain('CC-BY-4.0 HPC Certification Forum')
})

const hostile = 'A "quoted" \\ back\nslash\ttab \u0001 é 漢 🙂 <b>'

test('hostile characters survive both forms', async () => {
  const [first] = ontology.skills.values()
  const odd: Skill = {
    ...(first as Skill),
    label: { en: hostile, fr: hostile },
    status: 'deprecated',
    replacedBy: 'containers',
    mappings: [
      {
        relation: 'exactMatch',
        scheme: 'esco',
        uri: 'http://data.europa.eu/esco/a b<c>"d',
        approvedBy: 'nobody',
        approvedOn: '2026-01-01',
      },
    ],
  }
  const changed: Ontology = { ...ontology, skills: new Map([[odd.id, odd]]) }
  const parsed = new Parser().parse(skosTurtle(changed, publicUrl))
  const iri = `${base}/skill/${odd.id}`
  expect(objects(iri, `${skos}prefLabel`, parsed).map(({ value }) => value)).toEqual([hostile, hostile])
  expect(objects(iri, 'http://www.w3.org/2002/07/owl#deprecated', parsed)[0]?.value).toBe('true')
  expect(objects(iri, `${skos}exactMatch`, parsed)[0]?.value).toBe(
    'http://data.europa.eu/esco/a%20b%3Cc%3E%22d',
  )
  expect(await linesOfJsonLd(skosJsonLd(changed, publicUrl))).toEqual(lines(parsed))
})

test('every property of the academy that is used is described in its vocabulary', async () => {
  const vocabulary = new Parser().parse(turtle(vocabularyGraph(publicUrl)))
  const described = new Set(vocabulary.map(({ subject }) => subject.value))
  const used = new Set(quads.map(({ predicate }) => predicate.value).filter((p) => p.startsWith(publicUrl)))
  for (const property of used) expect(described).toContain(property)
  expect(await linesOfJsonLd(jsonLd(vocabularyGraph(publicUrl)))).toEqual(lines(vocabulary))
})
