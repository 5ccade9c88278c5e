import type { Mapping, Ontology, Skill } from './ontology.ts'

/** One value of a property, as both serialisations can write it. */
export type Value = { iri: string } | { text: string; language?: string } | { flag: true }

/** A thing with its properties; `a` is its type. Property names and types are prefixed names. */
export interface Resource {
  iri: string
  types: string[]
  properties: [name: string, values: Value[]][]
}

export interface Graph {
  prefixes: Record<string, string>
  resources: Resource[]
}

/** Where one published version lies: `<public address>/ontology/<version>`. */
function ontologyIri(publicUrl: string, version: string): string {
  return `${publicUrl}/ontology/${version}`
}

/**
 * The ontology as SKOS: the scheme, its domains, levels and skills. SKOS has no word for a prerequisite, so the
 * academy has its own: `sa:requires`, and with its level `sa:qualifiedRequirement`.
 */
export function skosGraph(ontology: Ontology, publicUrl: string): Graph {
  const base = ontologyIri(publicUrl, ontology.version)
  return {
    prefixes: prefixes(publicUrl),
    resources: [
      scheme(ontology, base),
      ...[...ontology.domains].map(([id, { label }]) => ({
        iri: `${base}/domain/${id}`,
        types: ['skos:Concept'],
        properties: [
          ['skos:inScheme', [{ iri: base }]],
          ['skos:topConceptOf', [{ iri: base }]],
          ['skos:notation', [{ text: id }]],
          ['skos:prefLabel', texts(label)],
        ] satisfies Resource['properties'],
      })),
      ...levels(ontology, base),
      ...[...ontology.skills.values()].flatMap((skill) => skillResources(skill, base)),
      ...vocabulary(publicUrl),
    ],
  }
}

/**
 * One thing of the ontology alone (`skill/batch-jobs`, `domain/inference`, `level/2`) with the requirements it
 * names; `undefined` when there is none of this name. It carries licence and acknowledgement itself.
 */
export function skosPart(ontology: Ontology, publicUrl: string, name: string): Graph | undefined {
  const iri = `${ontologyIri(publicUrl, ontology.version)}/${name}`
  const { prefixes: known, resources } = skosGraph(ontology, publicUrl)
  const [own, ...more] = resources.filter((one) => one.iri === iri || one.iri.startsWith(`${iri}#`))
  if (!own) return undefined
  const { licence, attribution } = rights(ontology)
  const stated: Resource = { ...own, properties: [...own.properties, licence, attribution] }
  return { prefixes: known, resources: [stated, ...more] }
}

/** The academy's own properties; the same in every version of the ontology. */
export function vocabularyGraph(publicUrl: string): Graph {
  return { prefixes: prefixes(publicUrl), resources: vocabulary(publicUrl) }
}

function prefixes(publicUrl: string): Record<string, string> {
  return {
    rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
    rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
    owl: 'http://www.w3.org/2002/07/owl#',
    skos: 'http://www.w3.org/2004/02/skos/core#',
    dct: 'http://purl.org/dc/terms/',
    sa: `${publicUrl}/ontology/ns#`,
  }
}

function scheme(ontology: Ontology, base: string): Resource {
  const { title, description, version, digest, domains } = ontology
  const { licence, attribution } = rights(ontology)
  return {
    iri: base,
    types: ['skos:ConceptScheme'],
    properties: [
      ['dct:title', texts(title)],
      ['dct:description', texts(description)],
      ['owl:versionInfo', [{ text: version }]],
      ['sa:digest', [{ text: digest }]],
      licence,
      attribution,
      ['skos:hasTopConcept', [...domains.keys()].map((id) => ({ iri: `${base}/domain/${id}` }))],
    ],
  }
}

type Property = Resource['properties'][number]

function rights({ licence, attribution, schemes }: Ontology): { licence: Property; attribution: Property } {
  const words = new Set([attribution])
  for (const { acknowledgement, changes } of Object.values(schemes)) words.add(acknowledgement).add(changes)
  return {
    licence: ['dct:license', [{ iri: licenceIri(licence) }]],
    attribution: ['dct:rights', [...words].map((text) => ({ text }))],
  }
}

function licenceIri(licence: string): string {
  const ccBy = /^CC-BY-(\d\.\d)$/.exec(licence)
  return ccBy
    ? `https://creativecommons.org/licenses/by/${ccBy[1]}/`
    : `https://spdx.org/licenses/${encodeURIComponent(licence)}`
}

