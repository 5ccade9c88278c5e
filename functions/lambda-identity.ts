import type { Authenticator } from '#http/authenticate.ts'
import { needed } from './aws-settings.ts'
import type { LambdaWorld } from './lambda-world.ts'
import {
  type RegisteredIdentity,
  registeredAuthenticator,
  registeredIdentity,
} from './registered-identity.ts'

/** Who may call and sign in at a function; the secrets of clients are in Secrets Manager, by client id. */
export function lambdaIdentity({ ports, settings, aws, readSecret }: LambdaWorld): RegisteredIdentity {
  return registeredIdentity(settings.identity, ports, async ({ clientId }) => {
    const secret = (await readSecret(needed(aws.signInSecret, 'SIGN_IN_SECRET')))[clientId]
    if (secret === undefined) throw new Error('the secret of a client is not in Secrets Manager')
    return secret
  })
}

/** Who may call a function at which nobody signs in. */
export function lambdaAuthenticator({ ports, settings }: LambdaWorld): Authenticator {
  return registeredAuthenticator(settings.identity, ports)
}
