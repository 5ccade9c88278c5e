import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Ports } from '#core/ports.ts'
import type { Log } from '#http/log.ts'
import type { MetricsPage } from '#http/metrics.ts'

type Asked = Pick<Ports, 'store' | 'clock' | 'sites'>

/** More than so many parked events or live attempts are told as so many. */
const mostCounted = 1000
const farFuture = new Date('9999-12-31T00:00:00.000Z')

export interface WatchedLog {
  /** The same log, whose lines are counted. */
  log: Log
  page(token: string, ports: Asked): MetricsPage
}

/**
 * Metrics as Prometheus reads them: requests and errors by what the log tells of them, and what waits, counted when
 * it is asked for. The unit ends each name; no label has room for a person.
 */
export function watchLog(log: Log): WatchedLog {
  const register = new Registry()
  const registers = [register]
  const requests = new Histogram({
    name: 'academy_http_request_duration_seconds',
    help: 'Time to answer requests, by route.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  })
  const troubles = new Counter({
    name: 'academy_log_lines_total',
    help: 'Lines of the log that warn or tell of an error.',
    labelNames: ['level', 'event'] as const,
    registers,
  })
  collectDefaultMetrics({ register })
  return {
    log(line) {
      log(line)
      if (line.level !== 'info') troubles.inc({ level: line.level, event: line.event })
      if (line.event !== 'request') return
      const { method, route, status, milliseconds } = line
      requests.observe(
        { method: String(method), route: String(route), status: String(status) },
        Number(milliseconds) / 1000,
      )
    },

    page(token, ports) {
      const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
      const lag = gauge(
        'academy_projection_lag_seconds',
        'Age of the oldest event somebody has not heard of.',
      )
      const parked = gauge('academy_parked_events', 'Events put aside until an operator replays them.')
      const attempts = gauge('academy_live_attempts', 'Attempts at practicals that have not ended.')
      return {
        token,
        type: register.contentType,
        async read() {
          const now = await counted(ports)
          lag.set(now.lagSeconds)
          parked.set(now.parked)
          attempts.set(now.live)
          return register.metrics()
        },
      }
    },
  }
}

async function counted({ store, clock, sites }: Asked) {
  const count = { lagSeconds: 0, parked: 0, live: 0 }
  for (const { tag } of await store.listInstitutions()) {
    const [oldest] = await store.pendingEvents(tag, 1)
    const seconds = oldest ? (clock.now().getTime() - oldest.at.getTime()) / 1000 : 0
    count.lagSeconds = Math.max(count.lagSeconds, seconds)
    count.parked += (await store.parkedEvents(tag, mostCounted)).length
    for (const { name } of sites.list())
      count.live += (await store.dueAttempts(tag, name, farFuture, mostCounted)).length
  }
  return count
}
