import { Hono } from 'hono'
import type { SealStanding } from '#core/edc/certificate-watch.ts'
import type { Ports } from '#core/ports.ts'
import type { AcademyEnv } from './environment.ts'

/** Certificates end by the day, and health is asked for by the second. */
const countedForMs = 600_000

/**
 * `/healthz`: the process answers. `/readyz`: it may be sent work, because the records answer too; and how many
 * sealing certificates are good, end soon or cannot be used, so that whoever watches it hears in time.
 */
export function healthRoutes(
  ports: Pick<Ports, 'store' | 'ontology' | 'signers' | 'seals' | 'clock'>,
): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()
  let counted: { at: number; counts: Record<SealStanding['state'], number> } | undefined

  async function sealCounts() {
    const now = ports.clock.now().getTime()
    if (counted && now - counted.at < countedForMs) return counted.counts
    const { sealStandings } = await import('#core/edc/certificate-watch.ts')
    const counts = { good: 0, expiring: 0, unusable: 0 }
    for (const { state } of await sealStandings(ports)) counts[state]++
    counted = { at: now, counts }
    return counts
  }

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
    const seals = await sealCounts().catch(() => undefined)
    return c.json({ status: 'ready', ontology: ports.ontology.version, ...(seals ? { seals } : {}) })
  })
  return app
}
