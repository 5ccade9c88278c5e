import { decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import {
  findIssuer,
  type IssuerEntry,
  platformSlug,
  rolesOf,
  tenantSlugOf,
} from '#core/access/issuer-register.ts'
import type { Actor } from '#core/access/operations.ts'
import { platformTag, type TenantTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'

const maxTokenLength = 8192

/** A verified token and until when it is good. */
export interface Authenticated {
  actor: Actor
  expiresAt: Date
}

export interface Authenticator {
  /** Who sends this `Authorization` header; `undefined` without one. Refuses `token_invalid`, `token_expired`. */
  actorOf(authorization: string | undefined): Promise<Actor | undefined>
  verifyToken(token: string): Promise<Authenticated>
  /** The learner record of an account may appear after its session began. */
  withLearner(actor: Actor): Promise<Actor>
}

/**
 * Verifies access tokens (RFC 9068) against the register. The `iss` of the unverified token chooses the
 * entry and nothing else; key, algorithm, type, audience and tenant come from the entry.
 */
export function makeAuthenticator(
  register: readonly IssuerEntry[],
  keysOf: (entry: IssuerEntry) => JWTVerifyGetKey,
  ports: Pick<Ports, 'store' | 'clock'>,
): Authenticator {
  const keySets = new Map(register.map((entry) => [entry.issuer, keysOf(entry)]))

  async function verifyToken(token: string): Promise<Authenticated> {
    if (token.length > maxTokenLength) throw invalid()
    const entry = findIssuer(register, unverifiedIssuer(token))
    const keys = entry && keySets.get(entry.issuer)
    if (!entry || !keys) throw invalid()
    const { payload } = await verified(
      jwtVerify(token, keys, {
        issuer: entry.issuer,
        audience: entry.audience,
        algorithms: entry.algorithms,
        typ: entry.typ,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: 5,
        currentDate: ports.clock.now(),
      }),
    )
    const { sub: subject, exp } = payload
    const slug = tenantSlugOf(entry, payload)
    const tenant = slug === undefined ? undefined : await tenantOfSlug(slug)
    if (!subject || subject.length > 255 || exp === undefined || !tenant) throw invalid()
    const actor = await withLearner({ subject, tenant, roles: rolesOf(entry, payload) })
    return { actor, expiresAt: new Date(exp * 1000) }
  }

  async function tenantOfSlug(slug: string): Promise<TenantTag | undefined> {
    if (slug === platformSlug) return platformTag
    return (await ports.store.findInstitutionBySlug(slug))?.tag
  }

  async function withLearner({ learnerId: _stale, ...actor }: Actor): Promise<Actor> {
    if (!actor.roles.includes('learner') || actor.tenant === platformTag) return actor
    const learner = await ports.store.findLearnerBySubject(actor.tenant, actor.subject)
    return learner ? { ...actor, learnerId: learner.id } : actor
  }

  return {
    verifyToken,
    withLearner,
    async actorOf(authorization) {
      if (authorization === undefined) return undefined
      const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1]
      if (token === undefined) throw invalid()
      return (await verifyToken(token)).actor
    },
  }
}

function unverifiedIssuer(token: string): string {
  try {
    return decodeJwt(token).iss ?? ''
  } catch {
    throw invalid()
  }
}

/** jose's refusals become ours; a key set that cannot be fetched is not the caller's fault and stays a defect. */
async function verified<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) {
      throw new Refusal('token_expired', 'The access token has expired. Sign in again.', { cause })
    }
    if (cause instanceof errors.JOSEError && !(cause instanceof errors.JWKSTimeout)) throw invalid(cause)
    throw cause
  }
}

function invalid(cause?: unknown): Refusal {
  return new Refusal('token_invalid', 'The access token is not valid here.', { cause })
}
