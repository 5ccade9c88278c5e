import { aiSkillVct } from '#core/credentials/type-metadata.ts'
import {
  type Institution,
  institutionDid,
  institutionKeyUrl,
  institutionUrl,
} from '#core/institutions/institution.ts'
import { type PublicJwk, thumbprintText } from '#core/jose/jwk.ts'
import { Malformed } from '#core/jose/malformed.ts'
import type { Ports } from '#core/ports.ts'
import { bindsIssuer, type ChainCache, verifyChain } from './certificate-chain.ts'
import { assertionKey, didWebDocumentUrl } from './did-web.ts'
import { claimedIssuer, type ReadCredential } from './read-credential.ts'
import type { RevocationStanding } from './revocation-list.ts'
import { type Check, CheckFailure, type VerifiedIssuer } from './verification.ts'
import type { Certificate } from './x509.ts'

/** The issuer whose key it is, and the types it may issue. */
export interface IssuerKey {
  jwk: PublicJwk
  issuer: VerifiedIssuer
  /** The institution, when it is one of ours: its status comes from the records. */
  institution?: Institution
  /** `vct` or W3C type names. */
  types: readonly string[]
  /** Whether the certificates behind the key are revoked; of ours the register of keys has said that they are not. */
  revocation: RevocationStanding
}

export type IssuerPorts = Pick<
  Ports,
  'signers' | 'outbound' | 'settings' | 'trust' | 'clock' | 'primitives'
> & {
  store: Pick<Ports['store'], 'findInstitutionBySlug'>
}

/** Types our own institutions issue. */
function ownTypes(publicUrl: string): readonly string[] {
  return [aiSkillVct(publicUrl), 'AiSkillCredential', 'OpenBadgeCredential']
}

const foreignDocumentLimits = { maxBytes: 256 * 1024, timeoutSeconds: 3 } as const

/**
 * Finds the key that must have signed. The token only says who it claims to be from; the key comes from our
 * records, from a certificate chain to a configured anchor, or from an allow-listed did:web. A `jwk`,
 * `jku` or `x5u` in the header is never looked at. Throws `CheckFailure('issuer-key')`.
 */
export async function findIssuerKey(
  credential: Pick<ReadCredential, 'jws' | 'format'>,
  ports: IssuerPorts,
  cache?: ChainCache,
): Promise<IssuerKey> {
  const { jws, format } = credential
  const iss = claimedIssuer(credential)
  const { x5c, kid } = jws.header
  if (iss !== undefined && typeof iss !== 'string') throw failure('issuer_missing', 'unreadable')
  const own = iss === undefined ? undefined : await findOwn(iss, ports)
  if (own) return ownKey(own, { x5c, kid, iss: iss as string, format }, ports, cache)
  if (x5c !== undefined) return anchoredKey(x5c, iss, ports, cache)
  if (iss === undefined) throw failure('issuer_missing', 'unreadable')
  return didWebKey(iss, kid, ports)
}

/** The institution of ours that this issuer name belongs to. A name under our address that is none of ours is a forgery. */
async function findOwn(iss: string, { store, settings }: IssuerPorts): Promise<Institution | undefined> {
  const prefix = (iss.startsWith('did:') ? institutionDid : institutionUrl)(settings.publicUrl, '')
  if (!iss.startsWith(prefix)) return undefined
  const slug = iss.slice(prefix.length)
  const institution = /^[a-z0-9-]{1,80}$/.test(slug) ? await store.findInstitutionBySlug(slug) : undefined
  if (!institution) throw failure('issuer_unknown', 'forged')
  return institution
}

async function ownKey(
  institution: Institution,
  claimed: { x5c: unknown; kid: unknown; iss: string; format: ReadCredential['format'] },
  { signers, settings, clock, primitives }: IssuerPorts,
  cache: ChainCache | undefined,
): Promise<IssuerKey> {
  const isDid = claimed.iss.startsWith('did:')
  const didFormat = claimed.format === 'jwt_vc_json' || claimed.format === 'vc+jwt'
  if (isDid !== didFormat) throw failure('issuer_form_wrong', 'forged')
  let kid: string
  if (isDid || claimed.format === 'ob3') {
    const prefix = isDid ? `${claimed.iss}#` : institutionKeyUrl(settings.publicUrl, institution.slug, '')
    const named = typeof claimed.kid === 'string' ? claimed.kid : ''
    kid = named.startsWith(prefix) ? named.slice(prefix.length) : isDid ? named : ''
  } else {
    const chain = await verifyChain(claimed.x5c, await signers.anchors(), clock.now(), cache)
    if (typeof chain === 'string') throw failure(chain, 'forged')
    // Ours share one host, so only the full address tells one from another.
    if (!chain.leaf.sanUris.includes(claimed.iss)) throw failure('certificate_names_another', 'forged')
    kid = await primitives.sha256(thumbprintText(chain.leafKey))
  }
  // A certificate alone is not enough for one of ours: the key must be in its register, and not revoked.
  const key = await signers.find(institution.tag, kid)
  if (!key) throw failure('key_not_published', 'forged')
  if (key.state === 'revoked') throw failure('key_revoked', 'key-revoked')
  return {
    jwk: key.publicJwk,
    institution,
    issuer: { id: claimed.iss, name: institution.name, country: institution.country, trust: 'institution' },
    types: ownTypes(settings.publicUrl),
    revocation: { state: 'passed', code: 'ok' },
  }
}

