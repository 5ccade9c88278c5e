import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import {
  type ListToSign,
  listLifetimeSeconds,
  signBitstring,
  signTokenStatusList,
} from '#core/credentials/sign-status-list.ts'
import { isId, type StatusListId } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import type { AcademyEnv } from './environment.ts'
import { answerProblem } from './errors.ts'

type ListPorts = Pick<Ports, 'store' | 'clock' | 'signers' | 'settings'>

const maxKept = 300

/**
 * Status lists, whole: a verifier never says which entry it wants. A list is packed and signed once for each
 * change and again when half of its life has passed; every request costs one read of its version.
 */
export function statusListRoutes(ports: ListPorts): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()
  const signed = new Map<string, { version: number; signedAt: number; token: string }>()
  // Token Status List §8.1: lists should be readable from web pages.
  for (const path of ['/status/*', '/bitstring/*']) app.use(path, cors())

  app.get('/status/:list', (c) =>
    answer(c, 'status', 'application/statuslist+jwt', (list) => signTokenStatusList(list, ports)),
  )
  app.get('/bitstring/:list', (c) =>
    answer(c, 'revocation', 'application/vc+jwt', (list) => signBitstring(list, 'revocation', ports)),
  )
  app.get('/bitstring/:list/suspension', (c) =>
    answer(c, 'suspension', 'application/vc+jwt', (list) => signBitstring(list, 'suspension', ports)),
  )
  return app

  async function answer(
    c: Context<AcademyEnv>,
    kind: string,
    type: string,
    sign: (list: ListToSign) => Promise<string>,
  ): Promise<Response> {
    const id = c.req.param('list') ?? ''
    const token = isId(id, 'stl') ? await signedOnce(id, kind, sign) : undefined
    if (token === undefined) return answerProblem(c, 404, 'not_found', 'There is no such status list.')
    const ttl = ports.settings.statusListTtlSeconds
    return c.body(token, 200, { 'Content-Type': type, 'Cache-Control': `public, max-age=${ttl}` })
  }

  async function signedOnce(
    id: StatusListId,
    kind: string,
    sign: (list: ListToSign) => Promise<string>,
  ): Promise<string | undefined> {
    const list = await ports.store.findStatusList(id)
    if (!list) return undefined
    const now = ports.clock.now().getTime()
    const kept = signed.get(`${kind} ${id}`)
    if (kept?.version === list.version && now - kept.signedAt < (listLifetimeSeconds / 2) * 1000)
      return kept.token
    const [read, institution] = await Promise.all([
      ports.store.readStatusList(id),
      ports.store.findInstitution(list.tenant),
    ])
    if (!read || !institution) return undefined
    const token = await sign({ ...read, institution })
    signed.set(`${kind} ${id}`, { version: list.version, signedAt: now, token })
    const [oldest] = signed.size > maxKept ? signed.keys() : []
    if (oldest !== undefined) signed.delete(oldest)
    return token
  }
}
