import { webcrypto } from 'node:crypto'
import { makeIssuingAuthority, makeLeaf, makeRoot } from '#adapters/file/certificates.ts'
import type { Institution } from '#core/institutions/institution.ts'

/** What an operator gets from a certification authority once the key is in KMS: a chain, and its anchor. */
export async function certify(
  institution: Institution,
  publicKey: Buffer,
  publicUrl: string,
): Promise<{ chain: string[]; anchor: string }> {
  const now = new Date()
  const root = await makeRoot(now)
  const authority = await makeIssuingAuthority(root, institution, now)
  const key = await webcrypto.subtle.importKey(
    'spki',
    publicKey,
    { name: 'ECDSA', namedCurve: 'P-256' },
    true,
    ['verify'],
  )
  const leaf = await makeLeaf(authority, institution, publicUrl, key, now)
  return { chain: [leaf, authority.certificate], anchor: root.certificate }
}
