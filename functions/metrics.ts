/** The unit ends the name: `ProjectionLagSeconds`, `EventsParkedCount`. */
type Metrics = Record<`${string}Seconds` | `${string}Count`, number>

/** Where CloudWatch keeps them; alarms and dashboard ask there. */
const namespace = 'Academy'

/**
 * Writes metrics as one line of the log, in the format CloudWatch reads them from (embedded metric format). Those of
 * one site are told apart by its name: the others must not hide that it is silent.
 */
export function publishMetrics(
  deployment: string,
  at: number,
  metrics: Metrics,
  of: { site?: string } = {},
): void {
  const names = Object.keys(metrics).map((Name) => ({
    Name,
    Unit: Name.endsWith('Seconds') ? 'Seconds' : 'Count',
  }))
  const line = {
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        { Namespace: namespace, Dimensions: [['deployment', ...Object.keys(of)]], Metrics: names },
      ],
    },
    deployment,
    ...of,
    ...metrics,
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
