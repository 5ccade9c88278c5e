import * as z from 'zod'
import { parse } from '#core/parse.ts'
import { Refusal } from '#core/refusal.ts'
import { didWebDocumentUrl } from './did-web.ts'
import { parseRevocationList, type RevocationList } from './revocation-list.ts'
import { parseCertificate } from './x509.ts'

/** A foreign issuer, or a whole certification authority, that the deployment trusts for the named types only. */
interface TrustedAnchor {
  name: string
  /** DER, base64. */
  certificate: string
  types: string[]
}

interface TrustedDid {
  name: string
  did: string
  types: string[]
}

/** Who, besides our own institutions, is believed, and for what. Empty by default: nobody. */
export interface TrustRegister {
  anchors: TrustedAnchor[]
  dids: TrustedDid[]
  /** Of the anchors and of authorities below them; without one it is only said that nobody looked. */
  revocationLists: RevocationList[]
}

export const emptyTrustRegister: TrustRegister = { anchors: [], dids: [], revocationLists: [] }

const zTypes = z.array(z.string().min(1).max(300)).min(1).max(100)
const zName = z.string().min(1).max(200)

const zTrustFile = z.strictObject({
  anchors: z
    .array(z.strictObject({ name: zName, certificate: z.string().min(1).max(12_000), types: zTypes }))
    .max(500)
    .default([]),
  dids: z
    .array(z.strictObject({ name: zName, did: z.string().max(300), types: zTypes }))
    .max(500)
    .default([]),
  revocationLists: z.array(z.string().min(1).max(8_000_000)).max(100).default([]),
})

/**
 * Checks what `TRUST_FILE` holds (already read as YAML): every anchor a CA certificate in PEM or base64,
 * every did a did:web with a fetchable address, each with the types it may issue; every revocation list one in
 * PEM or base64 that can be understood whole. Refuses `invalid_input`
 * naming the path of the first mistake.
 */
export function parseTrustRegister(input: unknown): TrustRegister {
  const file = parse(zTrustFile, input ?? {})
  const anchors = file.anchors.map((anchor, position) => {
    const certificate = bare(anchor.certificate)
    if (!isAuthority(certificate)) throw mistake(`anchors.${position}.certificate`, 'is not a CA certificate')
    return { ...anchor, certificate }
  })
  for (const [position, { did }] of file.dids.entries()) {
    if (!didWebDocumentUrl(did)) throw mistake(`dids.${position}.did`, 'is not a did:web address')
  }
  const revocationLists = file.revocationLists.map((text, position) => {
    try {
      return parseRevocationList(bare(text))
    } catch {
      throw mistake(`revocationLists.${position}`, 'is not a whole revocation list')
    }
  })
  return { anchors, dids: file.dids, revocationLists }
}

/** The base64 of PEM, or of what is base64 already. */
const bare = (text: string) => text.replace(/-----[A-Z0-9 ]+-----/g, '').replace(/\s+/g, '')

function isAuthority(certificate: string): boolean {
  try {
    const { ca, mayCertify } = parseCertificate(certificate)
    return ca && mayCertify
  } catch {
    return false
  }
}

function mistake(field: string, what: string): Refusal {
  return new Refusal('invalid_input', `${field}: ${what}`, { field })
}
