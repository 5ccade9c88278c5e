import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'
import { onTestFinished } from 'vitest'
import { writeThrowawayTls } from '#adapters/file/throwaway-tls.ts'

export interface OutsideIssuer {
  issuer: string
  /** PEM to trust. */
  ca: string
  /** Signs somebody in at an authorization address, as a browser would; answers where it is sent back to. */
  signIn(authorizationUrl: string, account: string): Promise<URL>
}

/** An identity provider of somebody else: oidc-provider over https, with one client whose secret is `secret`. */
export async function outsideIssuer(options: {
  audience: string
  redirectUri: string
  secret?: string
  method: 'none' | 'client_secret_basic' | 'client_secret_post'
}): Promise<OutsideIssuer> {
  const folder = mkdtempSync(join(tmpdir(), 'academy-issuer-'))
  const { certFile, keyFile, certificate } = await writeThrowawayTls(folder, new Date())
  const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
    rmSync(folder, { recursive: true, force: true })
  })
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'one' }
  const provider = new Provider(issuer, {
    jwks: { keys: [jwk] },
    clients: [
      {
        client_id: 'academy',
        ...(options.secret === undefined ? {} : { client_secret: options.secret }),
        token_endpoint_auth_method: options.method,
        redirect_uris: [options.redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    pkce: { required: () => true },
    cookies: { keys: ['for tests only'] },
    features: {
      resourceIndicators: {
        enabled: true,
        defaultResource: () => options.audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: options.audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    findAccount: (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    extraTokenClaims: async () => ({ realm_access: { roles: ['academy-registrar', 'something-else'] } }),
  })
  server.on('request', provider.callback())
  return {
    issuer,
    ca: certificate,
    signIn: (url, account) => browse(url, account, certificate, options.redirectUri),
  }
}

/** Follows every redirect and fills in every form, until it is sent to `end`. */
async function browse(start: string, account: string, ca: string, end: string): Promise<URL> {
  const jar = new Map<string, string>()
  let next: { url: string; form?: URLSearchParams } = { url: start }
  for (let step = 0; step < 20; step++) {
    if (next.url.startsWith(end)) return new URL(next.url)
    const { status, headers, body } = await ask(next, jar, ca)
    for (const line of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    if (headers.location) next = { url: new URL(headers.location, next.url).href }
    else if (status === 200) next = filledIn(body, next.url, account)
    else throw new Error(`the issuer answered ${status}: ${body.slice(0, 500)}`)
  }
  throw new Error('the issuer sends its visitor in circles')
}

function filledIn(body: string, url: string, login: string): { url: string; form: URLSearchParams } {
  const action = /<form[^>]*action="([^"]+)"/.exec(body)?.[1]
  const prompt = /name="prompt" value="([^"]+)"/.exec(body)?.[1]
  if (!action || !prompt) throw new Error('the issuer shows no form')
  return {
    url: new URL(action, url).href,
    form: new URLSearchParams(prompt === 'login' ? { prompt, login, password: 'x' } : { prompt }),
  }
}

async function ask(
  { url, form }: { url: string; form?: URLSearchParams },
  jar: Map<string, string>,
  ca: string,
) {
  const { request } = await import('node:https')
  return new Promise<{ status: number; headers: import('node:http').IncomingHttpHeaders; body: string }>(
    (resolve, reject) => {
      const outgoing = request(
        url,
        {
          method: form ? 'POST' : 'GET',
          ca,
          headers: {
            cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
            ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
          },
        },
        (answer) => {
          const parts: Buffer[] = []
          answer.on('data', (part: Buffer) => parts.push(part))
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              body: Buffer.concat(parts).toString(),
            }),
          )
        },
      )
      outgoing.on('error', reject)
      outgoing.end(form?.toString())
    },
  )
}
