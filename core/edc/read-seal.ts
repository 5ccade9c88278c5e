import { hash } from 'node:crypto'
import { fromBase64Url, textFromBase64Url, toBase64Url } from '#core/jose/base64url.ts'
import { Malformed } from '#core/jose/malformed.ts'
import { strictJsonObject } from '#core/jose/strict-json.ts'
import { type SealAlgorithm, sealAlgorithms, signingInput } from './seal.ts'

/** One signature of a sealed credential, read but not verified. */
export interface SealSignature {
  alg: SealAlgorithm
  /** DER certificates, base64, leaf first. */
  x5c: string[]
  /** What the signature claims as its time. */
  claimedAt: Date
  signature: Uint8Array
  /** As it stands in the file; a time stamp covers these characters. */
  signatureText: string
  signingInput: Uint8Array
  /** Time stamp tokens of baseline T, DER. */
  timeStamps: Uint8Array[]
}

export interface SealedCredential {
  /** The credential as JSON text, exactly as it was signed. */
  payload: string
  signatures: SealSignature[]
}

const maxCharacters = 64 * 1024 * 1024
/** Around the payload there is little; a property may hold lists of certificates and of revocations. */
const headerLimits = { maxDepth: 32, maxMembers: 10_000 } as const
/** Several times what a credential of many achievements has; its pictures are texts. */
const payloadLimits = { maxDepth: 64, maxMembers: 100_000 } as const
const maxSignatures = 5
const maxCertificates = 10
/** Base64; as of every chain. Before anybody is trusted a certificate is read whole, and a large one takes long. */
const maxCertificateCharacters = 8192
/** Of one signature. Each is verified before anybody is trusted; a seal has one, or a second of a later day. */
const maxTimeStamps = 5
/** Members of `crit` that are understood: the payload as it is, the older time, and a stamp over the content. */
const understood = new Set(['b64', 'sigT', 'adoTst'])

/**
 * Reads a sealed credential strictly and trusts nothing of it: `payload` a text and first, no name twice around it
 * (the file is not signed, and another reader could take the other one), algorithms from our list, `b64` false, no
 * unknown critical header, nothing in both headers, one signing time, and a certificate whose digest is the one the
 * header protects (JAdES §5.1.7). Throws `Malformed`.
 */
export function readSeal(text: string): SealedCredential {
  if (text.length > maxCharacters) throw new Malformed('too_large', 'The sealed credential is too large.')
  if (!/^\s*\{\s*"payload"/.test(text))
    throw new Malformed('header_invalid', 'The payload does not come first.')
  const file = strictJsonObject(text, headerLimits)
  const { payload, signatures } = file
  if (typeof payload !== 'string') throw new Malformed('header_invalid', 'The payload is not a text.')
  if (!Array.isArray(signatures) || signatures.length === 0 || signatures.length > maxSignatures) {
    throw new Malformed('header_invalid', 'There is no signature, or there are too many.')
  }
  return { payload, signatures: signatures.map((entry: unknown) => readSignature(entry, payload)) }
}

function readSignature(entry: unknown, payload: string): SealSignature {
  if (!isObject(entry)) throw invalid('A signature is not an object.')
  const { protected: protectedHeader, signature, header } = entry
  if (typeof protectedHeader !== 'string' || typeof signature !== 'string') {
    throw invalid('A signature lacks its protected header or its value.')
  }
  const members = strictJsonObject(textFromBase64Url(protectedHeader), headerLimits)
  const { alg, b64, crit, x5c } = members
  // RFC 7515 §4: a name may stand in one of the two headers only.
  if (isObject(header) && Object.keys(header).some((name) => Object.hasOwn(members, name)))
    throw invalid('A header stands twice, once without protection.')
  const known = sealAlgorithms.find((name) => name === alg)
  if (!known)
    throw new Malformed('algorithm_not_allowed', 'The seal is not signed with an allowed algorithm.')
  if (b64 !== false || !isTexts(crit) || !crit.includes('b64')) throw invalid('The payload is not unencoded.')
  if (!crit.every((name) => understood.has(name) && Object.hasOwn(members, name))) {
    throw new Malformed('critical_header', 'The seal asks for an extension that is not supported.')
  }
  const [leaf] = isTexts(x5c) ? x5c : []
  if (!isTexts(x5c) || leaf === undefined || x5c.length > maxCertificates || x5c.some(isTooLong)) {
    throw invalid('The seal carries no certificate, or too many.')
  }
  if (members['x5t#S256'] !== toBase64Url(hash('sha256', Buffer.from(leaf, 'base64'), 'buffer'))) {
    throw invalid('The seal protects another certificate than it carries.')
  }
  return {
    alg: known,
    x5c,
    claimedAt: claimedTime(members),
    signature: fromBase64Url(signature),
    signatureText: signature,
    signingInput: signingInput(protectedHeader, payload),
    timeStamps: isObject(header) ? readTimeStamps(header['etsiU']) : [],
  }
}

/** JAdES §5.2.1 and §5.1.11: exactly one of the two forms. */
function claimedTime({ iat, sigT }: Record<string, unknown>): Date {
  if ((iat === undefined) === (sigT === undefined)) throw invalid('The seal has no signing time, or two.')
  if (typeof iat === 'number' && Number.isSafeInteger(iat)) return new Date(iat * 1000)
  const at =
    typeof sigT === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(sigT) ? new Date(sigT) : undefined
  if (!at || Number.isNaN(at.getTime())) throw invalid('The signing time cannot be read.')
  return at
}

/** JAdES §5.3.4: `sigTst` among the unsigned properties, each of them base64url of JSON. */
function readTimeStamps(etsiU: unknown): Uint8Array[] {
  if (etsiU === undefined) return []
  if (!isTexts(etsiU) || etsiU.length > 50) throw invalid('The unsigned properties cannot be read.')
  const found = etsiU.flatMap((property) => {
    const { sigTst } = strictJsonObject(textFromBase64Url(property), headerLimits)
    if (sigTst === undefined) return []
    const tokens = isObject(sigTst) ? sigTst['tstTokens'] : undefined
    if (!Array.isArray(tokens)) throw invalid('A time stamp cannot be read.')
    return tokens.map((token: unknown) => {
      const value = isObject(token) ? token['val'] : undefined
      if (typeof value !== 'string') throw invalid('A time stamp cannot be read.')
      return value
    })
  })
  if (found.length > maxTimeStamps) throw invalid('There are too many time stamps.')
  return found.map((value) => new Uint8Array(Buffer.from(value, 'base64')))
}

const isTooLong = (certificate: string) => certificate.length > maxCertificateCharacters

/** The credential inside, as a JSON object. Throws `Malformed`. */
export function sealedCredential({ payload }: SealedCredential): Record<string, unknown> {
  return strictJsonObject(payload, payloadLimits)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

function invalid(message: string): Malformed {
  return new Malformed('header_invalid', message)
}