function levels(ontology: Ontology, base: string): Resource[] {
  return Object.entries(ontology.levels).map(([level, { label, descriptor }]) => ({
    iri: `${base}/level/${level}`,
    types: ['skos:Concept'],
    properties: [
      ['skos:notation', [{ text: level }]],
      ['skos:prefLabel', texts(label)],
      ['skos:definition', texts(descriptor)],
    ],
  }))
}

function skillResources(skill: Skill, base: string): Resource[] {
  const own = `${base}/skill/${skill.id}`
  const requirement = (id: string) => `${own}#requires-${id}`
  const properties: Property[] = [
    ['skos:inScheme', [{ iri: base }]],
    ['skos:notation', [{ text: skill.id }]],
    ['skos:prefLabel', texts(skill.label)],
    ['skos:definition', texts(skill.description)],
    [
      'skos:broader',
      [`${base}/domain/${skill.domain}`, ...skill.broader.map((id) => `${base}/skill/${id}`)].map((iri) => ({
        iri,
      })),
    ],
    ['sa:requires', skill.requires.map((one) => ({ iri: `${base}/skill/${one.skill}` }))],
    ['sa:qualifiedRequirement', skill.requires.map((one) => ({ iri: requirement(one.skill) }))],
    ['sa:emerging', skill.emerging ? [{ flag: true }] : []],
    ['owl:deprecated', skill.status === 'deprecated' ? [{ flag: true }] : []],
    [
      'dct:isReplacedBy',
      skill.replacedBy === undefined ? [] : [{ iri: `${base}/skill/${skill.replacedBy}` }],
    ],
    ...mappingProperties(skill.mappings),
  ]
  return [
    { iri: own, types: ['skos:Concept'], properties: properties.filter(([, values]) => values.length > 0) },
    ...skill.requires.map(
      (one): Resource => ({
        iri: requirement(one.skill),
        types: ['sa:Requirement'],
        properties: [
          ['sa:skill', [{ iri: `${base}/skill/${one.skill}` }]],
          ['sa:level', [{ iri: `${base}/level/${one.level}` }]],
        ],
      }),
    ),
  ]
}

const relations = ['exactMatch', 'closeMatch', 'broadMatch', 'narrowMatch'] as const

// ESCO concepts have addresses; the HPC Certification Forum has codes only, so those are words of our own.
function mappingProperties(mappings: Mapping[]): Property[] {
  return relations.flatMap((relation): Property[] => {
    const same = mappings.filter((mapping) => mapping.relation === relation)
    const code = `sa:hpccf${relation[0]?.toUpperCase()}${relation.slice(1)}`
    return [
      [`skos:${relation}`, same.flatMap(({ uri }) => (uri === undefined ? [] : [{ iri: legalIri(uri) }]))],
      [code, same.flatMap(({ notation }) => (notation === undefined ? [] : [{ text: notation }]))],
    ]
  })
}

// Turtle 1.1 §6.5, IRIREF: an address holds no space, bracket or quote, not even escaped.
function legalIri(uri: string): string {
  return uri.replace(/[^!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]/gu, (character) => encodeURIComponent(character))
}

function vocabulary(publicUrl: string): Resource[] {
  const ns = `${publicUrl}/ontology/ns#`
  const property = (name: string, label: string, comment: string): Resource => ({
    iri: ns + name,
    types: ['rdf:Property'],
    properties: [
      ['rdfs:label', [{ text: label, language: 'en' }]],
      ['rdfs:comment', [{ text: comment, language: 'en' }]],
    ],
  })
  return [
    property('requires', 'requires', 'A skill needed before starting this one.'),
    property('qualifiedRequirement', 'qualified requirement', 'A requirement with the level needed.'),
    {
      ...property('Requirement', 'requirement', 'A skill at a level, needed before starting another.'),
      types: ['rdfs:Class'],
    },
    property('skill', 'skill', 'The skill that is needed.'),
    property('level', 'level', 'The level at which it is needed.'),
    property('emerging', 'emerging', 'The skill is new and changes fast.'),
    property('digest', 'digest', 'SHA-256 of the canonical JSON of the version, hexadecimal.'),
    ...relations.map((relation) =>
      property(
        `hpccf${relation[0]?.toUpperCase()}${relation.slice(1)}`,
        `HPC Certification Forum, ${relation}`,
        `Code in the skill tree of the HPC Certification Forum; the relation is skos:${relation}.`,
      ),
    ),
  ]
}

function texts(label: Partial<Record<string, string>>): Value[] {
  return Object.entries(label).flatMap(([language, text]) => (text === undefined ? [] : [{ text, language }]))
}
