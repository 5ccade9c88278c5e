import type { Json } from '#core/records.ts'
import { referenceConfiguration, zServingConfiguration } from './engine/configuration.ts'

/** What the academy needs to know of this practical beside its `spec.yaml`. */
export const zConfiguration = zServingConfiguration
/** Where a learner begins: the reference itself, which does not pass. */
export const exampleConfiguration: Json = referenceConfiguration
