import type { AwardState } from '#core/awards/award.ts'
import {
  readBit,
  readStatus,
  statusValues,
  unpackBitstring,
  unpackTokenStatusList,
} from '#core/credentials/status-list.ts'
import { isId, type StatusListId, tenantOf } from '#core/ids.ts'
import { type ParsedJws, parseJws } from '#core/jose/jws.ts'
import { Malformed } from '#core/jose/malformed.ts'
import type { Ports, VerifyKey } from '#core/ports.ts'
import { findIssuerKey, type IssuerKey, type IssuerPorts } from './issuer-key.ts'
import { isDataModel2, type ReadCredential } from './read-credential.ts'
import { CheckFailure, type Outcome } from './verification.ts'

/** 2 MiB as sent; unpacked at most `maxListBytes`. */
const statusListLimits = { maxBytes: 2 * 1024 * 1024, timeoutSeconds: 3 } as const

/** One place in one list that says how a credential stands. */
interface StatusReference {
  kind: 'token' | 'bitstring'
  uri: string
  index: number
  /** Bitstring lists only. */
  purpose: 'revocation' | 'suspension'
}

type StatusPorts = IssuerPorts
type OwnStatusPorts = Pick<Ports, 'settings'> & {
  store: Pick<Ports['store'], 'findStanding'> & VerifiedNotes
}

/** Where that an award was verified is counted; absent where nobody counts, as on the command line. */
export type VerifiedNotes = Partial<Pick<Ports['store'], 'noteVerified'>>

/** Where the credential says its status stands; empty when it says nothing. Throws `CheckFailure('status')`. */
export function statusReferences({ format, jws: { payload } }: ReadCredential): StatusReference[] {
  const inTokenList = tokenReferences(payload['status'])
  // A W3C credential in a JWT may use either kind of list, or both: each one counts.
  if (format === 'dc+sd-jwt') return inTokenList
  return [...inTokenList, ...bitstringReferences(isDataModel2({ format }) ? payload : payload['vc'])]
}

function tokenReferences(status: unknown): StatusReference[] {
  if (status === undefined) return []
  const list = isRecord(status) ? status['status_list'] : undefined
  // A status we do not understand is not the same as none.
  if (!isRecord(list)) throw unknown('status_not_supported')
  return [reference('token', list['uri'], list['idx'], 'revocation')]
}

function bitstringReferences(vc: unknown): StatusReference[] {
  const status = isRecord(vc) ? vc['credentialStatus'] : undefined
  if (status === undefined) return []
  const entries: unknown[] = Array.isArray(status) ? status : [status]
  if (entries.length > 10) throw unknown('status_not_supported')
  return entries.map((entry) => {
    if (!isRecord(entry) || entry['type'] !== 'BitstringStatusListEntry')
      throw unknown('status_not_supported')
    const purpose = entry['statusPurpose']
    if (purpose !== 'revocation' && purpose !== 'suspension') throw unknown('status_not_supported')
    // §3.2: the place is the index times the size, so an entry of several bits would be read at another's place.
    if (entry['statusSize'] !== undefined && entry['statusSize'] !== 1) throw unknown('status_not_supported')
    const index = entry['statusListIndex']
    const digits = typeof index === 'string' && /^[0-9]{1,10}$/.test(index) ? Number(index) : undefined
    return reference('bitstring', entry['statusListCredential'], digits, purpose)
  })
}

function reference(
  kind: StatusReference['kind'],
  uri: unknown,
  index: unknown,
  purpose: StatusReference['purpose'],
): StatusReference {
  if (typeof uri !== 'string' || typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0) {
    throw unknown('status_not_supported')
  }
  return { kind, uri, index, purpose }
}

/**
 * Status of a credential of one of our institutions, from the award itself: strongly consistent, so a
 * revocation is seen by the very next verification, before any list is rebuilt. Throws `CheckFailure('status')`.
 */
export async function checkOwnStatus(
  references: readonly StatusReference[],
  institution: NonNullable<IssuerKey['institution']>,
  { store, settings }: OwnStatusPorts,
): Promise<void> {
  const [first] = references
  const list = first && ownList(first.uri, settings.publicUrl)
  // Every credential of ours has a place in a list of its own institution: no place, no record of it.
  if (!first || !list || tenantOf(list) !== institution.tag) throw unknown('not_on_record')
  const standing = await store.findStanding({ list, index: first.index })
  if (!standing) throw unknown('not_on_record')
  checkAwardState(standing.state)
  await store.noteVerified?.(standing.awardId)
}

