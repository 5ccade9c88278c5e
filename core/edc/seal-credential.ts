import type { Institution } from '#core/institutions/institution.ts'
import { bytesOf, textToBase64Url } from '#core/jose/base64url.ts'
import type { Clock, Random } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { PageImages, PagePainter } from './display.ts'
import { drawable } from './drawable-text.ts'
import { type CredentialFacts, makeEuropeanCredential } from './european-credential.ts'
import { checkSealCertificate, readSealCertificate } from './issuer-certificate.ts'
import { pageContent } from './page-content.ts'
import { readSeal } from './read-seal.ts'
import { type SealKey, type SigningTime, seal } from './seal.ts'
import { checkTimeStamp, grantedToken, timeStampRequest } from './time-stamp.ts'
import { verifySealSignature } from './verify-seal.ts'
import { verifyTimeStamp } from './verify-time-stamp.ts'

/** A time stamp authority the deployment has chosen. */
export interface TimeStampAuthority {
  /** Sends a TimeStampReq and answers the TimeStampResp, both DER. Refuses `time_stamp_unavailable`. */
  request(der: Uint8Array): Promise<Uint8Array>
  /** DER certificates of the authority or its issuer; a stamp of anybody else is refused. */
  anchors: readonly Uint8Array[]
}

export interface SealOptions {
  signingTime: SigningTime
  /** Gives each European credential an entry in the status lists; without, its status is asked of its award. */
  statusEntries?: boolean
  /** Absent: baseline B. Present: baseline T, or nothing at all when no stamp can be had. */
  timeStamps?: TimeStampAuthority
  /**
   * Sealing keys of trust services by institution; the others seal with their own signing key. Refuses
   * `signing_key_unavailable` for one that should be there and cannot be had.
   */
  keys?: SealKeys
}

/** By the slug of an institution; `undefined` for one that has none of a trust service. */
export interface SealKeys {
  get(slug: string): SealKey | undefined | Promise<SealKey | undefined>
}

/** What is sealed; the certificate of the key adds the names of the issuer. */
export type SealFacts = Omit<CredentialFacts, 'certificate' | 'institution' | 'images'> & {
  institution: Institution
  /** Languages of the pages, the primary one first. */
  languages: readonly [string, ...string[]]
}

interface SealPorts {
  clock: Clock
  random: Pick<Random, 'bytes'>
  pages: PagePainter
}

/** A sealed edition, ready to be handed out. */
export interface SealedEdition {
  /** The `.jsonld` file. */
  text: string
  credentialId: string
  level: 'JAdES-BASELINE-B' | 'JAdES-BASELINE-T'
  /** Whether the certificate claims to be a qualified one for seals; every surface says so when it does not. */
  claimsQualifiedSeal: boolean
}

/**
 * Writes an award as a European Digital Credential and seals it with the institution's key. The issuer's
 * names come from the certificate. Refuses `certificate_unusable`, `credential_incomplete` and
 * `time_stamp_unavailable`; in each case nothing is sealed or handed out.
 */
export async function sealEuropeanCredential(
  { languages, ...facts }: SealFacts,
  key: SealKey,
  options: SealOptions,
  ports: SealPorts,
): Promise<SealedEdition> {
  const now = ports.clock.now()
  const certificate = readSealCertificate(key.x5c[0])
  checkSealCertificate(certificate, facts.institution, now)
  const stated = { ...facts, certificate }
  const images: PageImages[] = []
  for (const language of languages) {
    const content = drawable(pageContent(stated, language), (text) => ports.pages.lacks(text))
    images.push(await ports.pages.paint(content))
  }
  const credential = makeEuropeanCredential({ ...stated, images })
  const sealed = await seal(JSON.stringify(credential), key, certificate, {
    at: now,
    signingTime: options.signingTime,
  })
  // A key that does not belong to the certificate would seal something nobody can verify.
  const [signature] = readSeal(sealed).signatures
  if (!signature || !(await verifySealSignature(signature))) {
    throw new Error('the sealing key does not belong to the certificate of the seal')
  }
  const text = options.timeStamps
    ? await addTimeStamp(sealed, signature.signatureText, options.timeStamps, ports)
    : sealed
  return {
    text,
    credentialId: String(credential['id']),
    level: options.timeStamps ? 'JAdES-BASELINE-T' : 'JAdES-BASELINE-B',
    claimsQualifiedSeal: certificate.claimsQualifiedSeal,
  }
}

/** Baseline T: proof by a third party that the seal existed, so that it outlives its certificate (§6.3). */
async function addTimeStamp(
  sealed: string,
  signatureText: string,
  authority: TimeStampAuthority,
  ports: Pick<SealPorts, 'clock' | 'random'>,
): Promise<string> {
  // JAdES §5.3.4: the stamp covers the signature value as it stands in the file, base64url.
  const request = timeStampRequest(bytesOf(signatureText), ports.random.bytes(16))
  const token = grantedToken(await authority.request(request.der))
  const { at } = checkTimeStamp(token, request, ports.clock.now())
  if (!verifyTimeStamp(token, at, authority.anchors)) {
    throw new Refusal(
      'time_stamp_unavailable',
      'The time stamp service gave no usable stamp: its token is not signed by the chosen authority.',
    )
  }
  const { payload, signatures } = JSON.parse(sealed) as { payload: string; signatures: [object] }
  const sigTst = { sigTst: { tstTokens: [{ val: Buffer.from(token).toString('base64') }] } }
  const [signature] = signatures
  const header = { etsiU: [textToBase64Url(JSON.stringify(sigTst))] }
  return JSON.stringify({ payload, signatures: [{ ...signature, header }] })
}
