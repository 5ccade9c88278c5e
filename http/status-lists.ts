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
 * Status lists, whole: a verifier never says which entry it wants. A list is packed and signed when somebody
 * asks after a change of it or of the institution's key, but once at most in each window of changes
 * (`STATUS_LIST_WINDOW_SECONDS`), and again when half of its life has passed. Inside the window an answer
 * costs no read.
 */
export function statusListRoutes(ports: ListPorts): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()
  const signed = new Map<string, SignedList>()
  /** Whoever asks while a list is being signed gets that one. */
  const beingSigned = new Map<string, Promise<SignedList | undefined>>()
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
    const key = `${kind} ${id}`
    const kept = signed.get(key)
    const now = ports.clock.now().getTime()
    if (kept && now - kept.lookedAt < ports.settings.statusListWindowSeconds * 1000) return kept.token
    if (kept && now - kept.signedAt < (listLifetimeSeconds / 2) * 1000 && (await isCurrent(id, kept))) {
      kept.lookedAt = now
      return kept.token
    }
    const signing = beingSigned.get(key) ?? signNow(id, sign).finally(() => beingSigned.delete(key))
    beingSigned.set(key, signing)
    const fresh = await signing
    if (fresh) keep(key, fresh)
    return fresh?.token
  }

  async function isCurrent(id: StatusListId, { version, kid }: SignedList): Promise<boolean> {
    const list = await ports.store.findStatusList(id)
    return list?.version === version && (await ports.signers.active(list.tenant)).kid === kid
  }

  async function signNow(
    id: StatusListId,
    sign: (list: ListToSign) => Promise<string>,
  ): Promise<SignedList | undefined> {
    const signedAt = ports.clock.now().getTime()
    const read = await ports.store.readStatusList(id)
    const institution = read && (await ports.store.findInstitution(read.list.tenant))
    if (!institution) return undefined
    const { kid } = await ports.signers.active(read.list.tenant)
    const token = await sign({ ...read, institution })
    return { version: read.list.version, kid, signedAt, lookedAt: signedAt, token }
  }

  function keep(key: string, list: SignedList): void {
    signed.delete(key)
    signed.set(key, list)
    const [oldest] = signed.size > maxKept ? signed.keys() : []
    if (oldest !== undefined) signed.delete(oldest)
  }
}

interface SignedList {
  version: number
  kid: string
  /** Milliseconds since 1970; what changed later is not in it. */
  signedAt: number
  /** When it was last found to be the newest. */
  lookedAt: number
  token: string
}