/** Throws `CheckFailure('status')` unless the award holds now. */
export function checkAwardState(state: AwardState): void {
  const outcome = ofAward[state]
  if (outcome) throw new CheckFailure('status', outcome, outcome)
}

/** `BASE/status/{list}`, `BASE/bitstring/{list}` and its `/suspension`. */
function ownList(uri: string, publicUrl: string): StatusListId | undefined {
  const path = uri.startsWith(`${publicUrl}/`) ? uri.slice(publicUrl.length + 1) : ''
  const id = /^(?:status|bitstring)\/([a-z0-9-]+)(?:\/suspension)?$/.exec(path)?.[1] ?? ''
  return isId(id, 'stl') ? id : undefined
}

const ofAward: Record<AwardState, Extract<Outcome, 'suspended' | 'revoked' | 'superseded'> | undefined> = {
  valid: undefined,
  suspended: 'suspended',
  revoked: 'revoked',
  superseded: 'superseded',
}

/**
 * Status of a foreign credential: the list is fetched through the guard, must be signed by the same issuer,
 * must be the list it was asked for and still fresh. What cannot be found out is `unknown`, never `valid`.
 */
export async function checkForeignStatus(
  references: readonly StatusReference[],
  issuer: IssuerKey,
  key: VerifyKey,
  ports: StatusPorts,
): Promise<void> {
  for (const one of references) {
    const value = await fetchStatus(one, issuer, key, ports)
    if (value === statusValues.valid) continue
    if (value === statusValues.invalid) throw new CheckFailure('status', 'revoked', 'revoked')
    if (value === statusValues.suspended) throw new CheckFailure('status', 'suspended', 'suspended')
    throw new CheckFailure('status', 'status_not_valid', 'revoked')
  }
}

async function fetchStatus(
  { kind, uri, index, purpose }: StatusReference,
  issuer: IssuerKey,
  key: VerifyKey,
  ports: StatusPorts,
): Promise<number> {
  const { outbound, primitives, clock } = ports
  const accept = kind === 'token' ? 'application/statuslist+jwt' : 'application/vc+jwt, application/jwt'
  let body: Uint8Array
  try {
    const answer = await outbound.get(uri, { ...statusListLimits, accept })
    if (answer.status !== 200) throw unknown('status_unreachable')
    body = answer.body
  } catch {
    throw unknown('status_unreachable')
  }
  try {
    const list = parseJws(new TextDecoder().decode(body).trim(), { maxCharacters: statusListLimits.maxBytes })
    await checkSigner(issuer, key, list, ports)
    checkFresh(list, clock.now())
    return kind === 'token'
      ? await tokenStatus(list, uri, index, primitives)
      : await bitstringStatus(
          list,
          { uri, index, purpose, issuer: issuer.issuer.id },
          primitives,
          clock.now(),
        )
  } catch (cause) {
    if (cause instanceof Malformed) throw unknown('status_list_unreadable')
    throw cause
  }
}

/**
 * By the key of the credential, whose certificate has been checked, or by another one of the same issuer: it may
 * have changed its key since. Such a certificate must pass what the credential's own passed, revocation lists too,
 * and the anchor above it must vouch for all that the credential's does.
 */
async function checkSigner(
  issuer: IssuerKey,
  key: VerifyKey,
  list: ParsedJws,
  ports: StatusPorts,
): Promise<void> {
  const { primitives } = ports
  const iss = namedIssuer(list)
  if (iss !== undefined && iss !== issuer.issuer.id) throw unknown('status_list_of_another')
  if (await primitives.verifyEs256(key, list.signingInput, list.signature)) return
  const other = await findListKey({ ...list, payload: { ...list.payload, iss } }, ports)
  if (other.issuer.id !== issuer.issuer.id || !issuer.types.every((type) => other.types.includes(type)))
    throw unknown('status_list_forged')
  if (other.revocation.state === 'failed') throw unknown('status_list_key_revoked')
  const otherKey = await primitives.importEs256(other.jwk)
  if (!(await primitives.verifyEs256(otherKey, list.signingInput, list.signature)))
    throw unknown('status_list_forged')
}

