import type { Rule } from './rule.ts'

/** Rule 10: a deprecated skill says what replaces it or why it went; nothing live requires it. */
export const lifecycle: Rule = ({ skills }, report) => {
  for (const [id, { file, status, replacedBy, deprecationReason, requires }] of skills) {
    if (status === 'deprecated') {
      if (replacedBy === undefined && deprecationReason === undefined) {
        report(file, ['skills', id, 'status'], 'deprecated needs replacedBy or deprecationReason')
      }
      if (replacedBy !== undefined && skills.get(replacedBy)?.status === 'deprecated') {
        report(file, ['skills', id, 'replacedBy'], `is deprecated itself: ${replacedBy}`)
      }
      continue
    }
    if (replacedBy !== undefined)
      report(file, ['skills', id, 'replacedBy'], 'belongs to a deprecated skill only')
    for (const [i, { skill }] of requires.entries()) {
      if (skills.get(skill)?.status !== 'deprecated') continue
      report(file, ['skills', id, 'requires', i, 'skill'], `is deprecated: ${skill}`)
    }
  }
}