async function anchoredKey(
  x5c: unknown,
  iss: string | undefined,
  { trust, clock }: IssuerPorts,
  cache: ChainCache | undefined,
): Promise<IssuerKey> {
  const anchors = trust.anchors.map(({ certificate }) => certificate)
  const chain = await verifyChain(x5c, anchors, clock.now(), cache)
  if (typeof chain === 'string') throw failure(chain, 'foreign-issuer')
  const anchor = trust.anchors[chain.anchor]
  if (!anchor) throw failure('anchor_unknown', 'foreign-issuer')
  // SD-JWT VC: without `iss`, the certificate itself names the issuer.
  const id =
    iss ?? chain.leaf.sanUris[0] ?? (chain.leaf.sanDnsNames[0] && `https://${chain.leaf.sanDnsNames[0]}`)
  if (id === undefined || !bindsIssuer(chain.leaf, id)) {
    throw failure('certificate_names_another', 'foreign-issuer')
  }
  return {
    jwk: chain.leafKey,
    issuer: { id, name: { en: anchor.name, fr: anchor.name }, trust: 'register' },
    types: anchor.types,
    revocation: await standingOf(() => chain.certificates, trust, clock.now()),
  }
}

/** Looked up in the lists the deployment was given; nothing is loaded or read when there are none. */
export async function standingOf(
  certificates: () => readonly Certificate[],
  { revocationLists }: Pick<Ports['trust'], 'revocationLists'>,
  now: Date,
  provenAt?: Date,
): Promise<RevocationStanding> {
  if (revocationLists.length === 0) return { state: 'not-run', code: 'revocation_not_checked' }
  const { revocationStanding } = await import('./revocation-list.ts')
  return revocationStanding(certificates(), revocationLists, now, provenAt)
}

/** Adds what was found of the certificates; throws when one of them is revoked. */
export function checkRevocation({ state, code }: RevocationStanding, checks: Check[]): void {
  if (state === 'failed') throw new CheckFailure('certificate-status', code, 'key-revoked')
  checks.push({ name: 'certificate-status', state, code })
}

async function didWebKey(iss: string, kid: unknown, { trust, outbound }: IssuerPorts): Promise<IssuerKey> {
  const listed = trust.dids.find(({ did }) => did === iss)
  const url = listed && didWebDocumentUrl(listed.did)
  if (!url) throw failure('issuer_not_trusted', 'foreign-issuer')
  if (typeof kid !== 'string' || kid.length > 500) throw failure('key_not_named', 'foreign-issuer')
  if (kid.includes('#') && !kid.startsWith('#') && !kid.startsWith(`${iss}#`)) {
    throw failure('key_of_another', 'foreign-issuer')
  }
  const document = await fetchDocument(url, outbound)
  const jwk = readKey(document, iss, kid)
  if (!jwk) throw failure('key_not_published', 'foreign-issuer')
  return {
    jwk,
    issuer: { id: iss, name: { en: listed.name, fr: listed.name }, trust: 'register' },
    types: listed.types,
    revocation: { state: 'not-run', code: 'no_certificate' },
  }
}

async function fetchDocument(url: string, outbound: Ports['outbound']): Promise<Uint8Array> {
  let answer: Awaited<ReturnType<Ports['outbound']['get']>>
  try {
    answer = await outbound.get(url, {
      ...foreignDocumentLimits,
      accept: 'application/did+json, application/json',
    })
  } catch {
    throw unreachable()
  }
  if (answer.status !== 200) throw unreachable()
  return answer.body
}

function readKey(document: Uint8Array, did: string, kid: string): PublicJwk | undefined {
  try {
    return assertionKey(document, did, kid)
  } catch (cause) {
    if (cause instanceof Malformed) throw failure(cause.reason, 'foreign-issuer')
    throw cause
  }
}

function unreachable(): CheckFailure {
  return new CheckFailure('issuer-key', 'issuer_unreachable', 'status-unknown', 'unknown')
}

function failure(code: string, outcome: CheckFailure['outcome']): CheckFailure {
  return new CheckFailure('issuer-key', code, outcome)
}
