import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createLocalJWKSet, importJWK, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose'
import Provider, { type Configuration } from 'oidc-provider'
import type { IssuerEntry } from '#core/access/issuer-register.ts'
import { roles } from '#core/access/operations.ts'
import type { Clock } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { type DemoAccount, demoAccounts, findDemoAccount } from './demo-accounts.ts'
import { inProcess } from './in-process.ts'
import { signingKeyFile } from './key-file.ts'
import { memoryAdapter } from './memory-adapter.ts'
import { errorPage, forgetEarlierSignIn, signInRoutes } from './sign-in-page.ts'

const clientId = 'academy-pages'
const tokenLifetimeSeconds = 3600

/** What the HTTP edge needs of a provider whose accounts sign in through the pages. */
export interface EmbeddedProvider {
  issuer: string
  entry: IssuerEntry
  keys: JWTVerifyGetKey
  accounts: readonly DemoAccount[]
  /** Answers everything below `/oidc`. */
  handle(request: IncomingMessage, response: ServerResponse): void
  places: readonly { id: string; name: { en: string; fr: string }; callback: string }[]
  authorizationUrl(request: AuthorizationRequest): string
  exchangeCode(answer: { code: string; verifier: string; nonce: string }): Promise<string>
  /** Access token for scripts; `undefined` for an account that does not exist. */
  tokenFor: (account: string) => Promise<string | undefined>
}

interface AuthorizationRequest {
  state: string
  nonce: string
  /** S256 challenge of the PKCE verifier. */
  challenge: string
  language: string
}

/**
 * An OpenID provider on the academy's own address, with invented accounts and no passwords. It refuses
 * to exist in production and anywhere but on a loopback address. Sessions and codes live in memory: after
 * a restart one signs in again; tokens stay good, because the key is kept in a file.
 */
