import { Oauth2ServerErrorResponseError } from '@openid4vc/oauth2'
import { Openid4vciIssuer } from '@openid4vc/openid4vci'
import { isInForce } from '#core/jose/in-force.ts'
import { type PublicJwk, parsePublicJwk } from '#core/jose/jwk.ts'
import { type ParsedJws, parseJws } from '#core/jose/jws.ts'
import { Malformed } from '#core/jose/malformed.ts'
import type { Ports } from '#core/ports.ts'
import { keyOfDid } from './holder-key.ts'
import { attestedKeys } from './key-attestation.ts'
import { nonceEnd } from './nonce.ts'
import { sdkCallbacks } from './openid4vci-sdk.ts'
import { WalletRefusal } from './wallet-refusal.ts'

export type ProofPorts = Pick<Ports, 'clock' | 'random' | 'signers' | 'settings' | 'primitives'>

/** What one proof proved. */
export interface VerifiedProof {
  /** One key, or every key of the attestation that vouches for the proof's key. */
  holderKeys: PublicJwk[]
  nonce: string
  /** When the nonce ends. */
  nonceEnd: Date
}

/** How far the clock of a wallet may be off, in either direction. */
const clockSkewSeconds = 300
const maxProofCharacters = 32 * 1024

/**
 * Verifies a key proof of type `jwt` (OpenID4VCI 1.0 §8.2.1.1, appendix F.1) for one credential issuer
 * identifier: typ, algorithm by the key and never by the token, exactly one of `jwk` and `kid`, no private
 * part, P-256 only, signature, audience, time, and a nonce of ours that has not ended. The nonce is not
 * spent here. Throws `WalletRefusal` with `invalid_proof` or `invalid_nonce`.
 */
export async function verifyProof(
  jwt: string,
  issuerIdentifier: string,
  ports: ProofPorts,
): Promise<VerifiedProof> {
  const proof = readProof(jwt)
  const { header, payload } = proof
  if (header.typ !== 'openid4vci-proof+jwt') throw invalid('The proof does not have the right typ.')
  const attestation = header['key_attestation']
  const attested =
    attestation === undefined ? undefined : await attestedKeys(attestation, payload['nonce'], ports)
  const holderKey = proofKey(proof, attested)
  if (attested && !attested.some(({ x, y }) => x === holderKey.x && y === holderKey.y)) {
    throw invalid('The key of the proof is not among the attested keys.')
  }
  const { aud, iat, nonce } = payload
  // The library is content with a list that holds our name among others; a proof for us names only us.
  if (aud !== issuerIdentifier && !(Array.isArray(aud) && aud.length === 1 && aud[0] === issuerIdentifier)) {
    throw invalid('The proof is made for another issuer.')
  }
  const skew = typeof iat === 'number' ? Math.abs(ports.clock.now().getTime() / 1000 - iat) : Number.NaN
  const inForce = isInForce(payload, ports.clock.now(), { skewSeconds: clockSkewSeconds })
  if (!(skew <= clockSkewSeconds) || !inForce)
    throw invalid('The proof is too old or too early; check the clock.')
  if (typeof nonce !== 'string') throw invalid('The proof has no nonce.')
  if (attested) {
    // The library reads the system's clock for attestations, so their proofs are verified by ours alone.
    if (!(await isSignedBy(holderKey, proof, ports))) throw invalid('The signature of the proof is wrong.')
  } else await verifyWithLibrary(jwt, holderKey, issuerIdentifier, ports)
  const end = nonceEnd(nonce, ports)
  if (!end) throw new WalletRefusal('invalid_nonce', 'The nonce is not ours or has ended; ask for a new one.')
  return { holderKeys: attested ?? [holderKey], nonce, nonceEnd: end }
}

function readProof(jwt: string): ParsedJws {
  try {
    return parseJws(jwt, { maxCharacters: maxProofCharacters })
  } catch (cause) {
    if (cause instanceof Malformed) throw invalid(`The proof cannot be read: ${cause.message}`, cause)
    throw cause
  }
}

function proofKey({ header }: ParsedJws, attested: PublicJwk[] | undefined): PublicJwk {
  const given = ['jwk', 'kid', 'x5c', 'trust_chain'].filter((member) => header[member] !== undefined)
  if (given.length !== 1) throw invalid('The proof must name its key by exactly one of jwk and kid.')
  try {
    if (header['jwk'] !== undefined) return parsePublicJwk(header['jwk'])
    if (header.kid !== undefined) {
      const attestedKey = /^\d{1,3}$/.test(header.kid) ? attested?.[Number(header.kid)] : undefined
      return attestedKey ?? keyOfDid(header.kid)
    }
  } catch (cause) {
    if (cause instanceof Malformed)
      throw invalid(`The key of the proof cannot be used: ${cause.message}`, cause)
    throw cause
  }
  throw invalid('Certificates as proof keys are not accepted.')
}

async function isSignedBy(
  holderKey: PublicJwk,
  { signingInput, signature }: Pick<ParsedJws, 'signingInput' | 'signature'>,
  { primitives }: ProofPorts,
): Promise<boolean> {
  try {
    return await primitives.verifyEs256(await primitives.importEs256(holderKey), signingInput, signature)
  } catch {
    // The point is not on the curve.
    return false
  }
}

async function verifyWithLibrary(
  jwt: string,
  holderKey: PublicJwk,
  issuerIdentifier: string,
  ports: ProofPorts,
): Promise<void> {
  const verifyJwt = async (_signer: unknown, { compact }: { compact: string }) => {
    const verified = await isSignedBy(holderKey, parseJws(compact), ports)
    return verified ? ({ verified, signerJwk: { ...holderKey } } as const) : ({ verified } as const)
  }
  const sdk = new Openid4vciIssuer({ callbacks: { ...sdkCallbacks(ports), verifyJwt } })
  try {
    await sdk.verifyCredentialRequestJwtProof({
      jwt,
      issuerMetadata: { credentialIssuer: { credential_issuer: issuerIdentifier } } as never,
      now: ports.clock.now(),
    })
  } catch (cause) {
    if (cause instanceof Oauth2ServerErrorResponseError) {
      throw invalid('The signature or the form of the proof is wrong.', cause)
    }
    throw cause
  }
}

function invalid(message: string, cause?: unknown): WalletRefusal {
  return new WalletRefusal('invalid_proof', message, { cause })
}
