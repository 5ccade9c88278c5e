import { createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto'
import type { SealKey } from '#core/edc/seal.ts'
import { derToRaw } from '#core/jose/ecdsa-signature.ts'

const maxCertificates = 5

/**
 * A sealing key out of PEM: one private key, its certificate and the chain above it, as
 * `openssl pkcs12 -nodes` writes them out of a PKCS#12 file. RSA of 2048 bits or more seals with RS256,
 * EC on P-256 with ES256. Throws with what is wrong, never with a part of the file.
 */
export function pemSealKey(pem: string): SealKey {
  const certificates = (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (text) => attempt(() => new X509Certificate(text), 'holds a certificate that cannot be read'),
  )
  const [key, ...moreKeys] =
    pem.match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/g) ?? []
  if (!key || moreKeys.length > 0) throw new Error('must hold exactly one private key without a password')
  const privateKey = attempt(() => createPrivateKey(key), 'holds a private key that cannot be read')
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(privateKey))
  if (!leaf) throw new Error('holds no certificate of its private key')
  return { x5c: chainOf(leaf, certificates), ...signerOf(privateKey) }
}

function signerOf(key: KeyObject): Pick<SealKey, 'alg' | 'sign'> {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2048) {
    return { alg: 'RS256', sign: async (bytes) => sign('sha256', bytes, key) }
  }
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') {
    return { alg: 'ES256', sign: async (bytes) => derToRaw(sign('sha256', bytes, key)) }
  }
  throw new Error('its key is neither RSA of 2048 bits or more nor EC on P-256')
}

/** Leaf first, each followed by its issuer, without a root: whoever verifies has that or does not trust it. */
function chainOf(leaf: X509Certificate, certificates: readonly X509Certificate[]): string[] {
  const chain = [leaf]
  for (let last: X509Certificate | undefined = leaf; last && chain.length <= maxCertificates; ) {
    const subject: X509Certificate = last
    last = certificates.find(
      (issuer) =>
        issuer.ca && subject.checkIssued(issuer) && !issuer.checkIssued(issuer) && !chain.includes(issuer),
    )
    if (last) chain.push(last)
  }
  return chain.map(({ raw }) => raw.toString('base64'))
}

function attempt<T>(read: () => T, what: string): T {
  try {
    return read()
  } catch {
    throw new Error(what)
  }
}
