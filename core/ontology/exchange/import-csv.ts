import { withoutApostrophe } from '#core/csv/write-csv.ts'
import { zSlug } from '#core/parse.ts'
import { Refusal } from '#core/refusal.ts'
import { badTable, type Cells, readTable } from '#core/skills/esco/read-table.ts'
import type { Level, Mapping, Ontology, SkillLevel } from '#core/skills/ontology.ts'
import type { SkillEdit } from '../ontology-files.ts'
import { circleAfter, type ImportedSkills, type ImportOptions, newEscoLabels } from './imported-skills.ts'
import { type CsvFile, csvColumns, csvFiles } from './skills-csv.ts'

const mostRows = 50_000

/**
 * Reads the curators' tables, any of the three, as edits of the skills they name. In `skills.csv` an empty text
 * leaves the text as it is; every other cell says what shall be. The rows of a skill in `requirements.csv` and
 * `mappings.csv` are all it has; beside `skills.csv`, a skill without rows has none. Refuses `invalid_input`, naming
 * file, row and column.
 */
export function importCsv(
  files: readonly { name: string; text: string }[],
  ontology: Ontology,
  options: ImportOptions,
): ImportedSkills {
  const known = files.map((file) => ({ ...file, table: csvFiles.find((name) => file.name.endsWith(name)) }))
  const strange = known.find(({ table }) => table === undefined)
  if (strange || known.length === 0) {
    throw new Refusal('invalid_input', `files: name them ${csvFiles.join(', ')}.`, { field: 'files' })
  }
  const of = (table: CsvFile) => known.find((file) => file.table === table)
  const edits = new Map<string, SkillEdit>()
  const edit = (id: string): SkillEdit => {
    const made = edits.get(id) ?? { id }
    edits.set(id, made)
    return made
  }
  const skills = of('skills.csv')
  const leftAside = skills ? readSkills(skills, ontology, options, edit) : []
  const listed = [...edits.keys()]
  const mustBeThere = (id: string, place: Place) => {
    if (!ontology.skills.has(id) && !edits.has(id))
      throw badTable(place.file, place.row, place.field, 'names no skill there is.')
  }

  const requirements = of('requirements.csv')
  if (requirements) {
    const rows = readRequirements(requirements, mustBeThere)
    for (const id of new Set([...listed, ...rows.keys()])) edit(id).requires = rows.get(id) ?? []
  }
  const mappings = of('mappings.csv')
  if (mappings) {
    const rows = readMappings(mappings, options, mustBeThere)
    for (const id of new Set([...listed, ...rows.keys()])) edit(id).mappings = rows.get(id) ?? []
  }
  const circle = circleAfter(edits.values(), ontology)
  if (circle) {
    throw new Refusal(
      'invalid_input',
      `${requirements?.name ?? 'requirements.csv'}, requires: leads in a circle: ${circle.join(' → ')}.`,
      {
        field: 'requires',
      },
    )
  }
  return {
    edits: [
      ...newEscoLabels(edits.values(), ontology),
      ...[...edits.values()].map((skill) => ({ kind: 'skill' as const, skill })),
    ],
    report: [
      `${edits.size} skills in ${known.map(({ table }) => table).join(', ')}`,
      ...(leftAside.length === 0 ? [] : [`columns nobody knows, left aside: ${leftAside.join(', ')}`]),
    ],
  }
}

interface Named {
  name: string
  text: string
}
interface Place {
  file: string
  row: number
  field: string
}

function readRows<C extends string>(
  file: Named,
  columns: { needed: readonly C[]; optional?: readonly string[] },
  take: (
    cells: Cells<C> & Record<string, string>,
    wrong: (field: C | string, problem: string) => Refusal,
    row: number,
  ) => void,
): void {
  readTable(file, columns, (cells, row) => {
    if (row > mostRows) throw badTable(file.name, row, columns.needed[0] ?? '', 'the file has too many rows.')
    const plain = Object.fromEntries(
      Object.entries<string>(cells).map(([name, cell]) => [name, withoutApostrophe(cell.trim())]),
    ) as Cells<C> & Record<string, string>
    take(plain, (field, problem) => badTable(file.name, row, field, problem), row)
  })
}

const isSlug = (text: string) => zSlug.safeParse(text).success

