import type { Mapping, Ontology, Skill } from '#core/skills/ontology.ts'
import { nameUuid, permanentIri, schemeIri } from './name-uuid.ts'

export const caseVersions = ['1.0', '1.1'] as const
export type CaseVersion = (typeof caseVersions)[number]

/** A reference to another object: its title, its GUID, and where it is. */
interface Link {
  title: string
  identifier: string
  uri: string
}

interface CaseItem {
  identifier: string
  uri: string
  fullStatement: string
  abbreviatedStatement: string
  humanCodingScheme: string
  CFItemType: 'Skill' | 'Domain'
  language: string
  statusEndDate?: string
  lastChangeDateTime: string
  extensions?: Record<string, SkillExtension>
}

/** What CASE 1.0 has no place for; 1.1 has `extensions`. */
interface SkillExtension {
  label: Partial<Record<string, string>>
  description: Partial<Record<string, string>>
  emerging: boolean
  status: Skill['status']
  deprecationReason?: string
}

interface CaseAssociation {
  identifier: string
  uri: string
  associationType: 'isChildOf' | 'precedes' | 'exactMatchOf' | 'isRelatedTo' | 'replacedBy'
  originNodeURI: Link
  destinationNodeURI: Link
  CFAssociationGroupingURI?: Link
  lastChangeDateTime: string
}

interface CaseGrouping {
  identifier: string
  uri: string
  title: string
  description: string
  lastChangeDateTime: string
}

export interface CasePackage {
  CFDocument: Record<string, unknown> & Link
  CFItems: CaseItem[]
  CFAssociations: CaseAssociation[]
  CFDefinitions: { CFLicenses: object[]; CFAssociationGroupings: CaseGrouping[] }
}

/** Where the objects of a package are answered one by one. */
const caseAddress = (publicUrl: string, version: CaseVersion, kind: string, id: string) =>
  `${publicUrl}/ims/case/v1p${version === '1.0' ? '0' : '1'}/${kind}/${id}`

export interface CaseOptions {
  publicUrl: string
  version: CaseVersion
  /** When the version of the ontology was published. */
  changedAt: Date
}

/**
 * The ontology's skills and domains as a CASE package. GUIDs are UUIDs of permanent names, the same in every
 * version of the ontology. A prerequisite is `precedes`, from what comes first; the level it is needed at, and of
 * a mapping its relation and who approved it, stand in the title of its grouping, which both versions of CASE have.
 * Only an exact match is `exactMatchOf`. Texts in other languages than English need CASE 1.1.
 */
export function casePackage(ontology: Ontology, options: CaseOptions): CasePackage {
  const { publicUrl, version, changedAt } = options
  const lastChangeDateTime = changedAt.toISOString()
  const at = (kind: string, id: string) => caseAddress(publicUrl, version, kind, id)
  const document = documentOf(ontology, options, at)
  const documentLink = linkTo(document)
  const groupings = new Map<string, CaseGrouping>()
  const grouping = (title: string, description: string): Link => {
    const identifier = nameUuid(`${schemeIri(publicUrl)}/grouping/${title}`)
    const known = groupings.get(title) ?? {
      identifier,
      uri: at('CFAssociationGroupings', identifier),
      title,
      description,
      lastChangeDateTime,
    }
    groupings.set(title, known)
    return linkTo(known)
  }
  const link = (kind: 'skill' | 'domain', id: string): Link => {
    const uri = permanentIri(publicUrl, kind, id)
    const entry = kind === 'skill' ? ontology.skills.get(id) : ontology.domains.get(id)
    return { title: entry?.label.en ?? id, identifier: nameUuid(uri), uri }
  }
  const association = (
    associationType: CaseAssociation['associationType'],
    originNodeURI: Link,
    destinationNodeURI: Link,
    group?: Link,
  ): CaseAssociation => {
    const name = `${originNodeURI.uri} ${associationType} ${destinationNodeURI.uri}`
    const identifier = nameUuid(name)
    return {
      identifier,
      uri: at('CFAssociations', identifier),
      associationType,
      originNodeURI,
      destinationNodeURI,
      ...(group ? { CFAssociationGroupingURI: group } : {}),
      lastChangeDateTime,
    }
  }

  const domains = [...ontology.domains].map(([id, { label }]): CaseItem => {
    const { uri, identifier } = link('domain', id)
    const texts = { fullStatement: label.en, abbreviatedStatement: label.en }
    const extension = { label, description: {}, emerging: false, status: 'live' as const }
    return {
      identifier,
      uri,
      ...texts,
      humanCodingScheme: id,
      CFItemType: 'Domain',
      language: 'en',
      lastChangeDateTime,
      ...(version === '1.1' ? { extensions: { [extensionName(publicUrl)]: extension } } : {}),
    }
  })
  const skills = [...ontology.skills.values()].map((skill) =>
    skillItem(skill, link('skill', skill.id), options),
  )
  const associations = [
    ...[...ontology.domains.keys()].map((id) => association('isChildOf', link('domain', id), documentLink)),
    ...[...ontology.skills.values()].flatMap((skill) => {
      const own = link('skill', skill.id)
      return [
        association('isChildOf', own, link('domain', skill.domain)),
        ...skill.broader.map((id) => association('isChildOf', own, link('skill', id))),
        ...skill.requires.map((one) =>
          association(
            'precedes',
            link('skill', one.skill),
            own,
            grouping(levelTitle(one.level), 'A skill at this level is needed before starting the other.'),
          ),
        ),
        ...(skill.replacedBy === undefined
          ? []
          : [association('replacedBy', own, link('skill', skill.replacedBy))]),
        ...skill.mappings.map((mapping) =>
          association(
            mapping.relation === 'exactMatch' ? 'exactMatchOf' : 'isRelatedTo',
            own,
            mappingTarget(mapping, ontology),
            grouping(mappingTitle(mapping), 'How the two are related in SKOS, and who approved it.'),
          ),
        ),
      ]
    }),
  ]
  const licence = licenceOf(ontology, publicUrl, at, lastChangeDateTime)
  return {
    CFDocument: { ...document, licenseURI: linkTo(licence) },
    CFItems: [...domains, ...skills],
    CFAssociations: associations,
    CFDefinitions: { CFLicenses: [licence], CFAssociationGroupings: [...groupings.values()] },
  }
}

