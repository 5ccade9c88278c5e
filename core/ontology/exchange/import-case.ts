import * as z from 'zod'
import { zSlug } from '#core/parse.ts'
import { Refusal } from '#core/refusal.ts'
import type { Level, Mapping, Ontology, SkillLevel } from '#core/skills/ontology.ts'
import type { SkillEdit } from '../ontology-files.ts'
import { extensionEnd, readLevelTitle, readMappingTitle } from './case-package.ts'
import { circleAfter, type ImportedSkills, type ImportOptions, newEscoLabels } from './imported-skills.ts'
import { nameUuid, permanentIri } from './name-uuid.ts'

const zText = z.string().max(5000)
const zLink = z.looseObject({
  title: zText.default(''),
  identifier: zText.default(''),
  uri: zText.default(''),
})
const zLabels = z.record(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/), zText)
const zExtension = z.looseObject({
  label: zLabels.optional(),
  description: zLabels.optional(),
  emerging: z.boolean().optional(),
  status: z.enum(['live', 'deprecated']).optional(),
  deprecationReason: zText.optional(),
})
const zItem = z.looseObject({
  identifier: zText,
  uri: zText.default(''),
  fullStatement: zText.min(1),
  abbreviatedStatement: zText.optional(),
  humanCodingScheme: zText.optional(),
  CFItemType: zText.optional(),
  language: z.string().max(35).optional(),
  extensions: z.record(z.string(), z.unknown()).optional(),
})
const zAssociation = z.looseObject({
  associationType: zText,
  originNodeURI: zLink,
  destinationNodeURI: zLink,
  CFAssociationGroupingURI: zLink.optional(),
})
const zPackage = z.looseObject({
  CFDocument: z.looseObject({ identifier: zText.default(''), language: z.string().max(35).optional() }),
  CFItems: z.array(zItem).max(5000).default([]),
  CFAssociations: z.array(zAssociation).max(50_000).default([]),
})
type Item = z.output<typeof zItem>
type Association = z.output<typeof zAssociation>

/**
 * Reads a CASE package of 1.0 or 1.1, ours or another's, as edits of the skills it holds. An item is a skill of ours
 * when its code or its GUID is; else it is new, and goes to the domain it is a child of, or to `domain`. Of a skill
 * in the package the prerequisites among its items are replaced, those on others stay; so with mappings to a
 * classification the package names. A prerequisite without a level counts as level 1, a relation that is not told
 * as a close match, approved by whoever imports; the report says so. Refuses `invalid_input`, naming file and member.
 */