/** `iss`, or the issuer of the credential that a Bitstring list is; two that differ name nobody. */
function namedIssuer({ payload }: ParsedJws): unknown {
  const { issuer } = isRecord(payload['vc']) ? payload['vc'] : payload
  const id = isRecord(issuer) ? issuer['id'] : issuer
  const { iss = id } = payload
  if (id !== undefined && id !== iss) throw unknown('status_list_of_another')
  return iss
}

async function findListKey(list: ParsedJws, ports: StatusPorts): Promise<IssuerKey> {
  try {
    return await findIssuerKey({ format: 'dc+sd-jwt', jws: list }, ports)
  } catch (cause) {
    if (cause instanceof CheckFailure) throw unknown('status_list_forged')
    throw cause
  }
}

/** Clocks differ a little, as for the dates of credentials: how far ahead of ours a list may begin. */
const skewSeconds = 60

/** Token Status List §5.1: a `ttl` says only how long a copy may be kept, and we keep none. */
function checkFresh({ payload }: ParsedJws, now: Date): void {
  const { exp, iat, nbf } = payload
  const seconds = now.getTime() / 1000
  if (exp !== undefined && (typeof exp !== 'number' || exp <= seconds)) throw unknown('status_list_expired')
  for (const start of [iat, nbf]) {
    if (start === undefined) continue
    if (typeof start !== 'number') throw unknown('status_list_unreadable')
    if (start > seconds + skewSeconds) throw unknown('status_list_early')
  }
}

async function tokenStatus(
  list: ParsedJws,
  uri: string,
  index: number,
  primitives: Ports['primitives'],
): Promise<number> {
  // Token Status List §8.3: `sub` must equal the `uri`, or one list could stand in for another.
  if (list.header.typ !== 'statuslist+jwt' || list.payload['sub'] !== uri)
    throw unknown('status_list_of_another')
  const { iat, ttl } = list.payload
  // §5.1: `iat` is required, and a `ttl` is a positive number.
  if (iat === undefined || (ttl !== undefined && !(typeof ttl === 'number' && ttl > 0)))
    throw unknown('status_list_unreadable')
  const { bits, list: bytes } = await unpackTokenStatusList(list.payload['status_list'], primitives)
  const value = readStatus(bytes, bits, index)
  if (value === undefined) throw unknown('status_index_outside')
  return value
}

async function bitstringStatus(
  list: ParsedJws,
  wanted: { uri: string; index: number; purpose: string; issuer: string },
  primitives: Ports['primitives'],
  now: Date,
): Promise<number> {
  const vc = isRecord(list.payload['vc']) ? list.payload['vc'] : list.payload
  for (const end of [vc['validUntil'], vc['expirationDate']]) {
    // What is no date is no promise that the list still holds.
    const ended = typeof end === 'string' ? !(Date.parse(end) > now.getTime()) : end !== undefined
    if (ended) throw unknown('status_list_expired')
  }
  for (const start of [vc['validFrom'], vc['issuanceDate']]) {
    const begun = typeof start === 'string' && Date.parse(start) <= now.getTime() + skewSeconds * 1000
    if (start !== undefined && !begun) throw unknown('status_list_early')
  }
  const subject = vc['credentialSubject']
  const id = vc['id'] ?? list.payload['jti']
  // Bitstring Status List §3.2 asks for a list of this kind; who signed it has been checked, but must also say so.
  if (!isRecord(subject) || namedIssuer(list) !== wanted.issuer || (id !== undefined && id !== wanted.uri)) {
    throw unknown('status_list_of_another')
  }
  if (![vc['type']].flat().includes('BitstringStatusListCredential')) throw unknown('status_list_of_another')
  // One list may hold several purposes (§2.2).
  const purposes = [subject['statusPurpose']].flat()
  if (subject['type'] !== 'BitstringStatusList' || !purposes.includes(wanted.purpose)) {
    throw unknown('status_list_of_another')
  }
  const bit = readBit(await unpackBitstring(subject['encodedList'], primitives), wanted.index)
  if (bit === undefined) throw unknown('status_index_outside')
  if (!bit) return statusValues.valid
  return wanted.purpose === 'suspension' ? statusValues.suspended : statusValues.invalid
}

function unknown(code: string): CheckFailure {
  return new CheckFailure('status', code, 'status-unknown', 'unknown')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