export async function embeddedProvider(options: {
  publicUrl: string
  keyFile: string
  production: boolean
  clock: Clock
}): Promise<EmbeddedProvider> {
  const { publicUrl, clock } = options
  if (options.production) {
    throw new Error(
      'IDENTITY: the embedded provider has no passwords and does not start with NODE_ENV=production',
    )
  }
  if (!isLoopback(new URL(publicUrl).hostname)) {
    throw new Error(
      'IDENTITY: the embedded provider has no passwords and works only on a loopback PUBLIC_URL',
    )
  }
  const issuer = `${publicUrl}/oidc`
  const redirectUri = `${publicUrl}/callback`
  const jwk = await signingKeyFile(options.keyFile)
  const { d: _private, ...publicJwk } = jwk
  const keys = createLocalJWKSet({ keys: [publicJwk] })
  const privateKey = await importJWK(jwk, 'ES256')

  const provider = new Provider(issuer, configuration())
  provider.proxy = publicUrl.startsWith('https:')
  provider.use(forgetEarlierSignIn(provider))
  provider.use(signInRoutes(provider))
  const callback = provider.callback()
  const mounted = (request: IncomingMessage, response: ServerResponse) => {
    // The provider finds out where it is mounted by comparing the two, as under Express.
    Object.assign(request, { originalUrl: request.url })
    request.url = (request.url ?? '/').slice('/oidc'.length) || '/'
    request.headers['host'] = new URL(publicUrl).host
    request.headers['x-forwarded-proto'] = new URL(publicUrl).protocol.slice(0, -1)
    delete request.headers['x-forwarded-host']
    void callback(request, response)
  }
  const post = inProcess(mounted)

  return {
    issuer,
    entry: {
      issuer,
      audience: publicUrl,
      algorithms: ['ES256'],
      typ: 'at+jwt',
      rolesClaim: ['roles'],
      roles: Object.fromEntries(roles.map((role) => [role, role])),
      tenant: {
        claim: ['institution'],
        slugs: Object.fromEntries(demoAccounts.map(({ institution }) => [institution, institution])),
      },
    },
    keys,
    accounts: demoAccounts,
    handle: mounted,
    places: [
      { id: issuer, name: { en: 'Demo accounts', fr: 'Comptes de démonstration' }, callback: '/callback' },
    ],
    authorizationUrl(request) {
      const query = new URLSearchParams({
        client_id: clientId,
        response_type: 'code',
        scope: 'openid academy',
        resource: publicUrl,
        redirect_uri: redirectUri,
        code_challenge_method: 'S256',
        code_challenge: request.challenge,
        state: request.state,
        nonce: request.nonce,
        prompt: 'login',
        ui_locales: request.language,
      })
      return `${issuer}/auth?${query}`
    },
    async exchangeCode({ code, verifier, nonce }) {
      const form = new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: clientId,
        redirect_uri: redirectUri,
        code,
        code_verifier: verifier,
        resource: publicUrl,
      })
      const answer = await post('/oidc/token', form)
      const { access_token: accessToken, id_token: idToken } = answer.body
      if (answer.status !== 200 || typeof accessToken !== 'string' || typeof idToken !== 'string') {
        throw new Refusal('not_signed_in', 'The sign-in could not be finished. Please try again.')
      }
      const checks = { issuer, audience: clientId, algorithms: ['ES256'], currentDate: clock.now() }
      const { payload } = await jwtVerify(idToken, keys, checks)
      if (payload['nonce'] !== nonce) {
        throw new Refusal('not_signed_in', 'The sign-in could not be finished. Please try again.')
      }
      return accessToken
    },
    async tokenFor(account) {
      const found = findDemoAccount(account)
      if (!found) return undefined
      const now = Math.floor(clock.now().getTime() / 1000)
      return new SignJWT({ client_id: clientId, scope: 'academy', ...claimsOf(found) })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: jwk.kid })
        .setIssuer(issuer)
        .setAudience(publicUrl)
        .setSubject(found.account)
        .setIssuedAt(now)
        .setExpirationTime(now + tokenLifetimeSeconds)
        .setJti(crypto.randomUUID())
        .sign(privateKey)
    },
  }

  function configuration(): Configuration {
    return {
      adapter: memoryAdapter(() => clock.now()),
      jwks: { keys: [jwk] },
      clients: [
        {
          client_id: clientId,
          application_type: 'web',
          redirect_uris: [redirectUri],
          grant_types: ['authorization_code'],
          response_types: ['code'],
          token_endpoint_auth_method: 'none',
          id_token_signed_response_alg: 'ES256',
        },
      ],
      scopes: ['openid', 'academy'],
      pkce: { required: () => true },
      cookies: { keys: [createHash('sha256').update(`cookies ${jwk.d}`).digest('base64url')] },
      interactions: { url: (_ctx, interaction) => `/oidc/interaction/${interaction.uid}` },
      features: {
        devInteractions: { enabled: false },
        rpInitiatedLogout: { enabled: false },
        userinfo: { enabled: false },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => publicUrl,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: 'academy',
            audience: publicUrl,
            accessTokenTTL: tokenLifetimeSeconds,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
      ttl: { Session: 28_800, Interaction: 900, Grant: 28_800, AuthorizationCode: 60, IdToken: 300 },
      findAccount: (_ctx, id) =>
        findDemoAccount(id) && { accountId: id, claims: () => Promise.resolve({ sub: id }) },
      extraTokenClaims: (_ctx, token) => {
        const account = 'accountId' in token ? findDemoAccount(String(token.accountId)) : undefined
        return account && claimsOf(account)
      },
      // The pages are the provider's own: there is nobody to whom consent would be given.
      async loadExistingGrant(ctx) {
        const { client, session } = ctx.oidc
        if (!client || !session?.accountId) return undefined
        const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId })
        grant.addOIDCScope('openid academy')
        grant.addResourceScope(publicUrl, 'academy')
        await grant.save()
        return grant
      },
      renderError: (ctx, _out, error) => errorPage(ctx, error),
    }
  }
}

function claimsOf(account: DemoAccount) {
  return { roles: [...account.roles], institution: account.institution }
}

/** Whether a host name is this machine and nothing else. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
