declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** Opaque tag of a tenant: eight characters of RFC 4648 base32, lower case. First part of every public id and code. */
export type TenantTag = Branded<'TenantTag'>
export type LearnerId = Branded<'LearnerId'>
export type OfferingId = Branded<'OfferingId'>
export type AssessmentId = Branded<'AssessmentId'>
export type AwardId = Branded<'AwardId'>
export type OfferId = Branded<'OfferId'>
export type CredentialId = Branded<'CredentialId'>
export type AttemptId = Branded<'AttemptId'>
export type RunId = Branded<'RunId'>
export type StatusListId = Branded<'StatusListId'>
export type ShareLinkId = Branded<'ShareLinkId'>
export type EventId = Branded<'EventId'>
export type SnapshotId = Branded<'SnapshotId'>
export type BulkJobId = Branded<'BulkJobId'>
export type DraftId = Branded<'DraftId'>
export type UploadId = Branded<'UploadId'>
export type DemandSetId = Branded<'DemandSetId'>

/** What kind of thing an id names; stands in the middle of the id so that a log line explains itself. */
const idKinds = {
  lrn: 'LearnerId',
  ofg: 'OfferingId',
  asm: 'AssessmentId',
  awd: 'AwardId',
  ofr: 'OfferId',
  crd: 'CredentialId',
  att: 'AttemptId',
  run: 'RunId',
  stl: 'StatusListId',
  lnk: 'ShareLinkId',
  evt: 'EventId',
  snp: 'SnapshotId',
  blk: 'BulkJobId',
  drf: 'DraftId',
  upl: 'UploadId',
  dmd: 'DemandSetId',
} as const
export type IdKind = keyof typeof idKinds
type NameOf<K extends IdKind> = (typeof idKinds)[K]
export type IdOf<K extends IdKind> = Branded<NameOf<K>>

/** The partition of things that belong to the platform and to no institution: snapshots, the list of institutions. */
export const platformTag = 'platform' as TenantTag

const tag = /^[a-z2-7]{8}$/
const id = /^([a-z2-7]{8}|platform)-([a-z]{3})-[a-z2-7]{26}$/

const base32Alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** RFC 4648 base32 in lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let bits = 0
  let value = 0
  let out = ''
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      out += base32Alphabet[(value >> bits) & 31]
      value &= (1 << bits) - 1
    }
  }
  return bits > 0 ? out + base32Alphabet[(value << (5 - bits)) & 31] : out
}

/** Builds an id `<tenant tag>-<kind>-<26 characters>` from 16 random bytes. */
export function makeId<K extends IdKind>(tenant: TenantTag, kind: K, random16: Uint8Array): IdOf<K> {
  if (random16.length !== 16) throw new Error('an id needs exactly 16 random bytes')
  return `${tenant}-${kind}-${base32(random16)}` as IdOf<K>
}

/** Whether a text has the shape of an id of this kind. Says nothing about existence. */
export function isId<K extends IdKind>(text: string, kind: K): text is IdOf<K> {
  return id.exec(text)?.[2] === kind
}

export function isTenantTag(text: string): text is TenantTag {
  return tag.test(text) || text === platformTag
}

/** The tenant an id or code belongs to, read from its first part; `undefined` when the text has no such part. */
export function tenantOf(idOrCode: string): TenantTag | undefined {
  const first = idOrCode.split(/[-.]/, 1)[0] ?? ''
  return isTenantTag(first) ? first : undefined
}
