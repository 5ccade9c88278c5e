import type { Finding } from '#core/ontology/finding.ts'
import type { Source } from './read-source.ts'
import { cycles } from './rules/cycles.ts'
import { labels } from './rules/labels.ts'
import { lifecycle } from './rules/lifecycle.ts'
import { mappings } from './rules/mappings.ts'
import { coveredPrerequisites, outcomes, practicals, reachable, workload } from './rules/modules.ts'
import { references } from './rules/references.ts'
import type { Rule } from './rules/rule.ts'
import { warnings } from './rules/warnings.ts'

/** The eleven rules, at their numbers. */
const rules: Record<number, Rule> = {
  1: references,
  2: cycles,
  3: labels,
  4: outcomes,
  5: coveredPrerequisites,
  6: reachable,
  7: workload,
  8: mappings,
  9: practicals,
  10: lifecycle,
  11: warnings,
}

/** Judges files of the right shape by all rules; every finding names its rule, file, key path and line. */
export function checkSource(source: Source): Finding[] {
  const findings: Finding[] = []
  for (const [number, rule] of Object.entries(rules)) {
    rule(source, (file, path, message, severity = 'error') => {
      const line = source.lineOf(file, path)
      const place = line === undefined ? { file, path } : { file, path, line }
      findings.push({ rule: Number(number), severity, ...place, message })
    })
  }
  return findings
}
