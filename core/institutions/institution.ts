import type { TenantTag } from '#core/ids.ts'
import type { Text } from '#core/text.ts'

/** An awarding body; the tenant. Its tag never changes and says nothing; its slug stands in web addresses. */
export interface Institution {
  tag: TenantTag
  slug: string
  name: Text
  /** ISO 3166-1 alpha-2. */
  country: string
  /** As in the legal entity identifier of the institution's certificate. */
  legalIdentifier: string
  homepage: string
}

/** Address of the institution as the issuer of its credentials (`iss` of the SD-JWT VC, SAN of its certificate). */
export function institutionUrl(publicUrl: string, slug: string): string {
  return `${publicUrl}/institutions/${slug}`
}

/** An address that answers one published key of the institution as JWK: the `kid` of its Open Badges. */
export function institutionKeyUrl(publicUrl: string, slug: string, kid: string): string {
  return `${institutionUrl(publicUrl, slug)}/keys/${kid}`
}

/** Where the throw-away authority of an institution publishes which of its certificates it took back. */
export function revocationListUrl(publicUrl: string, slug: string): string {
  return `${institutionUrl(publicUrl, slug)}/ca.crl`
}

/**
 * did:web of the institution. did:web method, "port" rule: the colon of the port is percent-encoded.
 */
export function institutionDid(publicUrl: string, slug: string): string {
  // One deployment has one address, and to read it takes as long as to read a credential's header.
  if (read.publicUrl !== publicUrl) read = { publicUrl, host: new URL(publicUrl).host.replace(':', '%3A') }
  return `did:web:${read.host}:institutions:${slug}`
}

let read = { publicUrl: '', host: '' }
