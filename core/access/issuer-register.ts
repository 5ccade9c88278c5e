import * as z from 'zod'
import { type AcademyRole, roles } from './operations.ts'

/**
 * Which identity providers may speak for which institution. Exact issuer, audience, algorithms and token
 * type; where in the token the roles stand; and which tenant a token of this issuer belongs to. Data, so
 * that another provider is a line in the register and not a line of code.
 */
const zTenantRule = z.union([
  /** Every token of this issuer belongs to this one institution. */
  z.strictObject({ slug: z.string().max(80) }),
  /** The claim at `claim` names the institution, and only values listed in `slugs` are believed. */
  z.strictObject({
    claim: z.array(z.string()).min(1).max(5),
    slugs: z.record(z.string(), z.string().max(80)),
  }),
])

/** A public key as RFC 7517 writes it; whoever put a private part into the register made a mistake. */
const zPublicJwk = z
  .looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']) })
  .refine((jwk) => !('d' in jwk), 'must be a public key')

const httpsAddress = z.url({ protocol: /^https$/ }).max(300)

/** How people sign in at the pages: OpenID Connect, authorization code with PKCE. */
const zSignIn = z.strictObject({
  /** Where several issuers sign people in, each has a redirect address of its own, which ends in this. */
  id: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'must be small letters, digits and hyphens')
    .optional(),
  /** What people choose by, where there are several. */
  name: z.object({ en: z.string().min(1).max(100), fr: z.string().min(1).max(100) }),
  clientId: z.string().min(1).max(200),
  authorizationEndpoint: httpsAddress,
  tokenEndpoint: httpsAddress,
  /** What is asked for besides `openid`. */
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/))
    .max(20)
    .default([]),
  /** RFC 8707: asks for a token for the entry's `audience`; providers that know no resources want it off. */
  askForAudience: z.boolean().default(true),
  /** RFC 6749 §2.3.1; `none` for a public client, which PKCE alone protects. */
  clientAuthentication: z.enum(['none', 'client_secret_basic', 'client_secret_post']).default('none'),
  /** Where the secret is, for a server that reads files; on AWS it is in a secret of the deployment. */
  secretFile: z.string().min(1).max(400).optional(),
})
export type SignInClient = z.output<typeof zSignIn>

const zIssuerEntry = z.strictObject({
  issuer: z.url().max(300),
  audience: z.string().min(1).max(300),
  /** Absent for the embedded provider, whose keys are in memory. */
  jwksUri: z
    .url({ protocol: /^https$/ })
    .max(300)
    .optional(),
  /** The keys themselves, for a provider that is not to be asked from here. */
  jwks: z.strictObject({ keys: z.array(zPublicJwk).min(1).max(20) }).optional(),
  algorithms: z.array(z.enum(['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'])).min(1),
  /** `at+jwt` by RFC 9068; some providers send `JWT`. */
  typ: z.enum(['at+jwt', 'JWT']).default('at+jwt'),
  /** Path to a list of role names (or one text) in the claims. */
  rolesClaim: z.array(z.string()).min(1).max(5),
  /** Role names of the provider → ours. A name that is not listed gives nothing. */
  roles: z.record(z.string(), z.enum(roles)),
  tenant: zTenantRule,
  /** Absent where nobody signs in at the pages. */
  signIn: zSignIn.optional(),
})
export type IssuerEntry = z.output<typeof zIssuerEntry>

/** The file `IDENTITY` may name. */
export const zIssuerRegister = z.strictObject({ issuers: z.array(zIssuerEntry).min(1).max(200) })

/** The slug that stands for the platform itself, which is no institution. */
export const platformSlug = 'platform'

/** The entry of exactly this issuer. The `iss` of an unverified token chooses the entry and nothing else. */
export function findIssuer(register: readonly IssuerEntry[], issuer: string): IssuerEntry | undefined {
  return register.find((entry) => entry.issuer === issuer)
}

/** Our roles out of verified claims; unknown names and wrong shapes give none. */
export function rolesOf(entry: IssuerEntry, claims: Record<string, unknown>): AcademyRole[] {
  const named = at(claims, entry.rolesClaim)
  const names = typeof named === 'string' ? [named] : Array.isArray(named) ? named : []
  const mapped = names
    .filter((name): name is string => typeof name === 'string' && Object.hasOwn(entry.roles, name))
    .map((name) => entry.roles[name])
    .filter((role) => role !== undefined)
  return [...new Set(mapped)]
}

/** Slug of the institution the token speaks for; `undefined` when the register knows none for it. */
export function tenantSlugOf(entry: IssuerEntry, claims: Record<string, unknown>): string | undefined {
  if ('slug' in entry.tenant) return entry.tenant.slug
  const named = at(claims, entry.tenant.claim)
  return typeof named === 'string' && Object.hasOwn(entry.tenant.slugs, named)
    ? entry.tenant.slugs[named]
    : undefined
}

function at(claims: Record<string, unknown>, path: readonly string[]): unknown {
  let value: unknown = claims
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}
