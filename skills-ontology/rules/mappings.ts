import type { Path } from '#core/ontology/finding.ts'
import type { Source } from '../read-source.ts'
import type { Rule } from './rule.ts'

/**
 * Rule 8: an ESCO concept stands in the label table under its English label; `exactMatch` is one-to-one per scheme;
 * somebody approved each mapping.
 * The table itself is held against ESCO by the reference suite.
 */
export const mappings: Rule = (source, report) => {
  if (source.esco.version !== source.head.schemes.esco.version) {
    report('esco-labels.yaml', ['version'], 'differs from the ESCO version pinned in ontology.yaml')
  }
  const exact = new Map<string, string>()
  for (const { id, file, path, mappings: list, kind } of mapped(source)) {
    const schemes = new Set<string>()
    for (const [i, mapping] of list.entries()) {
      const at = [...path, 'mappings', i]
      const { scheme, uri, notation, relation, approvedBy, approvedOn } = mapping
      if ((approvedBy === undefined) !== (approvedOn === undefined)) {
        report(file, [...at, 'approvedOn'], 'and approvedBy go together')
      } else if (approvedBy === undefined && !source.head.mappingsApproved) {
        report(file, [...at, 'approvedBy'], 'is missing, and ontology.yaml names nobody for all mappings')
      }
      const target = scheme === 'esco' ? uri : notation
      if (target === undefined) {
        report(file, [...at, scheme === 'esco' ? 'uri' : 'notation'], 'is missing')
        continue
      }
      if (scheme === 'esco') {
        const concept = Object.hasOwn(source.esco.concepts, target) ? source.esco.concepts[target] : undefined
        if (!concept) report(file, [...at, 'uri'], 'names no concept of the ESCO label table')
        else if (concept.kind !== kind) report(file, [...at, 'uri'], `names an ESCO ${concept.kind}`)
        else if (concept.label.en !== mapping.label) {
          report(file, [...at, 'label'], `differs from ESCO's English label "${concept.label.en}"`)
        }
      }
      if (relation !== 'exactMatch') continue
      if (schemes.has(scheme)) report(file, at, `is a second exactMatch of ${id} in ${scheme}`)
      schemes.add(scheme)
      const earlier = exact.get(`${scheme} ${target}`)
      if (earlier) report(file, at, `is already the exactMatch of ${earlier}`)
      exact.set(`${scheme} ${target}`, id)
    }
  }
}

type MappingList = Source['roles'][string]['mappings']

function* mapped({ skills, roles }: Source): Generator<{
  id: string
  file: string
  path: Path
  mappings: MappingList
  kind: 'skill' | 'occupation'
}> {
  for (const [id, { file, mappings: list }] of skills) {
    yield { id, file, path: ['skills', id], mappings: list, kind: 'skill' }
  }
  for (const [id, { mappings: list }] of Object.entries(roles)) {
    yield { id, file: 'roles.yaml', path: ['roles', id], mappings: list, kind: 'occupation' }
  }
}
