import { type Document, isCollection, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml'
import type { OntologyFiles, SkillEdit, SourceEdit } from '#core/ontology/ontology-files.ts'
import { Refusal } from '#core/refusal.ts'
import type { Mapping } from '#core/skills/ontology.ts'
import { isOntologyFile } from './files.ts'

/**
 * Changes source files as a curator's editor would: what is not named stays as it is, to the letter. Refuses
 * `invalid_input` for a file that has no place in an ontology, for a skill without a domain, and for a file
 * that cannot be read well enough to be changed.
 */
export function editFiles(files: OntologyFiles, edits: readonly SourceEdit[]): OntologyFiles {
  const texts = new Map(files)
  const documents = new Map<string, Document>()
  const changed = new Set<string>()
  const read = (name: string): Document => {
    const known = documents.get(name)
    if (known) return known
    const document = parseDocument(texts.get(name) ?? '')
    if (document.errors.length > 0 || !isMap(document.contents)) {
      throw new Refusal('invalid_input', `${name}: cannot be changed before it can be read.`, {
        field: 'files',
      })
    }
    documents.set(name, document)
    return document
  }
  const open = (name: string): Document => {
    changed.add(name)
    return read(name)
  }
  const write = () => {
    // A file that was only looked at stays as it is laid out.
    for (const name of changed) texts.set(name, read(name).toString({ lineWidth: 0 }))
    documents.clear()
    changed.clear()
  }
  for (const edit of edits) {
    if (edit.kind === 'file') {
      write()
      if (!isOntologyFile(edit.name)) {
        throw new Refusal('invalid_input', 'files: an ontology has no file of this name.', { field: 'files' })
      }
      texts.set(edit.name, edit.text)
    } else if (edit.kind === 'version') {
      write()
      texts.set('ontology.yaml', withVersion(texts.get('ontology.yaml') ?? '', edit.version))
    } else if (edit.kind === 'esco-label') {
      const { uri, concept, label } = edit
      open('esco-labels.yaml').setIn(['concepts', uri], { kind: concept, label })
    } else {
      const skill = edit.kind === 'skill' ? edit.skill : { id: edit.skill }
      const file = fileOf(skill, texts, read)
      const home = fileOfDomain(skill.domain, texts, read) ?? file
      if (home !== file) moveSkill(skill.id, open(file), open(home))
      editSkill(edit, open(home), mappingWriter(read('ontology.yaml')))
    }
  }
  write()
  return texts
}

function editSkill(
  edit: Extract<SourceEdit, { kind: 'skill' | 'mapping' | 'no-mapping' }>,
  document: Document,
  inOrder: (mapping: Mapping) => object,
): void {
  if (edit.kind === 'skill') {
    writeSkill(document, edit.skill, inOrder)
    return
  }
  const path = ['skills', edit.skill, 'mappings']
  const before = mappingsOf(document, path)
  const [scheme, target] =
    edit.kind === 'mapping' ? [edit.mapping.scheme, targetOf(edit.mapping)] : [edit.scheme, edit.target]
  const others = before.filter((one) => one.scheme !== scheme || targetOf(one) !== target)
  setList(document, path, edit.kind === 'mapping' ? [...others, inOrder(edit.mapping)] : others, false)
}

/** The file a skill stands in: where it is, else that of its domain. */
function fileOf(
  { id, domain }: Pick<SkillEdit, 'id' | 'domain'>,
  texts: ReadonlyMap<string, string>,
  read: (name: string) => Document,
): string {
  const present = skillFiles(texts).find((name) => read(name).hasIn(['skills', id]))
  const found = present ?? fileOfDomain(domain, texts, read)
  if (found) return found
  throw new Refusal('invalid_input', `${id}: is a new skill and needs a domain that exists.`, {
    field: 'domain',
  })
}

const skillFiles = (texts: ReadonlyMap<string, string>) =>
  [...texts.keys()].filter((name) => name.startsWith('skills/'))

function fileOfDomain(
  domain: string | undefined,
  texts: ReadonlyMap<string, string>,
  read: (name: string) => Document,
): string | undefined {
  if (domain === undefined) return undefined
  return skillFiles(texts).find((name) => read(name).get('domain') === domain)
}

function moveSkill(id: string, from: Document, to: Document): void {
  const node: unknown = from.getIn(['skills', id], true)
  from.deleteIn(['skills', id])
  to.setIn(['skills', id], node)
}

/** The keys of a skill as they stand in the files. */
const keyOrder = [
  'label',
  'description',
  'emerging',
  'status',
  'replacedBy',
  'deprecationReason',
  'broader',
  'requires',
  'mappings',
]
const singles = ['emerging', 'status', 'replacedBy', 'deprecationReason'] as const

function writeSkill(document: Document, edit: SkillEdit, inOrder: (mapping: Mapping) => object): void {
  const at = ['skills', edit.id]
  if (!document.hasIn(at)) document.setIn(at, document.createNode({ label: {}, description: {} }))
  for (const name of ['label', 'description'] as const) {
    for (const [language, text] of Object.entries(edit[name] ?? {})) {
      if (text !== undefined) document.setIn([...at, name, language], text)
    }
  }
  for (const name of singles) {
    const value = edit[name]
    // What is the usual thing is not written down.
    if (value === false || value === 'live' || value === '') document.deleteIn([...at, name])
    else if (value !== undefined) document.setIn([...at, name], value)
  }
  if (edit.broader) setList(document, [...at, 'broader'], edit.broader, true)
  if (edit.requires) {
    const requires = edit.requires.map(({ skill, level }) => ({ skill, level }))
    setList(document, [...at, 'requires'], requires, true)
  }
  if (edit.mappings) setList(document, [...at, 'mappings'], edit.mappings.map(inOrder), false)
  const node: unknown = document.getIn(at)
  const place = ({ key }: { key: unknown }) =>
    keyOrder.indexOf(String((key as { value?: unknown }).value ?? key))
  if (isMap(node)) node.items.sort((a, b) => place(a) - place(b))
}

/** Replaces a list; one that holds the same already is left as it is written. `flow` writes each item on one line. */
function setList(document: Document, path: string[], items: readonly unknown[], flow: boolean): void {
  const before: unknown = document.getIn(path)
  const same = isCollection(before) && JSON.stringify(before.toJSON()) === JSON.stringify(items)
  if (same || (before === undefined && items.length === 0)) return
  if (items.length === 0) {
    document.deleteIn(path)
    return
  }
  const node = document.createNode(items)
  if (isSeq(node)) {
    for (const item of node.items) if (isMap(item)) (item as YAMLMap).flow = flow
  }
  document.setIn(path, node)
}

function mappingsOf(document: Document, path: string[]): Mapping[] {
  const node: unknown = document.getIn(path)
  return isSeq(node) ? (node.toJSON() as Mapping[]) : []
}

const targetOf = ({ uri, notation }: Mapping) => uri ?? notation ?? ''

/** Writes a mapping with its keys in the order of the files, and no approval that the head gives to all. */
function mappingWriter(head: Document): (mapping: Mapping) => object {
  const [by, on] = [head.getIn(['mappingsApproved', 'by']), head.getIn(['mappingsApproved', 'on'])]
  return ({ relation, scheme, uri, notation, label, approvedBy, approvedOn }) => {
    const approval = approvedBy === by && approvedOn === on ? {} : { approvedBy, approvedOn }
    const members = { relation, scheme, uri, notation, label, ...approval }
    return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
  }
}

function withVersion(text: string, version: string): string {
  if (!/^version: .*$/m.test(text)) {
    throw new Refusal('invalid_input', 'ontology.yaml: has no version to raise.', { field: 'files' })
  }
  return text.replace(/^version: .*$/m, `version: ${version}`)
}
