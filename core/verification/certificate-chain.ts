import type { PublicJwk } from '#core/jose/jwk.ts'
import type { Certificate } from './x509.ts'

/** wallets.md §5.7: leaf and at most three intermediates. */
const maxChainCertificates = 4
const maxCertificateCharacters = 8192

export type ChainFailure =
  | 'chain_missing'
  | 'chain_too_long'
  | 'certificate_unreadable'
  | 'certificate_self_signed'
  | 'certificate_outside_validity'
  | 'certificate_usage_wrong'
  | 'certificate_key_not_supported'
  | 'chain_broken'
  | 'anchor_unknown'

export interface Chain {
  leaf: Certificate
  leafKey: PublicJwk
  /** From the leaf to the anchor, each issued by the next. */
  certificates: readonly Certificate[]
  /** Position of the anchor in the list that was given. */
  anchor: number
}

type Followed = { certificates: Certificate[]; anchor: number } | ChainFailure

/**
 * The signatures of a chain and the anchor it leads to do not change; only the moment does. By the text of
 * the leaf; what stands above it is compared before an answer is used again.
 */
export type ChainCache = Map<
  string,
  { x5c: readonly string[]; anchors: readonly string[]; followed: Promise<Followed> }
>

const cachedChains = 500

/**
 * Follows an `x5c` header to one of the anchors (RFC 5280 §6.1, the parts that matter here): each
 * certificate issued and signed by the next, the last by an anchor; all inside their validity at `now`; CA
 * flag, path length and key usage; no self-signed certificate and no anchor inside; at most four.
 */
export async function verifyChain(
  x5c: unknown,
  anchors: readonly string[],
  now: Date,
  cache?: ChainCache,
): Promise<Chain | ChainFailure> {
  const chain = await verifyAnyChain(x5c, anchors, now, 'sign', cache)
  if (typeof chain === 'string') return chain
  if (!chain.leaf.publicJwk) return 'certificate_key_not_supported'
  return { ...chain, leafKey: chain.leaf.publicJwk }
}

/** The same for a leaf with any kind of key; a seal's may be RSA. */
export async function verifyAnyChain(
  x5c: unknown,
  anchors: readonly string[],
  now: Date,
  use: 'sign' | 'seal',
  cache?: ChainCache,
): Promise<Omit<Chain, 'leafKey'> | ChainFailure> {
  if (!Array.isArray(x5c) || x5c.length === 0) return 'chain_missing'
  if (x5c.length > maxChainCertificates) return 'chain_too_long'
  if (!x5c.every(isCertificateText)) return 'certificate_unreadable'
  const followed = await follow(x5c as string[], anchors, use, cache)
  if (typeof followed === 'string') return followed
  const { certificates, anchor } = followed
  if (certificates.some(({ notBefore, notAfter }) => now < notBefore || now > notAfter)) {
    return 'certificate_outside_validity'
  }
  const leaf = certificates[0]
  if (!leaf) return 'chain_missing'
  return { leaf, anchor, certificates }
}

function isCertificateText(text: unknown): boolean {
  return typeof text === 'string' && text.length <= maxCertificateCharacters
}

function follow(
  x5c: string[],
  anchors: readonly string[],
  use: 'sign' | 'seal',
  cache: ChainCache | undefined,
): Promise<Followed> {
  const leaf = `${use} ${x5c[0]}`
  const known = cache?.get(leaf)
  if (known && same(known.x5c, x5c) && same(known.anchors, anchors)) return known.followed
  const followed = followOnce(x5c, anchors, use)
  if (!cache) return followed
  cache.delete(leaf)
  cache.set(leaf, { x5c, anchors, followed })
  const [oldest] = cache.size > cachedChains ? cache.keys() : []
  if (oldest !== undefined) cache.delete(oldest)
  return followed
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, position) => text === b[position])
}

async function followOnce(
  x5c: string[],
  anchors: readonly string[],
  use: 'sign' | 'seal',
): Promise<Followed> {
  let certificates: Certificate[]
  let anchorCertificates: Certificate[]
  // Loaded with the first chain: most requests follow none, and the library is large.
  const { parseCertificate } = await import('./x509.ts')
  try {
    certificates = x5c.map(parseCertificate)
    anchorCertificates = anchors.map(parseCertificate)
  } catch {
    return 'certificate_unreadable'
  }
  if (certificates.some(({ subject, issuer }) => subject === issuer)) return 'certificate_self_signed'
  if (certificates.some(({ unknownCritical }) => unknownCritical)) return 'certificate_usage_wrong'
  const [leaf, ...intermediates] = certificates
  if (!leaf || leaf.ca || !(use === 'seal' ? leaf.maySeal : leaf.maySign)) return 'certificate_usage_wrong'
  for (const [below, { ca, mayCertify, pathLength }] of intermediates.entries()) {
    // `below` counts the intermediates between this one and the leaf (RFC 5280 §4.2.1.9).
    if (!ca || !mayCertify || (pathLength !== undefined && pathLength < below))
      return 'certificate_usage_wrong'
  }
  for (const [position, issuer] of intermediates.entries()) {
    const subject = certificates[position]
    if (!subject || subject.issuer !== issuer.subject || !(await subject.isSignedBy(issuer)))
      return 'chain_broken'
  }
  const last = certificates.at(-1) ?? leaf
  for (const [position, anchor] of anchorCertificates.entries()) {
    const long = anchor.pathLength !== undefined && anchor.pathLength < intermediates.length
    if (anchor.subject !== last.issuer || !anchor.ca || !anchor.mayCertify || long) continue
    if (await last.isSignedBy(anchor)) return { certificates: [...certificates, anchor], anchor: position }
  }
  return 'anchor_unknown'
}

/**
 * Whether the certificate speaks for the issuer: a URI in its alternative names equal to `iss`, or a DNS
 * name equal to the host of `iss` (SD-JWT VC §3.5, "x5c").
 */
export function bindsIssuer({ sanUris, sanDnsNames }: Certificate, issuer: string): boolean {
  if (sanUris.includes(issuer)) return true
  const url = URL.parse(issuer)
  return url?.protocol === 'https:' && sanDnsNames.includes(url.hostname)
}
