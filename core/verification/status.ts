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
    if (!(await isSignedBy(issuer, key, list, ports))) throw unknown('status_list_forged')
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

/** By the key of the credential, or by another one of the same issuer: it may have changed its key since. */
async function isSignedBy(
  issuer: IssuerKey,
  key: VerifyKey,
  list: ParsedJws,
  ports: StatusPorts,
): Promise<boolean> {
  const { primitives } = ports
  if (await primitives.verifyEs256(key, list.signingInput, list.signature)) return true
  const { iss = list.payload['issuer'] } = list.payload
  try {
    const named = { ...list, payload: { ...list.payload, iss } }
    const other = await findIssuerKey({ format: 'dc+sd-jwt', jws: named }, ports)
    if (other.issuer.id !== issuer.issuer.id) return false
    return await primitives.verifyEs256(
      await primitives.importEs256(other.jwk),
      list.signingInput,
      list.signature,
    )
  } catch (cause) {
    if (cause instanceof CheckFailure) return false
    throw cause
  }
}

function checkFresh({ payload }: ParsedJws, now: Date): void {
  const { exp, iat } = payload
  const seconds = now.getTime() / 1000
  if (exp !== undefined && (typeof exp !== 'number' || exp <= seconds)) throw unknown('status_list_expired')
  if (iat !== undefined && (typeof iat !== 'number' || iat > seconds + 60))
    throw unknown('status_list_unreadable')
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
  const subject = vc['credentialSubject']
  const id = vc['id'] ?? list.payload['jti']
  const from = list.payload['iss'] ?? vc['issuer']
  if (!isRecord(subject) || from !== wanted.issuer || (id !== undefined && id !== wanted.uri)) {
    throw unknown('status_list_of_another')
  }
  if (subject['type'] !== 'BitstringStatusList' || subject['statusPurpose'] !== wanted.purpose) {
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
