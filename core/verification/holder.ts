import { isInForce } from '#core/jose/in-force.ts'
import { parsePublicJwk } from '#core/jose/jwk.ts'
import { Malformed } from '#core/jose/malformed.ts'
import type { Primitives } from '#core/ports.ts'
import type { ReadCredential } from './read-credential.ts'
import { CheckFailure } from './verification.ts'

/** What a verifier that asked for a presentation expects. Spending the nonce is the caller's. */
export interface ExpectedHolder {
  nonce: string
  audience: string
}

/** How old or early a key binding may be. */
const bindingWindowSeconds = 300

export type HolderFinding = 'proven' | 'not_proven' | 'binding_not_for_us'

/**
 * Checks the key binding JWT (RFC 9901 §7.3): typ, the key of `cnf`, signature, `sd_hash`, and, when a
 * presentation was asked for, audience, nonce and age. Without such a question even a good binding
 * proves nothing: it may be a copy of one made for somebody else. Throws `CheckFailure('holder')`.
 */
export async function checkHolder(
  credential: ReadCredential,
  expected: ExpectedHolder | undefined,
  now: Date,
  primitives: Primitives,
): Promise<HolderFinding> {
  const binding = credential.sdJwt?.keyBinding
  if (!credential.sdJwt || !binding) {
    if (expected) throw mismatch('binding_missing')
    return 'not_proven'
  }
  if (binding.header.typ !== 'kb+jwt') throw mismatch('binding_typ_wrong')
  const { cnf } = credential.jws.payload
  const key = await importHolderKey((cnf as { jwk?: unknown } | undefined)?.jwk, primitives)
  if (!(await primitives.verifyEs256(key, binding.signingInput, binding.signature))) {
    throw mismatch('binding_signature_wrong')
  }
  const { iat, aud, nonce, sd_hash: boundTo } = binding.payload
  if (boundTo !== (await primitives.sha256(credential.sdJwt.boundText))) {
    throw mismatch('binding_of_another')
  }
  if (typeof iat !== 'number' || typeof aud !== 'string' || typeof nonce !== 'string') {
    throw mismatch('binding_incomplete')
  }
  if (!expected) return 'binding_not_for_us'
  if (aud !== expected.audience) throw mismatch('binding_audience_wrong')
  if (nonce !== expected.nonce) throw mismatch('binding_nonce_wrong')
  if (Math.abs(now.getTime() / 1000 - iat) > bindingWindowSeconds || !isInForce(binding.payload, now))
    throw mismatch('binding_too_old')
  return 'proven'
}

async function importHolderKey(jwk: unknown, primitives: Primitives) {
  try {
    return await primitives.importEs256(parsePublicJwk(jwk))
  } catch (cause) {
    // Off the curve is the platform's complaint, another kind of key the reader's.
    throw mismatch(cause instanceof Malformed ? cause.reason : 'key_not_supported')
  }
}

function mismatch(code: string): CheckFailure {
  return new CheckFailure('holder', code, 'holder-mismatch')
}
