import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'
import { registeredProvider } from '#adapters/oidc/registered-provider.ts'
import { type IssuerEntry, type SignInClient, zIssuerRegister } from '#core/access/issuer-register.ts'
import type { Ports } from '#core/ports.ts'
import { type Authenticator, makeAuthenticator } from '#http/authenticate.ts'
import type { SignInProvider } from '#http/sign-in.ts'
import { BadSettings } from './settings.ts'

export interface RegisteredIdentity {
  authenticator: Authenticator
  /** Absent where no issuer of the register says how people sign in. */
  signIn?: SignInProvider
}

/**
 * Who may call and sign in, by the issuers of a register file. Their keys are in the file, or fetched through the
 * guard of outgoing requests; secrets of clients are read by `secretOf`, from their files when it is absent.
 */
export function registeredIdentity(
  file: string,
  ports: Pick<Ports, 'store' | 'clock' | 'outbound' | 'settings'>,
  secretOf?: (signIn: SignInClient) => Promise<string>,
): RegisteredIdentity {
  const { register, keys, authenticator } = readIssuers(file, ports, secretOf ? 'elsewhere' : 'in-files')
  const issuers = register.flatMap((entry) => {
    const { signIn } = entry
    return signIn ? [{ entry: { ...entry, signIn }, keys: keys(entry) }] : []
  })
  if (issuers.length === 0) return { authenticator }
  const { clock, outbound, settings } = ports
  return {
    authenticator,
    signIn: registeredProvider({
      issuers,
      publicUrl: settings.publicUrl,
      clock,
      outbound,
      secretOf: secretOf ?? secretOfFile,
    }),
  }
}

/** Who may call, for a server at which nobody signs in; the secrets of clients are not in files. */
export function registeredAuthenticator(file: string, ports: IssuerPorts): Authenticator {
  return readIssuers(file, ports, 'elsewhere').authenticator
}

type IssuerPorts = Pick<Ports, 'store' | 'clock' | 'outbound'>

function readIssuers(file: string, ports: IssuerPorts, secrets: 'in-files' | 'elsewhere') {
  const register = readRegister(file, secrets)
  const keySets = new Map(register.map((entry) => [entry.issuer, keysOf(entry, ports)]))
  const keys = (entry: IssuerEntry) => keySets.get(entry.issuer) ?? keysOf(entry, ports)
  return { register, keys, authenticator: makeAuthenticator(register, keys, ports) }
}

async function secretOfFile({ secretFile }: SignInClient): Promise<string> {
  const text = await readFile(secretFile ?? '', 'utf8').catch(() => '')
  if (text.trim() === '') throw new Error('the secret of a client cannot be read')
  return text.trim()
}

function readRegister(file: string, secrets: 'in-files' | 'elsewhere'): IssuerEntry[] {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new BadSettings(['IDENTITY: must be embedded, or name a readable JSON file'])
  }
  return checkRegister(content, secrets)
}

/**
 * The issuers of a register; `secrets` says where those of clients are. Throws `BadSettings`, which names the
 * place of each mistake.
 */
export function checkRegister(content: unknown, secrets: 'in-files' | 'elsewhere'): IssuerEntry[] {
  const result = zIssuerRegister.safeParse(content)
  if (!result.success) {
    throw new BadSettings(
      result.error.issues.map((issue) => `IDENTITY: ${issue.path.join('.')} in the file is not usable`),
    )
  }
  const problems = result.data.issuers.flatMap(({ signIn }, at) => {
    const needsFile = secrets === 'in-files' && signIn?.clientAuthentication !== 'none'
    if (!signIn || needsFile === (signIn.secretFile !== undefined)) return []
    const rule = needsFile ? 'must name the file of the client’s secret' : 'must be left out'
    return [`IDENTITY: issuers.${at}.signIn.secretFile: ${rule}`]
  })
  problems.push(...missingIds(result.data.issuers))
  if (problems.length > 0) throw new BadSettings(problems)
  if (result.data.issuers.some(({ jwksUri, jwks }) => (jwksUri === undefined) === (jwks === undefined))) {
    throw new BadSettings(['IDENTITY: every issuer in the file needs a jwksUri, or its keys as jwks'])
  }
  return result.data.issuers
}

/** RFC 9700 §4.4: where several sign people in, an answer must show by its address whose it is. */
function missingIds(issuers: readonly IssuerEntry[]): string[] {
  const places = issuers.flatMap(({ signIn }, at) => (signIn ? [{ at, id: signIn.id }] : []))
  if (places.length < 2) return []
  return places
    .filter(({ at, id }) => id === undefined || places.some((other) => other.at < at && other.id === id))
    .map(
      ({ at }) =>
        `IDENTITY: issuers.${at}.signIn.id: where several issuers sign people in, each needs one of its own; its redirect address is PUBLIC_URL/callback/{id}`,
    )
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