export function importCase(
  file: { name: string; text: string },
  ontology: Ontology,
  options: ImportOptions,
): ImportedSkills {
  const { CFDocument, CFItems, CFAssociations } = readPackage(file)
  const wrong = (member: string, problem: string) =>
    new Refusal('invalid_input', `${file.name}, ${member}: ${problem}`, {
      field: member.replace(/[[.].*$/, ''),
    })
  const report: string[] = []
  const isDomain = ({ CFItemType, humanCodingScheme }: Item) =>
    CFItemType === 'Domain' || ontology.domains.has(humanCodingScheme ?? '')
  const skills = new Map<string, Item>()
  const idOf = new Map<string, string>()
  const domainOf = new Map<string, string>()
  for (const [position, item] of CFItems.entries()) {
    const names = [item.identifier, item.uri].filter(Boolean)
    if (isDomain(item)) {
      const domain = domainIdOf(item, ontology, options.publicUrl)
      if (domain !== undefined) for (const name of names) domainOf.set(name, domain)
      continue
    }
    const id = skillIdOf(item, ontology, options.publicUrl)
    if (id === undefined) {
      throw wrong(`CFItems[${position}].humanCodingScheme`, 'gives no name that an ontology can have.')
    }
    if (skills.has(id)) throw wrong(`CFItems[${position}].humanCodingScheme`, `stands twice; ${id} is taken.`)
    skills.set(id, item)
    for (const name of names) idOf.set(name, id)
  }
  if (skills.size === 0) throw wrong('CFItems', 'holds no skill.')
  const find = (link: { identifier: string; uri: string }, known: ReadonlyMap<string, string>) =>
    known.get(link.identifier) ?? known.get(link.uri)
  /** A skill of the package, or one of ours that it points to. */
  const skillAt = (link: Association['originNodeURI']) =>
    find(link, idOf) ?? ownSkill(link.identifier, ontology, options.publicUrl)

  const edits = new Map<string, SkillEdit>()
  for (const [id, item] of skills) edits.set(id, textsOf(id, item, CFDocument.language ?? 'en', ontology))
  const requires = new Map<string, SkillLevel[]>()
  const mappings = new Map<string, Mapping[]>()
  const broader = new Map<string, string[]>()
  const counts = { withoutLevel: 0, withoutRelation: 0, left: 0 }
  for (const [position, one] of CFAssociations.entries()) {
    const { originNodeURI: origin, destinationNodeURI: destination, CFAssociationGroupingURI: group } = one
    const from = skillAt(origin)
    const to = skillAt(destination)
    if (one.associationType === 'precedes' && to !== undefined && skills.has(to)) {
      if (from === undefined) {
        throw wrong(
          `CFAssociations[${position}].originNodeURI`,
          'is no skill of the package, nor of the ontology.',
        )
      }
      const level = readLevelTitle(group?.title ?? '')
      if (level === undefined) counts.withoutLevel++
      put(requires, to, { skill: from, level: (level ?? 1) as Level })
    } else if (one.associationType === 'isChildOf' && from !== undefined && skills.has(from)) {
      const domain = find(destination, domainOf)
      const edit = edits.get(from)
      if (domain !== undefined && edit) edit.domain = domain
      else if (to !== undefined) put(broader, from, to)
    } else if (one.associationType === 'replacedBy' && from !== undefined && to !== undefined) {
      const edit = edits.get(from)
      if (edit) Object.assign(edit, { status: 'deprecated', replacedBy: to })
    } else if (
      /^(exactMatchOf|isRelatedTo)$/.test(one.associationType) &&
      from !== undefined &&
      skills.has(from)
    ) {
      const told = readMappingTitle(group?.title ?? '')
      const mapping = mappingTo(destination, ontology)
      if (!mapping) {
        counts.left++
        continue
      }
      const relation =
        one.associationType === 'exactMatchOf' ? 'exactMatch' : (told?.relation ?? 'closeMatch')
      if (one.associationType === 'isRelatedTo' && !told) counts.withoutRelation++
      const approval = told?.approvedBy === undefined ? options.approval : told
      put(mappings, from, {
        ...mapping,
        relation,
        approvedBy: approval.approvedBy,
        approvedOn: approval.approvedOn,
      } as Mapping)
    } else counts.left++
  }
  for (const [id, edit] of edits) {
    const before = ontology.skills.get(id)
    const kept = (before?.requires ?? []).filter(({ skill }) => !skills.has(skill))
    edit.requires = [...kept, ...(requires.get(id) ?? [])]
    const named = broader.get(id)
    if (named) edit.broader = named
    const told = mappings.get(id) ?? []
    const schemes = new Set(told.map(({ scheme }) => scheme))
    edit.mappings = [...(before?.mappings ?? []).filter(({ scheme }) => !schemes.has(scheme)), ...told]
    const domain = edit.domain ?? before?.domain ?? options.domain
    if (domain === undefined) {
      throw wrong('CFItems', `${id} is new: say which domain new skills go to.`)
    }
    edit.domain = domain
  }
  const circle = circleAfter(edits.values(), ontology)
  if (circle) throw wrong('CFAssociations', `precedes leads in a circle: ${circle.join(' → ')}.`)
  if (counts.withoutLevel > 0)
    report.push(`${counts.withoutLevel} prerequisites without a level: taken as level 1`)
  if (counts.withoutRelation > 0)
    report.push(
      `${counts.withoutRelation} relations to other classifications not told: taken as close matches`,
    )
  if (counts.left > 0)
    report.push(`${counts.left} associations of kinds the ontology has no place for: left aside`)
  return {
    edits: [
      ...newEscoLabels(edits.values(), ontology),
      ...[...edits.values()].map((skill) => ({ kind: 'skill' as const, skill })),
    ],
    report: [`${skills.size} skills, ${CFAssociations.length} associations`, ...report],
  }
}

function readPackage({ name, text }: { name: string; text: string }): z.output<typeof zPackage> {
  let json: unknown
  try {
    json = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
  } catch {
    throw new Refusal('invalid_input', `${name}: is no JSON.`, { field: 'files' })
  }
  // Some services wrap it.
  const inner = z.looseObject({ CFPackage: z.unknown() }).safeParse(json)
  const result = zPackage.safeParse(
    inner.success && inner.data.CFPackage !== undefined ? inner.data.CFPackage : json,
  )
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const [first = '', ...rest] = issue?.path ?? []
  const member = rest.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : `${path}.${String(part)}`),
    String(first),
  )
  throw new Refusal('invalid_input', `${name}, ${member}: is missing or has the wrong form.`, {
    field: String(first) || 'files',
  })
}

