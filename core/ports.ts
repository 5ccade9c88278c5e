import type { BadgePainter } from './badges/badge.ts'
import type { CertificatePrinter } from './certificates/certificate.ts'
import type { PagePainter } from './edc/display.ts'
import type { SealOptions } from './edc/seal-credential.ts'
import type { IdKind, IdOf, LearnerId, TenantTag } from './ids.ts'
import type { KeyVault } from './keys/key-vault.ts'
import type { KeyState } from './keys/signing-key.ts'
import type { Ontologies } from './ontology/ontology-files.ts'
import type { Practicals } from './practicals/practical.ts'
import type { Sites } from './practicals/site.ts'
import type { EscoCatalogue } from './skills/esco/esco-catalogue.ts'
import type { Ontology } from './skills/ontology.ts'
import type { SkillsGraph } from './skills/skills-graph.ts'
import type { Store } from './store.ts'
import type { Trace } from './trace.ts'
import type { TrustRegister } from './verification/trust-register.ts'

/** Everything the academy asks of the world. Ask for the ports you use and no more: `Pick<Ports, 'store' | 'clock'>`. */
export interface Ports {
  clock: Clock
  random: Random
  store: Store
  files: Files
  mail: Mail
  signers: Signers
  /** Where private keys are made and kept; only the register's own actions ask it. */
  keyVault: KeyVault
  outbound: Outbound
  primitives: Primitives
  /** Foreign issuers this deployment believes. */
  trust: TrustRegister
  /** The ontology in force; another one at the next look, once a version was published. */
  readonly ontology: Ontology
  ontologies: Ontologies
  /** ESCO as it was imported here, if it was. */
  esco: EscoCatalogue
  /** The same ontology as a graph, with who holds what. */
  graph: SkillsGraph
  practicals: Practicals
  /** Where practicals run. */
  sites: Sites
  /** Paints the pages of European credentials. */
  pages: PagePainter
  /** Draws the pictures of Open Badges. */
  badges: BadgePainter
  /** Prints certificates. */
  certificates: CertificatePrinter
  /** How European credentials are sealed. */
  seals: SealOptions
  settings: CoreSettings
  /** Absent where nobody watches. */
  trace?: Trace
}

export interface Clock {
  now(): Date
}

export interface Random {
  bytes(length: number): Uint8Array
  /** A fresh id: 128 random bits behind the tenant's tag. */
  id<K extends IdKind>(tenant: TenantTag, kind: K): IdOf<K>
}

/** Artefacts, uploads, exports, page images. Names are paths of `[a-z0-9._-]` parts, the first one a tenant tag. */
export interface Files {
  put(name: string, bytes: Uint8Array, contentType: string): Promise<void>
  get(name: string): Promise<Uint8Array | undefined>
  delete(name: string): Promise<void>
  list(prefix: string): Promise<string[]>
}

export interface Message {
  to: string
  subject: string
  text: string
  language: string
  /** Whose message it is, so that nothing is kept of it once they are erased. */
  about?: LearnerId
  /** What it is about, by its id: a message that is sent again has the same. */
  reference?: string
}

/** `refused`: the address or the message will never be taken; with the code the mail server gave. */
export type MailOutcome = { outcome: 'sent' } | { outcome: 'refused'; code: number }

export interface Mail {
  /** Throws what may pass: the caller tries again later. */
  send(tenant: TenantTag, message: Message): Promise<MailOutcome>
  /** Removes what is still kept of the messages about a learner; what has left cannot be called back. */
  forget(about: LearnerId): Promise<void>
}

