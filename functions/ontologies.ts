import { keepShippedOntologies } from '#core/ontology/keep-shipped-ontology.ts'
import type { Ontologies, OntologyFiles } from '#core/ontology/ontology-files.ts'
import { unpackOntology } from '#core/ontology/ontology-text.ts'
import { compareVersions } from '#core/ontology/version-rules.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import type { Store } from '#core/store.ts'
import { BadSettings } from './settings.ts'

/** The ontology that came with the software, the files it was made from, and those of earlier releases. */
export interface ShippedOntology {
  ontology: Ontology
  files: OntologyFiles
  earlier: readonly { publishedOn: string; ontology: Ontology }[]
}

/** Old versions kept in memory; a page or two of each are all anybody reads. */
const keptVersions = 4

/**
 * The ontology in force, as `ontology`, and the workshop around it. In force is the latest version published
 * here, or the shipped one while none is later. Begins with the shipped one; `refresh` takes up the rest.
 */
export function openOntologies(
  shipped: () => Ontology,
  store: Pick<Store, 'findOntologyInForce' | 'findOntologyVersion' | 'findOntologyContent'>,
): Ontologies & { readonly ontology: Ontology } {
  let later: Ontology | undefined
  const kept = new Map<string, Ontology>()

  async function read(version: string): Promise<Ontology | undefined> {
    const header = await store.findOntologyVersion(version)
    const content = header && (await store.findOntologyContent(version))
    return header && content && unpackOntology(content.text, header.digest)
  }

  return {
    get ontology() {
      return later ?? shipped()
    },

    async find(version) {
      const inForce = later ?? shipped()
      if (version === inForce.version) return inForce
      const known = kept.get(version) ?? (await read(version))
      if (!known) return undefined
      kept.delete(version)
      kept.set(version, known)
      const [oldest] = kept.size > keptVersions ? kept.keys() : []
      if (oldest !== undefined) kept.delete(oldest)
      return known
    },

    // Loaded when a draft is first looked at: few processes ever do.
    judge: async (files) => (await import('#skills-ontology/workshop.ts')).workshop.judge(files),
    edit: async (files, edits) => (await import('#skills-ontology/workshop.ts')).workshop.edit(files, edits),

    async refresh() {
      const last = await store.findOntologyInForce()
      const own = shipped()
      const before = (later ?? own).version
      if (!last || compareVersions(last.version, own.version) <= 0) later = undefined
      else if (last.version !== later?.version) {
        const next = await read(last.version)
        if (!next) throw new Error('the ontology in force has no content')
        // Heads by role and sector are no part of a version; see `docs/decisions/0104`.
        later = { ...next, demandSample: own.demandSample }
      }
      return (later ?? own).version !== before
    },
  }
}

/** Keeps the shipped versions in the records. A number that was published here with another content stops the start. */
export async function keepShipped(
  { ontology, files, earlier }: ShippedOntology,
  ports: Pick<Ports, 'store' | 'clock'>,
): Promise<void> {
  const before = earlier.map(({ publishedOn, ontology: old }) => ({
    ontology: old,
    files: new Map<string, string>(),
    publishedAt: new Date(`${publishedOn}T00:00:00Z`),
  }))
  const now = { ontology, files, publishedAt: ports.clock.now() }
  try {
    await keepShippedOntologies([...before, now], ports)
  } catch (error) {
    if (error instanceof Refusal && error.field === 'version') {
      throw new BadSettings([`The ontology cannot be published. ${error.message}`])
    }
    throw error
  }
}
