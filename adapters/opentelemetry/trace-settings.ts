export const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** The standard variables that are read here; the exporter reads those of its own (`OTEL_EXPORTER_OTLP_…`) itself. */
export interface TraceSettings {
  exporter: 'otlp' | 'console'
  sampler: (typeof samplers)[number]
  /** Of the samplers with a ratio. */
  ratio: number
  /** Between two exports. */
  delayMilliseconds: number
}
