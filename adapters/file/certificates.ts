import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  CRLDistributionPointsExtension,
  cryptoProvider,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509'
import { derInteger } from '#core/edc/der.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { institutionUrl, revocationListUrl } from '#core/institutions/institution.ts'

cryptoProvider.set(webcrypto as never)

/** A certificate with the key it certifies, both as text: DER in base64, PKCS #8 in base64. */
export interface CertifiedKey {
  privateKey: string
  certificate: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000

/**
 * A throw-away root for one deployment. Its name says that it proves nothing to anybody outside: the
 * institutions of a trial are not identified by a qualified trust service.
 */
export async function makeRoot(now: Date): Promise<CertifiedKey> {
  const keys = await makeKeys()
  const name = [
    { CN: ['TEST ONLY throw-away root, not qualified'] },
    { O: ['AI Skills Academy deployment (self-made)'] },
  ]
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: name,
    issuer: name,
    ...validity(now, 20),
    publicKey: forLibrary(keys.publicKey),
    signingKey: forLibrary(keys.privateKey),
    signingAlgorithm: algorithm,
    extensions: await caExtensions(keys.publicKey, keys.publicKey, 1),
  })
  return certified(keys, certificate)
}

/** The issuing authority of one institution, below the root; it may certify end entities only. */
export async function makeIssuingAuthority(
  root: CertifiedKey,
  institution: Institution,
  now: Date,
): Promise<CertifiedKey> {
  const keys = await makeKeys()
  const parent = new X509Certificate(root.certificate)
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [
      { CN: [`TEST ONLY issuing CA of ${institution.slug}, not qualified`] },
      { O: [institution.name.en] },
      { C: [institution.country] },
    ],
    issuer: parent.subjectName.toJSON(),
    ...validity(now, 15),
    publicKey: forLibrary(keys.publicKey),
    signingKey: forLibrary(await importPrivateKey(root.privateKey)),
    signingAlgorithm: algorithm,
    extensions: await caExtensions(keys.publicKey, fromLibrary(await parent.publicKey.export()), 0),
  })
  return certified(keys, certificate)
}

/**
 * The certificate of an institution's signing key. Its address as issuer stands in the SAN as URI and its
 * host as DNS name, so that the certificate binds `iss`. It outlives the credentials signed under it: they
 * are valid for five years.
 */
export async function makeLeaf(
  authority: CertifiedKey,
  institution: Institution,
  publicUrl: string,
  publicKey: webcrypto.CryptoKey,
  now: Date,
): Promise<string> {
  const parent = new X509Certificate(authority.certificate)
  const host = new URL(publicUrl).hostname
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [
      { CN: [institution.name.en] },
      { O: [institution.name.en] },
      { '2.5.4.97': [institution.legalIdentifier] },
      { C: [institution.country] },
    ],
    issuer: parent.subjectName.toJSON(),
    ...validity(now, 7),
    publicKey: forLibrary(publicKey),
    signingKey: forLibrary(await importPrivateKey(authority.privateKey)),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new SubjectAlternativeNameExtension([
        { type: 'url', value: institutionUrl(publicUrl, institution.slug) },
        hostName(host),
      ]),
      new CRLDistributionPointsExtension([revocationListUrl(publicUrl, institution.slug)]),
      await SubjectKeyIdentifierExtension.create(forLibrary(publicKey)),
      await AuthorityKeyIdentifierExtension.create(await parent.publicKey.export()),
    ],
  })
  return base64(certificate)
}

const crlNumber = '2.5.29.20'

/**
 * The revocation list of an issuing authority (RFC 5280 §5), DER: validators outside ask for one before
 * they call a seal good. `revoked` are leaf certificates in base64 with the moment they were taken back.
 */
export async function makeRevocationList(
  authority: CertifiedKey,
  revoked: readonly { certificate: string; at: Date }[],
  now: Date,
): Promise<Uint8Array> {
  const issuer = new X509Certificate(authority.certificate)
  // §5.2.3: a number that only grows; seconds since 1970 do.
  const number = Buffer.from(
    Math.floor(now.getTime() / 1000)
      .toString(16)
      .padStart(10, '0'),
    'hex',
  )
  const list = await X509CrlGenerator.create({
    issuer: issuer.subjectName.toJSON(),
    thisUpdate: now,
    nextUpdate: new Date(now.getTime() + 7 * day),
    signingKey: forLibrary(await importPrivateKey(authority.privateKey)),
    signingAlgorithm: algorithm,
    entries: revoked.map(({ certificate, at }) => ({
      serialNumber: new X509Certificate(certificate).serialNumber,
      revocationDate: at,
      reason: X509CrlReason.cessationOfOperation,
    })),
    extensions: [
      await AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
      new Extension(crlNumber, false, new Uint8Array(derInteger(number))),
    ],
  })
  return new Uint8Array(list.rawData)
}

/** A self-signed certificate for https on loopback names: for tests and the demo, never for a real host. */
export async function makeTlsCertificate(
  hosts: string[],
  now: Date,
  days: number,
): Promise<{ certificate: string; privateKey: string }> {
  const keys = await makeKeys()
  // A name of its own: of two trusted certificates with one name, TLS libraries look at the first only.
  const name = [{ CN: [`TEST ONLY throw-away TLS certificate ${randomBytes(4).toString('hex')}`] }]
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: name,
    issuer: name,
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + days * day),
    publicKey: forLibrary(keys.publicKey),
    signingKey: forLibrary(keys.privateKey),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign, true),
      new SubjectAlternativeNameExtension(hosts.map(hostName)),
      await SubjectKeyIdentifierExtension.create(forLibrary(keys.publicKey)),
    ],
  })
  return {
    certificate: certificate.toString('pem'),
    privateKey: pem(await exportPrivateKey(keys.privateKey)),
  }
}

// The library and Node describe one and the same object by two types that TypeScript holds to be different.
const forLibrary = (key: webcrypto.CryptoKey) => key as never
const fromLibrary = (key: unknown) => key as webcrypto.CryptoKey

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
}

async function importPrivateKey(pkcs8: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', Buffer.from(pkcs8, 'base64'), algorithm, false, ['sign'])
}

async function exportPrivateKey(key: webcrypto.CryptoKey): Promise<string> {
  return Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
}

async function certified(keys: webcrypto.CryptoKeyPair, certificate: X509Certificate): Promise<CertifiedKey> {
  return { privateKey: await exportPrivateKey(keys.privateKey), certificate: base64(certificate) }
}

async function caExtensions(
  own: webcrypto.CryptoKey,
  parent: webcrypto.CryptoKey,
  pathLength: number,
): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(true, pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(forLibrary(own)),
    await AuthorityKeyIdentifierExtension.create(forLibrary(parent)),
  ]
}

function hostName(host: string): { type: 'dns' | 'ip'; value: string } {
  const bare = host.replace(/^\[|\]$/g, '')
  return isIP(bare) ? { type: 'ip', value: bare } : { type: 'dns', value: bare }
}

// A day in the past, for verifiers whose clock is a little behind.
function validity(now: Date, years: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + years * 365 * day) }
}

// RFC 5280 §4.1.2.2: positive and at most 20 octets.
function serial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

function base64(certificate: X509Certificate): string {
  return Buffer.from(certificate.rawData).toString('base64')
}

function pem(pkcs8: string): string {
  return `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`
}
