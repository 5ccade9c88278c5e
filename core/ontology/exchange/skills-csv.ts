import { byteOrderMark, csvLine } from '#core/csv/write-csv.ts'
import type { Ontology } from '#core/skills/ontology.ts'

/** The tables curators take into a spreadsheet and back; each may come back alone. */
export const csvFiles = ['skills.csv', 'requirements.csv', 'mappings.csv'] as const
export type CsvFile = (typeof csvFiles)[number]

export const csvColumns = {
  'skills.csv': ['id', 'domain', 'emerging', 'status', 'replaced_by', 'deprecation_reason', 'broader'],
  'requirements.csv': ['skill', 'requires', 'level'],
  'mappings.csv': ['skill', 'relation', 'scheme', 'target', 'label', 'approved_by', 'approved_on'],
} as const satisfies Record<CsvFile, readonly string[]>

/** The skills of an ontology as one of the three tables: UTF-8 with a byte order mark, as spreadsheets like it. */
export function skillsCsv(ontology: Ontology, file: CsvFile): string {
  const { header, rows } = tables[file](ontology)
  return byteOrderMark + [header, ...rows].map(csvLine).join('')
}

interface Table {
  header: string[]
  rows: string[][]
}

const tables: Record<CsvFile, (ontology: Ontology) => Table> = {
  'skills.csv'({ skills }) {
    const languages = languagesOf(skills.values())
    const texts = ['label', 'description'].flatMap((name) => languages.map((tag) => `${name}_${tag}`))
    const rows = [...skills.values()].map((skill) => [
      skill.id,
      skill.domain,
      skill.emerging ? 'yes' : '',
      skill.status === 'live' ? '' : skill.status,
      skill.replacedBy ?? '',
      skill.deprecationReason ?? '',
      skill.broader.join(' '),
      ...languages.map((tag) => skill.label[tag] ?? ''),
      ...languages.map((tag) => skill.description[tag] ?? ''),
    ])
    return { header: [...csvColumns['skills.csv'], ...texts], rows }
  },
  'requirements.csv': ({ skills }) => ({
    header: [...csvColumns['requirements.csv']],
    rows: [...skills.values()].flatMap(({ id, requires }) =>
      requires.map(({ skill, level }) => [id, skill, String(level)]),
    ),
  }),
  'mappings.csv': ({ skills }) => ({
    header: [...csvColumns['mappings.csv']],
    rows: [...skills.values()].flatMap(({ id, mappings }) =>
      mappings.map(({ relation, scheme, uri, notation, label, approvedBy, approvedOn }) => [
        id,
        relation,
        scheme,
        uri ?? notation ?? '',
        label ?? '',
        approvedBy ?? '',
        approvedOn ?? '',
      ]),
    ),
  }),
}

function languagesOf(
  skills: Iterable<Ontology['skills'] extends ReadonlyMap<string, infer S> ? S : never>,
): string[] {
  const tags = new Set(['en', 'fr'])
  for (const { label, description } of skills) {
    for (const tag of [...Object.keys(label), ...Object.keys(description)]) tags.add(tag)
  }
  return [...tags].sort()
}
