import type { Institution } from '#core/institutions/institution.ts'
import { institutionDid, institutionUrl } from '#core/institutions/institution.ts'
import { writeJws } from '#core/jose/jws.ts'
import type { Ports } from '#core/ports.ts'
import { type BitstringPurpose, bitstringUrl, type StatusList, statusListUrl } from './credential.ts'
import { packBitstring, packTokenStatusList } from './pack-status-list.ts'
import { statusValues, writeBit, writeStatus } from './status-list.ts'

/** The entries that are not 0. */
interface StatusEntry {
  index: number
  value: number
}

export interface ListToSign {
  list: StatusList
  entries: StatusEntry[]
  institution: Institution
}

/** How long a signed list may be used when no newer one can be had. */
export const listLifetimeSeconds = 24 * 3600

type SignPorts = Pick<Ports, 'clock' | 'signers' | 'settings'>

/** Two bits an entry: valid, invalid and suspended (Token Status List §7). */
const bits = 2

/** Token Status List in JWT format (§5.1), signed by the institution. */
export async function signTokenStatusList(
  { list, entries, institution }: ListToSign,
  ports: SignPorts,
): Promise<string> {
  const { settings } = ports
  const bytes = new Uint8Array(Math.ceil((list.size * bits) / 8))
  for (const { index, value } of entries) writeStatus(bytes, bits, index, value)
  const signer = await ports.signers.active(list.tenant)
  const iat = Math.floor(ports.clock.now().getTime() / 1000)
  return writeJws(
    { alg: 'ES256', typ: 'statuslist+jwt', kid: signer.kid, x5c: signer.x5c },
    {
      iss: institutionUrl(settings.publicUrl, institution.slug),
      sub: statusListUrl(settings.publicUrl, list.id),
      iat,
      exp: iat + listLifetimeSeconds,
      ttl: settings.statusListTtlSeconds,
      status_list: packTokenStatusList(bits, bytes),
    },
    (input) => signer.sign(input),
  )
}

/**
 * The list of suspensions says no to everything that does not hold now, revoked or suspended: an Open Badge
 * has room for one entry only, and must follow every change by it.
 */
const saysNo: Record<BitstringPurpose, (value: number) => boolean> = {
  revocation: (value) => value === statusValues.invalid,
  suspension: (value) => value !== statusValues.valid,
}

/** Bitstring Status List credential (Recommendation §2.2) of one purpose, as VC-JOSE-COSE JWT. */
export async function signBitstring(
  { list, entries, institution }: ListToSign,
  purpose: BitstringPurpose,
  ports: SignPorts,
): Promise<string> {
  const { publicUrl, statusListTtlSeconds } = ports.settings
  const bytes = new Uint8Array(Math.ceil(list.size / 8))
  for (const { index, value } of entries) {
    if (saysNo[purpose](value)) writeBit(bytes, index, true)
  }
  const signer = await ports.signers.active(list.tenant)
  const id = bitstringUrl(publicUrl, list.id, purpose)
  const issuer = institutionDid(publicUrl, institution.slug)
  const now = Math.floor(ports.clock.now().getTime() / 1000)
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
  return writeJws(
    { alg: 'ES256', typ: 'vc+jwt', cty: 'vc', kid: `${issuer}#${signer.kid}` },
    {
      '@context': ['https://www.w3.org/ns/credentials/v2'],
      id,
      type: ['VerifiableCredential', 'BitstringStatusListCredential'],
      issuer,
      validFrom: iso(now),
      validUntil: iso(now + listLifetimeSeconds),
      iss: issuer,
      iat: now,
      exp: now + listLifetimeSeconds,
      credentialSubject: {
        id: `${id}#list`,
        type: 'BitstringStatusList',
        statusPurpose: purpose,
        ttl: statusListTtlSeconds * 1000,
        encodedList: packBitstring(bytes),
      },
    },
    (input) => signer.sign(input),
  )
}
