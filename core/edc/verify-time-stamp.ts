import { createHash, verify, X509Certificate } from 'node:crypto'
import { type DerValue, derChildren, NotDer, readDer } from './der.ts'

/** Digest algorithms by the DER content of their identifier, hex. */
const digests: Readonly<Record<string, string>> = {
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
}
const messageDigestOid = '2a864886f70d010904'
const contentTypeOid = '2a864886f70d010903'
const tstInfoOid = '2a864886f70d0109100104'
const timeStamping = '1.3.6.1.5.5.7.3.8'

/** Of a token and of the certificates in it: whoever presents a seal has no other limit, and each costs its time. */
const mostBytes = 64 * 1024
const mostCertificates = 10

/** `unknown-authority`: signed by whom it says, but that is nobody the deployment has chosen. */
type TimeStampStanding = 'trusted' | 'unknown-authority' | 'wrong'

/**
 * How a time stamp token stands: signed (RFC 5652 §5.4) by a certificate it carries, which may make time stamps
 * (RFC 3161 §2.3) and was valid at `at`; and whether that is one of `anchors` or issued by one of them. `anchors`
 * are DER.
 */
export function timeStampStanding(
  token: Uint8Array,
  at: Date,
  anchors: readonly Uint8Array[],
): TimeStampStanding {
  if (token.byteLength > mostBytes) return 'wrong'
  try {
    const signedData = derChildren(derChildren(derChildren(readDer(token))[1])[0])
    const content = derChildren(derChildren(signedData[2])[1])[0]
    const certificates = signedData.find(({ tag }) => tag === 0xa0)
    const signers = derChildren(signedData.at(-1))
    const [signer] = signers
    if (!content || !signer || signers.length !== 1) return 'wrong'
    const stated = derChildren(certificates)
    if (stated.length > mostCertificates) return 'wrong'
    const carried = stated.map(({ whole }) => new X509Certificate(whole))
    const signing = carried.filter(
      (certificate) => mayStamp(certificate, at) && signed(signer, content, certificate),
    )
    if (signing.length === 0) return 'wrong'
    return signing.some((certificate) => isTrusted(certificate, anchors)) ? 'trusted' : 'unknown-authority'
  } catch (error) {
    if (error instanceof NotDer || (error as { code?: string }).code?.startsWith('ERR_OSSL')) return 'wrong'
    throw error
  }
}

/** Whether a fresh stamp is from the authority that was asked. */
export function verifyTimeStamp(token: Uint8Array, at: Date, anchors: readonly Uint8Array[]): boolean {
  return timeStampStanding(token, at, anchors) === 'trusted'
}

function mayStamp(certificate: X509Certificate, at: Date): boolean {
  // Node names the extended key usages `keyUsage`.
  return (
    (certificate.keyUsage ?? []).includes(timeStamping) &&
    at >= new Date(certificate.validFrom) &&
    at <= new Date(certificate.validTo)
  )
}

function isTrusted(certificate: X509Certificate, anchors: readonly Uint8Array[]): boolean {
  return anchors.some((anchor) => {
    const trusted = new X509Certificate(anchor)
    if (Buffer.compare(trusted.raw, certificate.raw) === 0) return true
    return trusted.ca && certificate.checkIssued(trusted) && certificate.verify(trusted.publicKey)
  })
}

/** The signed attributes name the content by its digest, and the signature covers the attributes. */
function signed(signer: DerValue, content: DerValue, certificate: X509Certificate): boolean {
  const fields = derChildren(signer)
  const digest = digests[hex(derChildren(fields[2])[0]?.content)]
  const attributes = fields.find(({ tag }) => tag === 0xa0)
  const signature = fields.find(({ tag }) => tag === 0x04)
  if (!digest || !attributes || !signature) return false
  const attributeValue = (oid: string) => {
    const found = derChildren(attributes).map((attribute) => derChildren(attribute))
    const values = found.filter(([name]) => hex(name?.content) === oid)
    return values.length === 1 ? derChildren(values[0]?.[1])[0]?.content : undefined
  }
  if (hex(attributeValue(contentTypeOid)) !== tstInfoOid) return false
  if (hex(attributeValue(messageDigestOid)) !== createHash(digest).update(content.content).digest('hex'))
    return false
  // RFC 5652 §5.4: what is signed is the SET OF, not the implicit tag it stands under.
  const signedBytes = Buffer.from(attributes.whole)
  signedBytes[0] = 0x31
  return verify(digest, signedBytes, certificate.publicKey, signature.content)
}

function hex(bytes: Uint8Array | undefined): string {
  return bytes ? Buffer.from(bytes).toString('hex') : ''
}
