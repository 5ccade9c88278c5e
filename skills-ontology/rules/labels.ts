import type { Path } from '#core/ontology/finding.ts'
import type { Source } from '../read-source.ts'
import type { Report, Rule } from './rule.ts'

interface Labelled {
  file: string
  path: Path
  label: Record<string, string>
  /** Only live skills must differ from each other. */
  group: string | undefined
}

/** Rule 3: labels in English and French, without stray spaces, and no two live things of a kind with one label. */
export const labels: Rule = (source, report) => {
  const seen = new Map<string, string>()
  for (const { file, path, label, group } of labelled(source)) {
    for (const language of source.head.languages.required) {
      if (!Object.hasOwn(label, language)) report(file, [...path, language], 'is missing')
    }
    for (const [language, text] of Object.entries(label)) {
      checkSpaces(text, file, [...path, language], report)
      if (group === undefined) continue
      const key = `${group}\n${language}\n${normalised(text)}`
      const earlier = seen.get(key)
      if (earlier) report(file, [...path, language], `is also the label of ${earlier}`)
      else seen.set(key, String(path[1]))
    }
  }
}

function* labelled({ skills, modules, roles, sectors }: Source): Generator<Labelled> {
  for (const [id, { file, label, status }] of skills) {
    yield { file, path: ['skills', id, 'label'], label, group: status === 'live' ? 'skills' : undefined }
  }
  for (const [id, { title }] of Object.entries(modules)) {
    yield { file: 'modules.yaml', path: ['modules', id, 'title'], label: title, group: 'modules' }
  }
  for (const [id, { label }] of Object.entries(roles)) {
    yield { file: 'roles.yaml', path: ['roles', id, 'label'], label, group: 'roles' }
  }
  for (const [id, { label }] of Object.entries(sectors)) {
    yield { file: 'sectors.yaml', path: ['sectors', id, 'label'], label, group: 'sectors' }
  }
}

function checkSpaces(text: string, file: string, path: Path, report: Report): void {
  if (text !== text.trim()) report(file, path, 'begins or ends with a space')
  else if (/[\u00a0\u202f\u2007\ufeff]/.test(text)) report(file, path, 'has a no-break space')
  else if (/\s\s|[\t\n]/.test(text)) report(file, path, 'has a double space or a tab')
}

/** Case, accents' encoding, apostrophes and spaces do not make a label different. */
function normalised(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/[’']/g, "'").replace(/\s+/g, ' ').trim()
}
