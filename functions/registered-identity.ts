import { readFileSync } from 'node:fs'
import { createLocalJWKSet, createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'
import { type IssuerEntry, zIssuerRegister } from '#core/access/issuer-register.ts'
import type { Ports } from '#core/ports.ts'
import { type Authenticator, makeAuthenticator } from '#http/authenticate.ts'
import { BadSettings } from './settings.ts'

/**
 * Who may sign in by the issuers of a register file. Their keys are in the file, or fetched through the
 * guard of outgoing requests.
 */
export function registeredIdentity(
  file: string,
  ports: Pick<Ports, 'store' | 'clock' | 'outbound'>,
): Authenticator {
  return makeAuthenticator(readRegister(file), (entry) => keysOf(entry, ports), ports)
}

function readRegister(file: string): IssuerEntry[] {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new BadSettings(['IDENTITY: must be embedded, or name a readable JSON file'])
  }
  return checkRegister(content)
}

/** The issuers of a register; throws `BadSettings`, which names the place of each mistake. */
export function checkRegister(content: unknown): IssuerEntry[] {
  const result = zIssuerRegister.safeParse(content)
  if (!result.success) {
    throw new BadSettings(
      result.error.issues.map((issue) => `IDENTITY: ${issue.path.join('.')} in the file is not usable`),
    )
  }
  if (result.data.issuers.some(({ jwksUri, jwks }) => (jwksUri === undefined) === (jwks === undefined))) {
    throw new BadSettings(['IDENTITY: every issuer in the file needs a jwksUri, or its keys as jwks'])
  }
  return result.data.issuers
}

function keysOf({ jwks, jwksUri = '' }: IssuerEntry, { outbound }: Pick<Ports, 'outbound'>): JWTVerifyGetKey {
  if (jwks) return createLocalJWKSet(jwks)
  return createRemoteJWKSet(new URL(jwksUri), {
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