const isSlug = (text: string | undefined): text is string => zSlug.safeParse(text).success

function slugOf(text: string): string | undefined {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const slug = plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '')
  return isSlug(slug) ? slug : undefined
}

function skillIdOf(item: Item, ontology: Ontology, publicUrl: string): string | undefined {
  const own = ownSkill(item.identifier, ontology, publicUrl)
  if (own !== undefined) return own
  if (isSlug(item.humanCodingScheme)) return item.humanCodingScheme
  return slugOf(item.abbreviatedStatement ?? item.fullStatement)
}

function domainIdOf(item: Item, { domains }: Ontology, publicUrl: string): string | undefined {
  if (domains.has(item.humanCodingScheme ?? '')) return item.humanCodingScheme
  return [...domains.keys()].find((id) => nameUuid(permanentIri(publicUrl, 'domain', id)) === item.identifier)
}

const uuids = new WeakMap<Ontology, ReadonlyMap<string, string>>()

/** Our skill of a GUID. */
function ownSkill(identifier: string, ontology: Ontology, publicUrl: string): string | undefined {
  const known =
    uuids.get(ontology) ??
    new Map([...ontology.skills.keys()].map((id) => [nameUuid(permanentIri(publicUrl, 'skill', id)), id]))
  uuids.set(ontology, known)
  return known.get(identifier)
}

function textsOf(id: string, item: Item, language: string, ontology: Ontology): SkillEdit {
  const extension = Object.entries(item.extensions ?? {}).find(([name]) => name.endsWith(extensionEnd))?.[1]
  const own = zExtension.safeParse(extension)
  if (own.success) {
    const { label, description, emerging, status, deprecationReason } = own.data
    return withoutUndefined({ id, label, description, emerging, status, deprecationReason })
  }
  const tag = (item.language ?? language).split('-')[0] ?? 'en'
  const label = item.abbreviatedStatement ?? item.fullStatement
  // Where there was no description the statement is the label once more.
  const isDescription =
    item.fullStatement !== label || ontology.skills.get(id)?.description[tag] !== undefined
  return {
    id,
    label: { [tag]: label },
    ...(isDescription ? { description: { [tag]: item.fullStatement } } : {}),
  }
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

function mappingTo(
  { title, uri }: Association['destinationNodeURI'],
  { schemes }: Ontology,
): Pick<Mapping, 'scheme' | 'uri' | 'notation' | 'label'> | undefined {
  if (uri.startsWith('http://data.europa.eu/esco/skill/')) {
    return { scheme: 'esco', uri, ...(title === '' || title === uri ? {} : { label: title }) }
  }
  const code = uri.startsWith(`${schemes.hpccf.iri}#`) ? uri.slice(schemes.hpccf.iri.length + 1) : ''
  return code === '' ? undefined : { scheme: 'hpccf', notation: code }
}

function put<T>(into: Map<string, T[]>, key: string, item: T): void {
  const known = into.get(key)
  if (known) known.push(item)
  else into.set(key, [item])
}
