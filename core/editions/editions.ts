import type { AwardId } from '#core/ids.ts'

/**
 * Every face of an award that is handed out as a file: where it stands below the address of its award, and as
 * what. The wallets' formats are collected instead (OpenID4VCI).
 */
export const editions = {
  edc: { path: 'european-credential', contentType: 'application/ld+json', extension: 'jsonld' },
  'vc+jwt': { path: 'credential', contentType: 'application/vc+jwt', extension: 'jwt' },
  // Open Badges 3.0 §5.2: a badge as JWT is answered as plain text.
  ob3: { path: 'open-badge', contentType: 'text/plain', extension: 'jwt' },
  'ob3-png': { path: 'badge.png', contentType: 'image/png', extension: 'png' },
  'ob3-svg': { path: 'badge.svg', contentType: 'image/svg+xml', extension: 'svg' },
  pdf: { path: 'certificate.pdf', contentType: 'application/pdf', extension: 'pdf' },
} as const
export type Edition = keyof typeof editions
export const editionNames = Object.keys(editions) as [Edition, ...Edition[]]

/** Stable address of one edition of an award, for its learner and the registrar. */
export function editionUrl(publicUrl: string, awardId: AwardId, edition: Edition): string {
  return `${publicUrl}/awards/${awardId}/${editions[edition].path}`
}

/** An edition, ready to be handed out. */
export interface EditionFile {
  edition: Edition
  bytes: Uint8Array
  contentType: string
  fileName: string
  /** How the European credential is sealed: its level, and whether the certificate claims to be qualified. */
  seal?: { level: string; claimsQualifiedSeal: boolean }
}
