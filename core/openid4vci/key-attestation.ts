import { X509Certificate } from 'node:crypto'
import { isInForce } from '#core/jose/in-force.ts'
import { type PublicJwk, parsePublicJwk } from '#core/jose/jwk.ts'
import { parseJws } from '#core/jose/jws.ts'
import type { Ports } from '#core/ports.ts'
import { WalletRefusal } from './wallet-refusal.ts'

const maxCharacters = 32 * 1024
const clockSkewSeconds = 300

/**
 * The keys a key attestation vouches for (OpenID4VCI 1.0 appendix D.1). Its signature, times, nonce and keys
 * are checked. Who attests is not: there is no register of wallet providers here, so an attestation adds no
 * trust to the keys, and nothing in a credential says that it does. Throws `WalletRefusal('invalid_proof')`.
 */
export async function attestedKeys(
  attestation: unknown,
  nonceOfProof: unknown,
  ports: Pick<Ports, 'clock' | 'primitives' | 'settings'>,
): Promise<PublicJwk[]> {
  if (typeof attestation !== 'string') throw invalid()
  try {
    const { header, payload, signature, signingInput } = parseJws(attestation, { maxCharacters })
    if (header.typ !== 'key-attestation+jwt' && header.typ !== 'keyattestation+jwt') throw invalid()
    const key = await ports.primitives.importEs256(attesterKey(header))
    if (!(await ports.primitives.verifyEs256(key, signingInput, signature))) throw invalid()
    const now = ports.clock.now()
    const { iat, nonce, attested_keys: keys } = payload
    if (typeof iat !== 'number' || iat > now.getTime() / 1000 + clockSkewSeconds) throw invalid()
    if (!isInForce(payload, now, { skewSeconds: clockSkewSeconds })) throw invalid()
    if (nonce !== undefined && nonce !== nonceOfProof) throw invalid()
    if (!Array.isArray(keys) || keys.length === 0 || keys.length > ports.settings.batchSize) throw invalid()
    const attested = keys.map(parsePublicJwk)
    for (const one of attested) await ports.primitives.importEs256(one)
    return attested
  } catch (cause) {
    // Malformed, or a point that is not on the curve.
    throw cause instanceof WalletRefusal ? cause : invalid(cause)
  }
}

function attesterKey(header: Record<string, unknown>): PublicJwk {
  const { jwk, x5c } = header
  if (jwk !== undefined) return parsePublicJwk(jwk)
  const [leaf] = Array.isArray(x5c) ? (x5c as unknown[]) : []
  if (typeof leaf !== 'string') throw invalid()
  try {
    const certificate = new X509Certificate(Buffer.from(leaf, 'base64'))
    return parsePublicJwk(certificate.publicKey.export({ format: 'jwk' }))
  } catch (cause) {
    throw invalid(cause)
  }
}

function invalid(cause?: unknown): WalletRefusal {
  return new WalletRefusal('invalid_proof', 'The key attestation is not valid.', { cause })
}
