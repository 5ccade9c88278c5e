import { compareOntologies } from '#core/ontology/compare-ontologies.ts'
import { isRaisedBy, leastBump, raise } from '#core/ontology/version-rules.ts'
import type { Ontology } from '#core/skills/ontology.ts'

/** What differs between two versions, in lines for a person; the last says what the version must rise by. */
export function describeChanges(before: Ontology, after: Ontology): string[] {
  const changes = compareOntologies(before, after)
  const { bump, reasons } = leastBump(changes)
  const because = new Map(reasons.map((reason) => [`${reason.kind} ${reason.id}`, reason]))
  const lines = changes.entries.flatMap(({ kind, id, label, change, replacedBy, fields }) => {
    const reason = because.get(`${kind} ${id}`)
    const next = replacedBy === undefined ? '' : `, replaced by ${replacedBy}`
    return [
      `${change} ${kind} ${id} "${label.en}"${next} (${reason?.bump ?? bump})`,
      ...fields.map(({ path, before: was, after: is }) => `    ${path}: ${was ?? '–'} → ${is ?? '–'}`),
    ]
  })
  const head = changes.head.map(
    ({ path, before: was, after: is }) => `head ${path}: ${was ?? '–'} → ${is ?? '–'}`,
  )
  const verdict =
    bump === 'none'
      ? `Nothing differs from version ${before.version}.`
      : `A ${bump} change of version ${before.version}: at least ${raise(before.version, bump)}; ontology.yaml says ${after.version}.`
  return [...lines, ...head, verdict]
}

/** Why the version of the files may not stand over the last one released; `undefined` when it may. */
export function versionTooLow(after: Ontology, last: Ontology | undefined): string | undefined {
  if (!last || after.digest === last.digest) return undefined
  const { bump } = leastBump(compareOntologies(last, after))
  if (isRaisedBy(after.version, last.version, bump) && after.version !== last.version) return undefined
  const least = raise(last.version, bump === 'none' ? 'patch' : bump)
  return `must be at least ${least}, for what changed since ${last.version} is a ${bump} change (npm run ontology -- diff)`
}
