import { randomBytes } from 'node:crypto'
import type { PagePainter } from '#core/edc/display.ts'
import type { SealKey } from '#core/edc/seal.ts'
import { type SealOptions, sealEuropeanCredential } from '#core/edc/seal-credential.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { dotPng, factsOf } from './samples.ts'
import type { TestAuthority } from './test-authority.ts'

/** One dot for each page: the seals are what these tests are about. */
const dots: PagePainter = {
  paint: async ({ language }) => ({ language, pages: [{ type: 'PNG', bytes: dotPng }] }),
  lacks: () => [],
}

/** Seals the sample award of North Lake. */
export async function sealSample(
  key: SealKey,
  options: Partial<SealOptions> & { now?: Date; pages?: PagePainter } = {},
) {
  const { now = new Date(), pages = dots, ...more } = options
  const { certificate: _, images: __, ...facts } = factsOf()
  return sealEuropeanCredential(
    { ...facts, institution: northLake, languages: ['en', 'fr'] },
    key,
    { signingTime: 'iat', ...more },
    {
      clock: { now: () => now },
      random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
      pages,
    },
  )
}

/** The time stamp authority of a test authority, without HTTP. */
export function stampsOf(authority: TestAuthority): NonNullable<SealOptions['timeStamps']> {
  return { anchors: [authority.root()], request: async (der) => authority.stamp(der) }
}

interface SealFile {
  payload: string
  signatures: { protected: string; signature: string; header?: { etsiU?: string[] } }[]
}

/** The sealed file with something changed; `header` changes the protected header, which is then not signed again. */
export function tampered(
  text: string,
  change: { file?: (file: SealFile) => void; header?: (header: Record<string, unknown>) => void },
): string {
  const file = JSON.parse(text) as SealFile
  const [signature] = file.signatures
  if (!signature) throw new Error('there is no signature to tamper with')
  if (change.header) {
    const header = JSON.parse(Buffer.from(signature.protected, 'base64url').toString()) as Record<
      string,
      unknown
    >
    change.header(header)
    signature.protected = Buffer.from(JSON.stringify(header)).toString('base64url')
  }
  change.file?.(file)
  return JSON.stringify(file)
}

/** The unsigned properties (`etsiU`) of a sealed file: its time stamps. */
export function unsignedOf(text: string): string[] {
  return (JSON.parse(text) as SealFile).signatures[0]?.header?.etsiU ?? []
}

export function withUnsigned(text: string, etsiU: string[]): string {
  return tampered(text, {
    file: ({ signatures }) => {
      for (const signature of signatures) signature.header = { etsiU }
    },
  })
}

/** A time stamp property whose token claims another second than the authority signed. */
export function withAnotherSecond(property: string): string {
  const parsed = JSON.parse(Buffer.from(property, 'base64url').toString()) as {
    sigTst: { tstTokens: [{ val: string }] }
  }
  const [stamp] = parsed.sigTst.tstTokens
  const token = Buffer.from(stamp.val, 'base64')
  // GeneralizedTime of 15 characters in this century; the certificates in the token use UTCTime.
  const at = token.indexOf(Buffer.from([0x18, 0x0f, 0x32, 0x30]))
  if (at < 0) throw new Error('there is no time in the token')
  token[at + 15] = (token[at + 15] ?? 0) ^ 1
  stamp.val = token.toString('base64')
  return Buffer.from(JSON.stringify(parsed)).toString('base64url')
}
