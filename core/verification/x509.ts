// The library's container of ASN.1 types needs the Reflect metadata API; it must be there first.
import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from '@peculiar/x509'
import { toBase64Url } from '#core/jose/base64url.ts'
import type { PublicJwk } from '#core/jose/jwk.ts'

/** What verification reads of an X.509 certificate (RFC 5280). The one place that knows the library. */
export interface Certificate {
  /** DER of the names, base64url, for comparison. */
  subject: string
  issuer: string
  /** Hexadecimal, lower case, without zeros before it. */
  serial: string
  notBefore: Date
  notAfter: Date
  ca: boolean
  pathLength: number | undefined
  mayCertify: boolean
  /** May sign revocation lists. */
  mayRevoke: boolean
  maySign: boolean
  /** A seal may also stand on a certificate for non-repudiation alone (ETSI EN 319 412-3). */
  maySeal: boolean
  sanUris: string[]
  sanDnsNames: string[]
  /** The subject's key when it is on P-256. */
  publicJwk: PublicJwk | undefined
  /** Asks for an extension that is not understood. */
  unknownCritical: boolean
  /** Whether this certificate's signature was made with the key of `issuer`. */
  isSignedBy(issuer: Certificate): Promise<boolean>
}

const understood = ['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.37']
export const signatureHashes = ['SHA-256', 'SHA-384', 'SHA-512']
const parsed = new WeakMap<Certificate, X509Certificate>()

/** Reads one certificate from base64 (not base64url) DER, as `x5c` holds it (RFC 7515 §4.1.6). Throws when it is none. */
export function parseCertificate(base64: string): Certificate {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new Error('a certificate is not base64')
  const x509 = new X509Certificate(base64)
  const constraints = x509.getExtension(BasicConstraintsExtension)
  const usages = x509.getExtension(KeyUsagesExtension)?.usages ?? 0
  const names = x509.getExtension(SubjectAlternativeNameExtension)?.names.items ?? []
  const namesOf = (type: string) => names.filter((name) => name.type === type).map((name) => name.value)
  const certificate: Certificate = {
    subject: toBase64Url(new Uint8Array(x509.subjectName.toArrayBuffer())),
    issuer: toBase64Url(new Uint8Array(x509.issuerName.toArrayBuffer())),
    serial: serialOf(x509.serialNumber),
    notBefore: x509.notBefore,
    notAfter: x509.notAfter,
    ca: constraints?.ca ?? false,
    pathLength: constraints?.pathLength,
    mayCertify: (usages & KeyUsageFlags.keyCertSign) !== 0,
    mayRevoke: (usages & KeyUsageFlags.cRLSign) !== 0,
    maySign: (usages & KeyUsageFlags.digitalSignature) !== 0,
    maySeal: (usages & (KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation)) !== 0,
    sanUris: namesOf('url'),
    sanDnsNames: namesOf('dns'),
    publicJwk: p256Jwk(new Uint8Array(x509.publicKey.rawData)),
    unknownCritical: x509.extensions.some(({ critical, type }) => critical && !understood.includes(type)),
    async isSignedBy(issuer) {
      const publicKey = parsed.get(issuer)?.publicKey
      try {
        // The library knows no hash for an algorithm it does not know, whatever its types say.
        const hashed = signatureHashes.includes(x509.signatureAlgorithm.hash.name)
        return publicKey !== undefined && hashed && (await x509.verify({ publicKey, signatureOnly: true }))
      } catch {
        return false
      }
    },
  }
  parsed.set(certificate, x509)
  return certificate
}

/** A serial number without the zeros that DER puts before it. */
export const serialOf = (hex: string) => hex.toLowerCase().replace(/^0+(?=.)/, '')

/** The key in the library's own form, for a revocation list's signature. */
export const publicKeyOf = (certificate: Certificate) => parsed.get(certificate)?.publicKey

// SubjectPublicKeyInfo of id-ecPublicKey on prime256v1 with an uncompressed point (RFC 5480 §2.1.1).
const p256Prefix = '3059301306072a8648ce3d020106082a8648ce3d03010703420004'

function p256Jwk(spki: Uint8Array): PublicJwk | undefined {
  const start = p256Prefix.length / 2
  if (spki.length !== start + 64) return undefined
  const prefix = Array.from(spki.subarray(0, start), (byte) => byte.toString(16).padStart(2, '0')).join('')
  if (prefix !== p256Prefix) return undefined
  return {
    kty: 'EC',
    crv: 'P-256',
    x: toBase64Url(spki.subarray(start, start + 32)),
    y: toBase64Url(spki.subarray(start + 32)),
  }
}