/** One ES256 key. `sign` takes the bytes to be signed (not their digest) and answers r‖s, 64 bytes. */
export interface Signer {
  /** RFC 7638 thumbprint of the public key, base64url. */
  kid: string
  alg: 'ES256'
  /** Public part: kty, crv, x, y. */
  publicJwk: { kty: 'EC'; crv: 'P-256'; x: string; y: string }
  /** DER certificates, leaf first, without the anchor; base64 (not base64url), as RFC 7515 §4.1.6 wants. Empty for the platform's token key. */
  x5c: string[]
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** What the documents that name a tenant's keys say of one. */
export type PublishedKey = Pick<Signer, 'kid' | 'alg' | 'publicJwk' | 'x5c'>

export interface Signers {
  /**
   * The active key of an institution, or of the platform (access tokens, offers). Refuses
   * `signing_key_unavailable`.
   */
  active(tenant: TenantTag): Promise<Signer>
  /** Every key still published (`next`, `active`, and `retired` while something it signed can be valid). */
  published(tenant: TenantTag): Promise<PublishedKey[]>
  /** A key of the tenant by its thumbprint, whatever its state; consistent. `undefined` when it never was its key. */
  find(
    tenant: TenantTag,
    kid: string,
  ): Promise<{ kid: string; publicJwk: Signer['publicJwk']; state: KeyState } | undefined>
  /** DER anchors of our own institutions, base64. */
  anchors(): Promise<string[]>
  /**
   * The revocation list of the authority that certified a tenant's keys, DER; for the platform that of the root.
   * `undefined` where the authority is not this deployment and publishes its own.
   */
  revocationList(tenant: TenantTag): Promise<Uint8Array | undefined>
  /** HMAC-SHA256 under a platform secret bound to one purpose (codes, nonces, cursors, job keys). */
  mac(purpose: string, bytes: Uint8Array): Uint8Array
}

/** Guarded fetch: https, no private addresses at connect time, no redirects, limits on time and size. */
export interface Outbound {
  get(url: string, limits: OutboundLimits): Promise<OutboundAnswer>
  /** Sends a form, and what authorises it; for addresses out of the deployment's own settings. */
  postForm(
    url: string,
    sent: { form: URLSearchParams; authorization?: string },
    limits: OutboundLimits,
  ): Promise<OutboundAnswer>
}

interface OutboundLimits {
  maxBytes: number
  timeoutSeconds: number
  accept?: string
}

interface OutboundAnswer {
  status: number
  contentType: string
  body: Uint8Array
}

declare const verifyKey: unique symbol
/** A public key ready for use; made once per key by `Primitives.importEs256`. */
export type VerifyKey = { readonly [verifyKey]: true }

/**
 * The few computations verification needs, so that the same engine runs on Node (`node:crypto`) and
 * offline in a browser (WebCrypto, DecompressionStream). Answers may be promises; always await, but where
 * many are asked for in a row.
 */
export interface Primitives {
  /** Of a text in UTF-8, as base64url: the form in which SD-JWT names its parts (RFC 9901 §4.2.3). */
  sha256(text: string): string | Promise<string>
  /** Refuses anything but an EC P-256 public key. */
  importEs256(jwk: { kty: string; crv: string; x: string; y: string }): VerifyKey | Promise<VerifyKey>
  /** `signature` is r‖s, 64 bytes. */
  verifyEs256(key: VerifyKey, bytes: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>
  /** zlib (RFC 1950); throws when the output would pass `maxBytes`. */
  inflate(bytes: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array>
  /** gzip (RFC 1952); the same. */
  gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array>
}

/** Lifetimes and limits; each is listed with its default in `docs/operations.md`. */
export interface CoreSettings {
  /** Public address without a trailing slash; never taken from a request. */
  publicUrl: string
  offerLifetimeDays: number
  preAuthorizedCodeLifetimeSeconds: number
  accessTokenLifetimeSeconds: number
  nonceLifetimeSeconds: number
  txCodeTries: number
  batchSize: number
  credentialLifetimeDays: number
  statusListTtlSeconds: number
  /** A status list is signed once at most in so many seconds, however much changes. */
  statusListWindowSeconds: number
  /** Entries per status list; at least 131,072. */
  statusListSize: number
  snapshotThreshold: number
  /** How long artefacts, logs and inputs of practicals are kept after the attempt began. */
  runFilesKeptDays: number
  /** How long documents that name keys may be kept; a next key is published this long before it may sign. */
  keyDocumentsTtlSeconds: number
  /** Most rows of one uploaded file. */
  bulkRows: number
}

export const defaultCoreSettings: Omit<CoreSettings, 'publicUrl'> = {
  offerLifetimeDays: 7,
  preAuthorizedCodeLifetimeSeconds: 600,
  accessTokenLifetimeSeconds: 300,
  nonceLifetimeSeconds: 300,
  txCodeTries: 5,
  batchSize: 10,
  credentialLifetimeDays: 1826,
  statusListTtlSeconds: 300,
  statusListWindowSeconds: 5,
  statusListSize: 131_072,
  snapshotThreshold: 10,
  runFilesKeptDays: 365,
  keyDocumentsTtlSeconds: 300,
  bulkRows: 100_000,
}
