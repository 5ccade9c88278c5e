import { packOntology, unpackOntology } from '#core/ontology/ontology-text.ts'
import type { DemandRow, Ontology } from '#core/skills/ontology.ts'

interface Packed {
  digest: string
  text: string
  demandSample: DemandRow[]
}

/** An ontology that was read and judged, as one text that is read back in milliseconds, synthetic demand included. */
export function packShipped(ontology: Ontology): string {
  const { digest, demandSample } = ontology
  const packed: Packed = { digest, text: packOntology(ontology), demandSample: [...demandSample] }
  return JSON.stringify(packed)
}

/** The ontology of `packShipped`: nothing is judged again. */
export function unpackShipped(packed: string): Ontology {
  const { digest, text, demandSample } = JSON.parse(packed) as Packed
  return { ...unpackOntology(text, digest), demandSample }
}
