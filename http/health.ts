import { Hono } from 'hono'
import type { Ports } from '#core/ports.ts'
import type { AcademyEnv } from './environment.ts'

/** `/healthz`: the process answers. `/readyz`: it may be sent work, because the records answer too. */
export function healthRoutes(ports: Pick<Ports, 'store' | 'ontology'>): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()
  app.get('/healthz', (c) => {
    c.header('Cache-Control', 'no-store')
    return c.json({ status: 'ok' })
  })
  app.get('/readyz', async (c) => {
    c.header('Cache-Control', 'no-store')
    try {
      await ports.store.listInstitutions()
    } catch {
      return c.json({ status: 'unavailable', failed: 'records' }, 503)
    }
    return c.json({ status: 'ready', ontology: ports.ontology.version })
  })
  return app
}
