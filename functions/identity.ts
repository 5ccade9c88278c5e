import { join } from 'node:path'
import { type EmbeddedProvider, embeddedProvider } from '#adapters/oidc/embedded-provider.ts'
import type { Ports } from '#core/ports.ts'
import { type Authenticator, makeAuthenticator } from '#http/authenticate.ts'
import type { SignInProvider } from '#http/sign-in.ts'
import { registeredIdentity } from './registered-identity.ts'
import type { Settings } from './settings.ts'

/**
 * Who may sign in: the embedded provider (`IDENTITY` not set), or the issuers of a register file. Keys of
 * registered issuers are fetched through the guard of outgoing requests.
 */
export async function identity(
  settings: Pick<Settings, 'identity' | 'dataDir' | 'production'>,
  ports: Pick<Ports, 'store' | 'clock' | 'outbound' | 'settings'>,
): Promise<{ authenticator: Authenticator; signIn?: SignInProvider; embedded?: EmbeddedProvider }> {
  if (settings.identity !== 'embedded') return registeredIdentity(settings.identity, ports)
  const embedded = await embeddedProvider({
    publicUrl: ports.settings.publicUrl,
    keyFile: join(settings.dataDir, 'keys', 'identity.jwk'),
    production: settings.production,
    clock: ports.clock,
  })
  const authenticator = makeAuthenticator([embedded.entry], () => embedded.keys, ports)
  return { authenticator, signIn: embedded, embedded }
}