function readSkills(
  file: Named,
  ontology: Ontology,
  options: ImportOptions,
  edit: (id: string) => SkillEdit,
): string[] {
  const header = (/^[^\r\n]*/.exec(file.text.replace(/^\ufeff/, ''))?.[0] ?? '')
    .split(',')
    .map((name) => name.replace(/^"|"$/g, ''))
  const texts = header.flatMap((name) => {
    const [, kind, tag] = /^(label|description)_([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)$/.exec(name) ?? []
    return kind === undefined || tag === undefined
      ? []
      : [{ name, kind: kind as 'label' | 'description', tag }]
  })
  const [id, ...rest] = csvColumns['skills.csv']
  const present = new Set(header)
  const seen = new Set<string>()
  readRows(file, { needed: [id], optional: [...rest, ...texts.map(({ name }) => name)] }, (cells, wrong) => {
    const own = cells.id
    if (!isSlug(own)) throw wrong('id', 'must be lower-case words joined by hyphens.')
    if (seen.has(own)) throw wrong('id', 'stands twice.')
    seen.add(own)
    const made = edit(own)
    const cell = (name: (typeof rest)[number]) => (present.has(name) ? (cells[name] ?? '') : undefined)
    const domain = cell('domain') || ontology.skills.get(own)?.domain || options.domain
    if (domain === undefined) throw wrong('domain', 'is missing, and the skill is new.')
    if (!ontology.domains.has(domain)) throw wrong('domain', 'names no domain there is.')
    made.domain = domain
    const emerging = cell('emerging')
    if (emerging !== undefined) {
      if (!/^(yes|no|)$/.test(emerging)) throw wrong('emerging', 'must be yes, no or empty.')
      made.emerging = emerging === 'yes'
    }
    const status = cell('status')
    if (status !== undefined) {
      if (!/^(live|deprecated|)$/.test(status)) throw wrong('status', 'must be live, deprecated or empty.')
      made.status = status === 'deprecated' ? 'deprecated' : 'live'
    }
    const replacedBy = cell('replaced_by')
    if (replacedBy !== undefined) {
      if (replacedBy !== '' && !isSlug(replacedBy)) throw wrong('replaced_by', 'names no skill.')
      made.replacedBy = replacedBy
    }
    const reason = cell('deprecation_reason')
    if (reason !== undefined) made.deprecationReason = reason
    const broader = cell('broader')
    if (broader !== undefined) made.broader = broader.split(/\s+/).filter(Boolean)
    for (const { name, kind, tag } of texts) {
      const text = cells[name] ?? ''
      if (text !== '') made[kind] = { ...made[kind], [tag]: text }
    }
  })
  const known = new Set<string>([id, ...rest, ...texts.map(({ name }) => name)])
  return header.filter((name) => !known.has(name)).slice(0, 10)
}

type MustBeThere = (id: string, place: Place) => void

function readRequirements(file: Named, mustBeThere: MustBeThere): Map<string, SkillLevel[]> {
  const found = new Map<string, SkillLevel[]>()
  readRows(file, { needed: csvColumns['requirements.csv'] }, ({ skill, requires, level }, wrong, row) => {
    mustBeThere(skill, { file: file.name, row, field: 'skill' })
    mustBeThere(requires, { file: file.name, row, field: 'requires' })
    if (!/^[1-4]$/.test(level)) throw wrong('level', 'must be 1, 2, 3 or 4.')
    const own = found.get(skill) ?? []
    if (own.some((one) => one.skill === requires)) throw wrong('requires', 'stands twice for this skill.')
    found.set(skill, [...own, { skill: requires, level: Number(level) as Level }])
  })
  return found
}

function readMappings(file: Named, options: ImportOptions, mustBeThere: MustBeThere): Map<string, Mapping[]> {
  const found = new Map<string, Mapping[]>()
  const [skill, relation, scheme, target, ...more] = csvColumns['mappings.csv']
  const columns = { needed: [skill, relation, scheme, target], optional: more }
  readRows(file, columns, (cells, wrong, row) => {
    mustBeThere(cells.skill, { file: file.name, row, field: 'skill' })
    if (!/^(exact|close|broad|narrow)Match$/.test(cells.relation)) {
      throw wrong('relation', 'must be exactMatch, closeMatch, broadMatch or narrowMatch.')
    }
    if (cells.scheme !== 'esco' && cells.scheme !== 'hpccf') throw wrong('scheme', 'must be esco or hpccf.')
    if (cells.target === '') throw wrong('target', 'is missing.')
    if (
      cells.scheme === 'esco' &&
      !/^http:\/\/data\.europa\.eu\/esco\/skill\/[0-9a-f-]{36}$/.test(cells.target)
    ) {
      throw wrong('target', 'is no address of an ESCO skill.')
    }
    const { approved_by: by = '', approved_on: on = '', label = '' } = cells
    if (on !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(on)) throw wrong('approved_on', 'must be a day: YYYY-MM-DD.')
    if ((by === '') !== (on === '')) throw wrong('approved_by', 'and approved_on go together.')
    const own = found.get(cells.skill) ?? []
    if (own.some((one) => (one.uri ?? one.notation) === cells.target && one.scheme === cells.scheme)) {
      throw wrong('target', 'stands twice for this skill.')
    }
    const mapping: Mapping = {
      relation: cells.relation as Mapping['relation'],
      scheme: cells.scheme,
      ...(cells.scheme === 'esco' ? { uri: cells.target } : { notation: cells.target }),
      ...(label === '' ? {} : { label }),
      ...(by === '' ? options.approval : { approvedBy: by, approvedOn: on }),
    }
    found.set(cells.skill, [...own, mapping])
  })
  return found
}
