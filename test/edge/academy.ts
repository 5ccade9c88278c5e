import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { importJWK, type JWK, type JWTHeaderParameters, SignJWT } from 'jose'
import { type EmbeddedProvider, embeddedProvider } from '#adapters/oidc/embedded-provider.ts'
import type { Json } from '#core/records.ts'
import { createApp } from '#http/app.ts'
import { type Authenticator, makeAuthenticator } from '#http/authenticate.ts'
import type { AcademyEnv } from '#http/environment.ts'
import type { AppOptions } from '#http/shell.ts'
import { type World, world } from '#test/support/world.ts'

export const publicUrl = 'http://127.0.0.1:4000'

interface Answer {
  status: number
  data?: Record<string, Json> | null
  errors?: { message: string; extensions?: { code?: string; field?: string } }[]
  headers: Headers
}

export interface Academy {
  ports: World
  app: Hono<AcademyEnv>
  provider: EmbeddedProvider
  authenticator: Authenticator
  logged: Record<string, unknown>[]
  /** The lines of the log that tell of requests; `logged` has the others. */
  answered: Record<string, unknown>[]
  /** A request as it arrives over a loopback socket. */
  request: (path: string, init?: RequestInit, address?: string) => Promise<Response>
  /** Posts a query; `token` is what stands after `Bearer`. */
  graphql: (query: string, more?: { variables?: object; token?: string | undefined }) => Promise<Answer>
  tokenOf: (account: string) => Promise<string>
  /** The key the provider signs with, for tokens it would never make. */
  providerKey: JWK
  sign: (header: object, claims: object) => Promise<string>
}

/** The whole HTTP edge over the world in memory, with the real embedded provider. */
export async function academy(options: Partial<AppOptions> & { now?: string } = {}): Promise<Academy> {
  const { now, ...appOptions } = options
  const ports = await world({ settings: { publicUrl }, ...(now ? { now } : {}) })
  const { clock, folder } = ports
  const keyFile = join(folder, 'identity.jwk')
  const provider = await embeddedProvider({ publicUrl, keyFile, production: false, clock })
  const providerKey = JSON.parse(readFileSync(keyFile, 'utf8')) as JWK
  const authenticator = makeAuthenticator([provider.entry], () => provider.keys, ports)
  const logged: Record<string, unknown>[] = []
  const answered: Record<string, unknown>[] = []
  const app = createApp(ports, {
    authenticator,
    signIn: provider,
    rateLimits: { graphql: 1000, wallet: 1000, pages: 1000, signIn: 1000, analytics: 1000 },
    production: false,
    log: (line) => (line.event === 'request' ? answered : logged).push(line),
    ...appOptions,
  })
  const request = async (path: string, init: RequestInit = {}, address = '127.0.0.1') => {
    const headers = new Headers(init.headers)
    if (!headers.has('host')) headers.set('host', '127.0.0.1:4000')
    const socket = { incoming: { socket: { remoteAddress: address } } } as never
    return app.request(`${publicUrl}${path}`, { ...init, headers }, socket)
  }
  return {
    ports,
    app,
    provider,
    authenticator,
    logged,
    answered,
    request,
    async graphql(query, { variables = {}, token } = {}) {
      const response = await request('/graphql', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
      })
      const body = (await response.json()) as Omit<Answer, 'status' | 'headers'>
      return { ...body, status: response.status, headers: response.headers }
    },
    providerKey,
    async sign(header, claims) {
      return new SignJWT({ ...claims })
        .setProtectedHeader(header as JWTHeaderParameters)
        .sign(await importJWK(providerKey, 'ES256'), { crit: { x: false } })
    },
    async tokenOf(account) {
      const token = await provider.tokenFor(account)
      if (!token) throw new Error(`there is no account ${account}`)
      return token
    },
  }
}

/** A short text that differs with what it is made from; for request ids. */
export const requestIdOf = (text: string) =>
  `t-${createHash('sha256').update(text).digest('hex').slice(0, 20)}`
