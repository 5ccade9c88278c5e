import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'
import { type EmbeddedProvider, embeddedProvider } from '#adapters/oidc/embedded-provider.ts'
import { type IssuerEntry, zIssuerRegister } from '#core/access/issuer-register.ts'
import type { Ports } from '#core/ports.ts'
import { type Authenticator, makeAuthenticator } from '#http/authenticate.ts'
import { BadSettings, type Settings } from './settings.ts'

/**
 * Who may sign in: the embedded provider (`IDENTITY` not set), or the issuers of a register file. Keys of
 * registered issuers are fetched through the guard of outgoing requests.
 */
export async function identity(
  settings: Pick<Settings, 'identity' | 'dataDir' | 'production'>,
  ports: Pick<Ports, 'store' | 'clock' | 'outbound' | 'settings'>,
): Promise<{ authenticator: Authenticator; embedded?: EmbeddedProvider }> {
  if (settings.identity !== 'embedded') {
    const register = readRegister(settings.identity)
    return { authenticator: makeAuthenticator(register, (entry) => remoteKeys(entry, ports), ports) }
  }
  const embedded = await embeddedProvider({
    publicUrl: ports.settings.publicUrl,
    keyFile: join(settings.dataDir, 'keys', 'identity.jwk'),
    production: settings.production,
    clock: ports.clock,
  })
  return { authenticator: makeAuthenticator([embedded.entry], () => embedded.keys, ports), embedded }
}

function readRegister(file: string): IssuerEntry[] {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new BadSettings(['IDENTITY: must be embedded, or name a readable JSON file'])
  }
  const result = zIssuerRegister.safeParse(content)
  if (!result.success) {
    throw new BadSettings(
      result.error.issues.map((issue) => `IDENTITY: ${issue.path.join('.')} in the file is not usable`),
    )
  }
  const withoutKeys = result.data.issuers.find(({ jwksUri }) => jwksUri === undefined)
  if (withoutKeys) throw new BadSettings(['IDENTITY: every issuer in the file needs a jwksUri'])
  return result.data.issuers
}

function remoteKeys(entry: IssuerEntry, { outbound }: Pick<Ports, 'outbound'>): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(entry.jwksUri ?? ''), {
    cacheMaxAge: 600_000,
    cooldownDuration: 30_000,
    [customFetch]: async (url) => {
      const answer = await outbound.get(url, {
        maxBytes: 64 * 1024,
        timeoutSeconds: 3,
        accept: 'application/jwk-set+json, application/json',
      })
      return new Response(new Uint8Array(answer.body), { status: answer.status })
    },
  })
}
