import { Hono } from 'hono'
import { sameText } from '#core/same-text.ts'
import type { AcademyEnv } from './environment.ts'
import { answerProblem } from './errors.ts'

export interface MetricsPage {
  /** Whoever sends it as a bearer token may read. */
  token: string
  type: string
  read: () => Promise<string>
}

/** `/metrics`, for a Prometheus that has the token. */
export function metricsRoutes({ token, type, read }: MetricsPage): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()
  app.get('/metrics', async (c) => {
    if (!sameText(c.req.header('authorization') ?? '', `Bearer ${token}`))
      return answerProblem(c, 401, 'not_signed_in', 'Metrics are for whoever has their token.')
    c.header('Cache-Control', 'no-store')
    return c.body(await read(), 200, { 'Content-Type': type })
  })
  return app
}
