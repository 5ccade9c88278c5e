import type { OfferingId } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { createOffering } from '#core/offerings/create-offering.ts'
import type { Ports } from '#core/ports.ts'
import { demoInstitutions, institutDuPort, northLake } from './institutions.ts'
import { seedRegistrar } from './staff.ts'

/** Modules each invented institution runs. */
const common = [
  'm-ai-for-everyone',
  'm-ai-literacy-work',
  'm-data-protection-ai',
  'm-python-data',
  'm-maths-for-ai',
  'm-software-practice',
  'm-deep-learning',
  'm-hpc-for-ai',
  'm-llm-inference',
]
const onlyNorthLake = [
  'm-linux-hpc-start',
  'm-machine-learning',
  'm-mlops',
  'm-ai-act-practice',
  'm-distributed-training',
]
/** What a learner of the demo may be awarded for a run on this very machine. */
const localRuns = ['m-llm-inference', 'm-linux-hpc-start', 'm-distributed-training']

/** Offering of a module at an institution, by `slug/module`. */
export type SeededOfferings = ReadonlyMap<string, OfferingId>

export const offeringName = ({ slug }: Pick<Institution, 'slug'>, moduleId: string) => `${slug}/${moduleId}`

/**
 * Opens the demo offerings that are not there yet, for a year from the first of this month. Only the modules
 * with a shipped practical, and only at North Lake, accept a local run as evidence.
 */
export async function seedOfferings(
  ports: Pick<Ports, 'store' | 'ontology' | 'random' | 'clock'>,
): Promise<SeededOfferings> {
  const now = ports.clock.now()
  const month = now.toISOString().slice(0, 7)
  const found = new Map<string, OfferingId>()
  for (const institution of demoInstitutions) {
    const registrar = seedRegistrar(institution)
    const { items } = await ports.store.listOfferings(institution.tag, { limit: 1000 })
    for (const offering of items.toReversed()) {
      found.set(offeringName(institution, offering.moduleId), offering.id)
    }
    for (const moduleId of [...common, ...(institution === northLake ? onlyNorthLake : [])]) {
      const name = offeringName(institution, moduleId)
      if (found.has(name)) continue
      const languages = ports.ontology.modules.get(moduleId)?.languages ?? []
      const inFrench = institution === institutDuPort && languages.includes('fr')
      const { id } = await createOffering(
        registrar,
        {
          requestId: `seed-${moduleId}-${month}`,
          moduleId,
          startsOn: `${month}-01`,
          endsOn: `${now.getUTCFullYear() + 1}${month.slice(4)}-28`,
          language: inFrench ? 'fr' : 'en',
          seats: 1000,
          allowsLocalEvidence: institution === northLake && localRuns.includes(moduleId),
        },
        ports,
      )
      found.set(name, id)
    }
  }
  return found
}
