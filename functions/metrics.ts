/** The unit ends the name: `ProjectionLagSeconds`, `EventsParkedCount`. */
type Metrics = Record<`${string}Seconds` | `${string}Count`, number>

/** Where CloudWatch keeps them; alarms and dashboard ask there. */
const namespace = 'Academy'

/** Writes metrics as one line of the log, in the format CloudWatch reads them from (embedded metric format). */
export function publishMetrics(deployment: string, at: number, metrics: Metrics): void {
  const names = Object.keys(metrics).map((Name) => ({
    Name,
    Unit: Name.endsWith('Seconds') ? 'Seconds' : 'Count',
  }))
  const line = {
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [['deployment']], Metrics: names }],
    },
    deployment,
    ...metrics,
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
