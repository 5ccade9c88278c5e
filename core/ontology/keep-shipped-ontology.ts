import type { Ports } from '#core/ports.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import type { OntologyFiles } from './ontology-files.ts'
import { packOntology } from './ontology-text.ts'

export interface ShippedVersion {
  ontology: Ontology
  /** Empty for a version whose files are gone. */
  files: OntologyFiles
  publishedAt: Date
}

/**
 * Keeps the versions that came with the software in the records, the earliest first, so that each stays at its
 * address whatever is released later. Repeating it changes nothing. Refuses `state_conflict` when the records
 * have another content under one of the numbers.
 */
export async function keepShippedOntologies(
  shipped: readonly ShippedVersion[],
  { store }: Pick<Ports, 'store'>,
): Promise<void> {
  const known = new Map((await store.listOntologyVersions()).map((one) => [one.version, one.digest]))
  const inForce = await store.findOntologyInForce()
  for (const [place, { ontology, files, publishedAt }] of shipped.entries()) {
    const { version, digest } = ontology
    const last = place === shipped.length - 1
    if (known.get(version) === digest && !(last && inForce?.version !== version)) continue
    const previous = shipped[place - 1]?.ontology.version
    await store.saveShippedOntologyOnce(
      {
        version,
        digest,
        publishedAt,
        ...(previous === undefined ? {} : { previous }),
        origin: { kind: 'shipped' },
      },
      { text: packOntology(ontology), files },
    )
  }
}
