import type { AwardState } from '#core/awards/award.ts'
import type { AwardId, CredentialId, LearnerId, StatusListId, TenantTag } from '#core/ids.ts'
import { credentialConfigurations, type WalletFormat } from './offer.ts'
import { statusValues } from './status-list.ts'

/** Place of a credential in the lists of its institution; the same index in the token list and in the bitstrings. */
export interface StatusIndex {
  list: StatusListId
  index: number
}

/** Signed texts that are handed out as files: whoever has one holds it, no key is bound to it. */
const fileFormats = ['vc+jwt', 'ob3', 'edc'] as const

/** Every format with an entry in the status lists. An SD-JWT may be a file, too: the one behind a shared link. */
export type CredentialFormat = WalletFormat | (typeof fileFormats)[number]
export const credentialFormats: readonly CredentialFormat[] = [
  ...Object.values(credentialConfigurations),
  ...fileFormats,
]

/** Stands where a key's thumbprint would, for an edition without one: so there is one of each format. */
export const noHolder = 'file'

/** One edition of an award in one format, bound to one key of the holder or to none. */
export interface Credential {
  id: CredentialId
  tenant: TenantTag
  awardId: AwardId
  learnerId: LearnerId
  format: CredentialFormat
  /** RFC 7638 thumbprint of the holder's key, or `noHolder`. */
  holderThumbprint: string
  status: StatusIndex
  /** `kid` of the institution's key that signed. */
  signedWith: string
  issuedAt: Date
  expiresAt: Date
}

/** A credential with its signed text. The text holds personal data: at rest only under the learner's own key. */
export interface IssuedCredential extends Credential {
  text: string
}

/** The state of the award behind a credential: all that a verification asks of the records, in two small reads. */
interface Standing {
  credentialId: CredentialId
  awardId: AwardId
  state: AwardState
}

export interface StatusList {
  id: StatusListId
  tenant: TenantTag
  /** Number of entries. */
  size: number
  /** Raised with every change of an entry. */
  version: number
}

export type SaveCredentialResult =
  | { outcome: 'saved' }
  /** This award was issued in this format to this key before. */
  | { outcome: 'issued-before'; credential: IssuedCredential | undefined }
  | { outcome: 'index-taken' }
  /** The award's status changed since it was read. */
  | { outcome: 'award-changed' }

export interface CredentialStore {
  findCredential(id: CredentialId): Promise<Credential | undefined>
  /** What was issued of this award in this format to this key; without text once the learner is erased. */
  findIssued(
    awardId: AwardId,
    format: CredentialFormat,
    holderThumbprint: string,
  ): Promise<IssuedCredential | undefined>
  /** How the credential at a place of a list stands now, consistent; `undefined` for a free entry and for a decoy. */
  findStanding(status: StatusIndex): Promise<Standing | undefined>
  /** Every credential of an award, in all formats and for all keys. Consistent. */
  credentialsOfAward(awardId: AwardId): Promise<Credential[]>
  /**
   * One transaction: credential, status index, idempotency, event; only while the award has `awardVersion`.
   * `replaces` is the credential of the same award, format and key that this one takes the place of; its own
   * index stays with the award.
   */
  saveCredentialOnce(
    credential: IssuedCredential,
    awardVersion: number,
    replaces?: CredentialId,
  ): Promise<SaveCredentialResult>
  /** How many credentials a key has signed, counted up to `most`. Through an index. */
  countSignedWith(tenant: TenantTag, kid: string, most: number): Promise<number>
}

export interface StatusListStore {
  findStatusList(id: StatusListId): Promise<StatusList | undefined>
  /** A random place that is free at the moment, in a list that is at most half full. Reserves nothing. */
  drawStatusIndex(tenant: TenantTag, size: number): Promise<StatusIndex>
  /** Every entry that is not 0, decoys among them, with the version of the list they belong to. */
  readStatusList(
    id: StatusListId,
  ): Promise<{ list: StatusList; entries: { index: number; value: number }[] } | undefined>
  /**
   * Sets the entries of one award to a value, unless a later version of the award already set them.
   * Adds a few decoys of its own, so that nobody can count revocations.
   */
  saveStatusValue(entries: StatusIndex[], value: number, awardVersion: number): Promise<void>
}

/** Token Status List value of an award's state. A superseded award is invalid: its successor has its own entry. */
export function statusValueOf(state: AwardState): number {
  switch (state) {
    case 'valid':
      return statusValues.valid
    case 'suspended':
      return statusValues.suspended
    case 'revoked':
    case 'superseded':
      return statusValues.invalid
  }
}

export function statusListUrl(publicUrl: string, list: StatusListId): string {
  return `${publicUrl}/status/${list}`
}

export type BitstringPurpose = 'revocation' | 'suspension'

export function bitstringUrl(publicUrl: string, list: StatusListId, purpose: BitstringPurpose): string {
  return `${publicUrl}/bitstring/${list}${purpose === 'suspension' ? '/suspension' : ''}`
}