const linkTo = ({ title, identifier, uri }: Link): Link => ({ title, identifier, uri })

function documentOf(
  ontology: Ontology,
  { publicUrl, version, changedAt }: CaseOptions,
  at: (kind: string, id: string) => string,
): Record<string, unknown> & Link {
  const identifier = nameUuid(schemeIri(publicUrl))
  const title = ontology.title.en
  const words = [
    ontology.attribution,
    ...Object.values(ontology.schemes).flatMap(({ acknowledgement, changes }) => [acknowledgement, changes]),
  ]
  return {
    identifier,
    uri: at('CFDocuments', identifier),
    title,
    creator: title,
    description: ontology.description.en,
    officialSourceURL: `${publicUrl}/ontology/${ontology.version}`,
    language: 'en',
    version: ontology.version,
    adoptionStatus: 'Adopted',
    notes: [...new Set(words)].join(' '),
    lastChangeDateTime: changedAt.toISOString(),
    CFPackageURI: { title, identifier, uri: at('CFPackages', identifier) },
    ...(version === '1.1' ? { caseVersion: '1.1', frameworkType: 'Skills' } : {}),
  }
}

function skillItem(
  skill: Skill,
  { identifier, uri }: Link,
  { publicUrl, version, changedAt }: CaseOptions,
): CaseItem {
  const { id, label, description, emerging, status, deprecationReason } = skill
  const extension: SkillExtension = {
    label,
    description,
    emerging,
    status,
    ...(deprecationReason === undefined ? {} : { deprecationReason }),
  }
  return {
    identifier,
    uri,
    fullStatement: description['en'] ?? label.en,
    abbreviatedStatement: label.en,
    humanCodingScheme: id,
    CFItemType: 'Skill',
    language: 'en',
    ...(status === 'deprecated'
      ? { statusEndDate: changedAt.toISOString().slice(0, 'YYYY-MM-DD'.length) }
      : {}),
    lastChangeDateTime: changedAt.toISOString(),
    ...(version === '1.1' ? { extensions: { [extensionName(publicUrl)]: extension } } : {}),
  }
}

/** Under which our own members stand in `extensions`; found again by its end, whoever exported it. */
const extensionName = (publicUrl: string) => `${publicUrl}/ontology/ns`
export const extensionEnd = '/ontology/ns'

const levelTitle = (level: number) => `Needed at level ${level}`
const mappingTitle = ({ relation, approvedBy, approvedOn }: Mapping) =>
  approvedBy === undefined || approvedOn === undefined
    ? relation
    : `${relation}, approved by ${approvedBy} on ${approvedOn}`

/** Reads what `levelTitle` wrote. */
export const readLevelTitle = (title: string): number | undefined => {
  const level = /^Needed at level ([1-4])$/.exec(title)?.[1]
  return level === undefined ? undefined : Number(level)
}

/** Reads what `mappingTitle` wrote. */
export function readMappingTitle(
  title: string,
): Pick<Mapping, 'relation' | 'approvedBy' | 'approvedOn'> | undefined {
  const [, relation, by, on] =
    /^(exactMatch|closeMatch|broadMatch|narrowMatch)(?:, approved by (.+) on (\d{4}-\d{2}-\d{2}))?$/s.exec(
      title,
    ) ?? []
  if (relation === undefined) return undefined
  const approval = by === undefined || on === undefined ? {} : { approvedBy: by, approvedOn: on }
  return { relation: relation as Mapping['relation'], ...approval }
}

function mappingTarget({ scheme, uri, notation, label }: Mapping, { schemes }: Ontology): Link {
  if (scheme === 'esco' && uri !== undefined) {
    // ESCO's addresses end in the UUID of the concept.
    return { title: label ?? uri, identifier: uri.slice(uri.lastIndexOf('/') + 1), uri }
  }
  const address = `${schemes.hpccf.iri}#${notation ?? ''}`
  return { title: notation ?? '', identifier: nameUuid(address), uri: address }
}

function licenceOf(
  { licence, attribution }: Ontology,
  publicUrl: string,
  at: (kind: string, id: string) => string,
  lastChangeDateTime: string,
) {
  const identifier = nameUuid(`${schemeIri(publicUrl)}/licence/${licence}`)
  const uri = at('CFLicenses', identifier)
  return { identifier, uri, title: licence, licenseText: `${licence}. ${attribution}`, lastChangeDateTime }
}
