import type { Mapping, Ontology, Skill } from '#core/skills/ontology.ts'
import { nameUuid, permanentIri, schemeIri } from './name-uuid.ts'

const context = 'https://credreg.net/ctdlasn/schema/context/json'

/** CTDL-ASN names no close match; its major alignment is the nearest that claims no more. */
const alignments: Record<Mapping['relation'], string> = {
  exactMatch: 'ceasn:exactAlignment',
  closeMatch: 'ceasn:majorAlignment',
  broadMatch: 'ceasn:broadAlignment',
  narrowMatch: 'ceasn:narrowAlignment',
}

/**
 * The skills as CTDL-ASN in JSON-LD, for the Credential Registry. CTIDs are UUIDs of permanent names. CTDL-ASN has
 * prerequisites without a level, and no place for who approved an alignment; those stay in SKOS, CASE and CSV.
 */
export function ctdlAsn(ontology: Ontology, publicUrl: string): string {
  const live = [...ontology.skills.values()].filter(({ status }) => status === 'live')
  const framework = schemeIri(publicUrl)
  const words = [
    ontology.attribution,
    ...Object.values(ontology.schemes).map(({ acknowledgement, changes }) => `${acknowledgement} ${changes}`),
  ]
  const graph = [
    {
      '@id': framework,
      '@type': 'ceasn:CompetencyFramework',
      'ceterms:ctid': ctid(framework),
      'ceasn:name': ontology.title,
      'ceasn:description': ontology.description,
      'ceasn:inLanguage': languagesOf(live),
      'ceasn:source': [`${publicUrl}/ontology/${ontology.version}`],
      'ceasn:rights': { en: [...new Set(words)].join(' ') },
      'ceasn:hasTopChild': live.map(({ id }) => permanentIri(publicUrl, 'skill', id)),
    },
    ...live.map((skill) => competency(skill, ontology, publicUrl, framework)),
  ]
  return `${JSON.stringify({ '@context': context, '@graph': graph }, undefined, 1)}\n`
}

function competency(skill: Skill, { schemes }: Ontology, publicUrl: string, framework: string): object {
  const iri = permanentIri(publicUrl, 'skill', skill.id)
  const aligned = Map.groupBy(skill.mappings, ({ relation }) => alignments[relation])
  const text = Object.keys(skill.description).length > 0 ? skill.description : skill.label
  return {
    '@id': iri,
    '@type': 'ceasn:Competency',
    'ceterms:ctid': ctid(iri),
    'ceasn:competencyLabel': skill.label,
    'ceasn:competencyText': text,
    'ceasn:codedNotation': skill.id,
    'ceasn:isPartOf': [framework],
    'ceasn:isTopChildOf': [framework],
    ...(skill.requires.length === 0
      ? {}
      : {
          'ceasn:prerequisiteAlignment': skill.requires.map((one) =>
            permanentIri(publicUrl, 'skill', one.skill),
          ),
        }),
    ...Object.fromEntries(
      [...aligned].map(([name, mappings]) => [
        name,
        mappings.map(({ uri, notation }) => uri ?? `${schemes.hpccf.iri}#${notation ?? ''}`),
      ]),
    ),
  }
}

const ctid = (iri: string) => `ce-${nameUuid(iri)}`

const languagesOf = (skills: readonly Skill[]) =>
  [...new Set(skills.flatMap(({ label }) => Object.keys(label)))].sort()
