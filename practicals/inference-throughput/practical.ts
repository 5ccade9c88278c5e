import type { Json } from '#core/records.ts'
import { referenceConfiguration, zServingConfiguration } from './engine/configuration.ts'

/** What the academy needs to know of this practical beside its `spec.yaml`. */
export const inferenceThroughput = {
  zConfiguration: zServingConfiguration,
  /** Where a learner begins: the reference itself, which does not pass. */
  exampleFor: (): Json => referenceConfiguration,
  input: { kind: 'json' },
} as const
