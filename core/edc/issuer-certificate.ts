// The library's container of ASN.1 types needs the Reflect metadata API; it must be there first.
import 'reflect-metadata'
import { hash } from 'node:crypto'
import { KeyUsageFlags, KeyUsagesExtension, X509Certificate } from '@peculiar/x509'
import type { Institution } from '#core/institutions/institution.ts'
import { toBase64Url } from '#core/jose/base64url.ts'
import { Refusal } from '#core/refusal.ts'
import { derInteger, derSequence, derTagged } from './der.ts'

/** What a seal says through its certificate. The names go into the credential as they stand here. */
export interface SealCertificate {
  organisation: string
  commonName: string
  /** ISO 3166-1 alpha-2. */
  country: string
  /** organizationIdentifier (2.5.4.97), such as `VATLU-00000000`. */
  legalIdentifier: string
  notBefore: Date
  notAfter: Date
  maySeal: boolean
  /** Whether the certificate itself claims to be a qualified one for electronic seals (ETSI EN 319 412-5). */
  claimsQualifiedSeal: boolean
  /** JAdES `x5t#S256`: SHA-256 of the certificate, base64url. */
  digest: string
  /** JAdES `kid`: DER of IssuerSerial, base64. */
  issuerSerial: string
}

const organizationIdentifier = '2.5.4.97'
const qcStatements = '1.3.6.1.5.5.7.1.3'
// id-etsi-qcs-QcCompliance and id-etsi-qct-eseal as they stand in the statement, DER.
const qcCompliance = '06060400' + '8e460101'
const qcTypeSeal = '06070400' + '8e46010602'

/** Reads the leaf of a seal from base64 DER. Refuses `certificate_unusable` when it is no certificate. */
export function readSealCertificate(base64: string | undefined): SealCertificate {
  let x509: X509Certificate
  try {
    x509 = new X509Certificate(base64 ?? '')
  } catch (cause) {
    throw new Refusal('certificate_unusable', 'certificate: is not a readable X.509 certificate.', {
      field: 'certificate',
      cause,
    })
  }
  const field = (name: string) => x509.subjectName.getField(name)[0] ?? ''
  const usages = x509.getExtension(KeyUsagesExtension)?.usages ?? 0
  const statements = x509.getExtension(qcStatements)
  const claims = statements ? Buffer.from(statements.value).toString('hex') : ''
  // GeneralNames of one directoryName, which is tagged explicitly because Name is a choice (X.680 §31.2.7).
  const issuer = derTagged(0xa4, new Uint8Array(x509.issuerName.toArrayBuffer()))
  const serial = derInteger(Buffer.from(x509.serialNumber, 'hex'))
  return {
    organisation: field('O'),
    commonName: field('CN'),
    country: field('C'),
    legalIdentifier: field(organizationIdentifier),
    notBefore: x509.notBefore,
    notAfter: x509.notAfter,
    maySeal: (usages & (KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation)) !== 0,
    claimsQualifiedSeal: claims.includes(qcCompliance) && claims.includes(qcTypeSeal),
    digest: toBase64Url(hash('sha256', Buffer.from(x509.rawData), 'buffer')),
    issuerSerial: Buffer.from(derSequence(derSequence(issuer), serial)).toString('base64'),
  }
}

/**
 * Whether this certificate may seal for this institution now. Refuses `certificate_unusable` and says why:
 * outside its validity, wrong key usage, another legal identifier or country than the institution's.
 */
export function checkSealCertificate(
  certificate: SealCertificate,
  institution: Pick<Institution, 'legalIdentifier' | 'country'>,
  now: Date,
): void {
  const refuse = (why: string) =>
    new Refusal('certificate_unusable', `certificate: ${why}`, { field: 'certificate' })
  if (now < certificate.notBefore) throw refuse('is not valid yet.')
  if (now > certificate.notAfter) throw refuse('has expired.')
  if (!certificate.maySeal) throw refuse('its key usage does not allow a seal.')
  if (!certificate.organisation) throw refuse('names no organisation.')
  if (certificate.legalIdentifier !== institution.legalIdentifier) {
    throw refuse('carries another legal identifier than the institution.')
  }
  if (certificate.country !== institution.country) throw refuse('names another country than the institution.')
}
