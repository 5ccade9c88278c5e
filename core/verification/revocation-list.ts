import 'reflect-metadata'
import { X509Crl } from '@peculiar/x509'
import { toBase64Url } from '#core/jose/base64url.ts'
import { type Certificate, publicKeyOf, serialOf, signatureHashes } from './x509.ts'

/** A revocation list (RFC 5280 §5) that whoever runs the deployment has fetched and named. */
export interface RevocationList {
  /** DER of the authority's name, base64url, for comparison. */
  issuer: string
  thisUpdate: Date
  nextUpdate: Date | undefined
  /** From when a certificate counts as revoked, by its serial number as `Certificate.serial`. */
  revoked: ReadonlyMap<string, Date>
  isSignedBy(authority: Certificate): Promise<boolean>
}

/**
 * Reads one list from base64 DER. Throws when it is none, and when it has an extension that must be understood
 * and is not: an indirect, partitioned or delta list says less than it seems (§5.2).
 */
export function parseRevocationList(base64: string): RevocationList {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new Error('a revocation list is not base64')
  const list = new X509Crl(base64)
  const revoked = new Map<string, Date>()
  const extensions = [...list.extensions]
  for (const { serialNumber, revocationDate, invalidity, extensions: more } of list.entries) {
    const from = invalidity && invalidity < revocationDate ? invalidity : revocationDate
    const known = revoked.get(serialOf(serialNumber))
    revoked.set(serialOf(serialNumber), known && known < from ? known : from)
    extensions.push(...more)
  }
  if (extensions.some(({ critical }) => critical)) throw new Error('an extension is not understood')
  const asked = new WeakMap<Certificate, Promise<boolean>>()
  const isSignedBy = async (authority: Certificate) => {
    const publicKey = publicKeyOf(authority)
    try {
      const hashed = signatureHashes.includes(list.signatureAlgorithm.hash.name)
      return publicKey !== undefined && hashed && (await list.verify({ publicKey }))
    } catch {
      return false
    }
  }
  return {
    issuer: toBase64Url(new Uint8Array(list.issuerName.toArrayBuffer())),
    thisUpdate: list.thisUpdate,
    nextUpdate: list.nextUpdate,
    revoked,
    isSignedBy(authority) {
      const known = asked.get(authority) ?? isSignedBy(authority)
      asked.set(authority, known)
      return known
    },
  }
}

export interface RevocationStanding {
  state: 'passed' | 'not-run' | 'unknown' | 'failed'
  code: string
}

/**
 * Whether one of these certificates, each issued by the next, is on a list of its issuer. A time stamp may prove
 * that the signature is older than the revocation (`provenAt`). A list that has run out still revokes, but vouches
 * for nobody any more.
 */
export async function revocationStanding(
  certificates: readonly Certificate[],
  lists: readonly RevocationList[],
  now: Date,
  provenAt?: Date,
): Promise<RevocationStanding> {
  const found = new Set<Cover>()
  for (const [place, certificate] of certificates.entries()) {
    const authority = certificates[place + 1]
    if (!authority) break
    const cover = await coverOf(certificate, authority, lists, now, provenAt)
    if (cover === 'revoked') return { state: 'failed', code: 'certificate_revoked' }
    found.add(cover)
  }
  if (found.has('wrong')) return { state: 'unknown', code: 'revocation_list_wrong' }
  if (found.has('stale')) return { state: 'unknown', code: 'revocation_list_stale' }
  if (!found.has('good')) return { state: 'not-run', code: 'revocation_not_checked' }
  return found.has('none')
    ? { state: 'unknown', code: 'revocation_partly_checked' }
    : { state: 'passed', code: 'ok' }
}

/** As for the dates of credentials: clocks differ a little. */
const skewMilliseconds = 60_000

type Cover = 'revoked' | 'good' | 'stale' | 'wrong' | 'none'

async function coverOf(
  { serial, issuer }: Certificate,
  authority: Certificate,
  lists: readonly RevocationList[],
  now: Date,
  provenAt: Date | undefined,
): Promise<Cover> {
  const named = lists.filter((list) => list.issuer === issuer)
  if (named.length === 0) return 'none'
  const signed = await Promise.all(
    named.map(async (list) => authority.mayRevoke && list.isSignedBy(authority)),
  )
  const sound = named.filter((_, place) => signed[place])
  if (sound.length === 0) return 'wrong'
  for (const { revoked } of sound) {
    const from = revoked.get(serial)
    if (from && !(provenAt && provenAt < from)) return 'revoked'
  }
  const isCurrent = ({ thisUpdate, nextUpdate }: RevocationList) =>
    thisUpdate.getTime() <= now.getTime() + skewMilliseconds && nextUpdate !== undefined && now <= nextUpdate
  return sound.some(isCurrent) ? 'good' : 'stale'
}
