import type { Mapping } from '../ontology.ts'
import type { EscoCatalogue } from './esco-catalogue.ts'

export interface MissingConcept {
  /** The skill or role that is matched to it. */
  id: string
  mapping: Mapping & { uri: string }
}

/**
 * Matches to concepts that the imported ESCO does not have, for concepts vanish between its versions. Empty while
 * nothing was imported.
 */
export async function missingConcepts(
  matched: Iterable<{ id: string; mappings: readonly Mapping[] }>,
  esco: Pick<EscoCatalogue, 'header' | 'find'>,
): Promise<MissingConcept[]> {
  if (!(await esco.header())) return []
  const missing: MissingConcept[] = []
  for (const { id, mappings } of matched) {
    for (const mapping of mappings) {
      const { scheme, uri } = mapping
      if (scheme !== 'esco' || uri === undefined || (await esco.find(uri))) continue
      missing.push({ id, mapping: { ...mapping, uri } })
    }
  }
  return missing
}
