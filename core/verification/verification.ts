import type { CredentialFormat } from '#core/credentials/credential.ts'
import type { Text } from '#core/text.ts'
import type { CredentialFacts } from './facts.ts'

/** The checks in the order they are made; the first one that does not pass ends the verification. */
export const checkNames = [
  'shape',
  'algorithm',
  'issuer-key',
  'certificate-status',
  'signature',
  'time-stamp',
  'type',
  'times',
  'issuer-entitled',
  'disclosures',
  'holder',
  'status',
] as const
export type CheckName = (typeof checkNames)[number]

/** Only a sealed European credential can carry a time stamp; of others the check is not named at all. */
export const checksOfTokens: readonly CheckName[] = checkNames.filter((name) => name !== 'time-stamp')

/** `unknown`: could not be found out; whether that refuses is the policy's. `not-run`: an earlier check failed, or there was nothing to check. */
export type CheckState = 'passed' | 'failed' | 'not-run' | 'unknown'

export interface Check {
  name: CheckName
  state: CheckState
  /** Stable word for what was found; `ok` when passed. */
  code: string
}

/** What to tell a person, in one word; each has its sentence in every language. */
export const outcomes = [
  'valid',
  'unreadable',
  'forged',
  'foreign-issuer',
  'tampered',
  'key-revoked',
  'wrong-type',
  'not-yet-valid',
  'expired',
  'not-entitled',
  'holder-mismatch',
  'suspended',
  'revoked',
  'superseded',
  'status-unknown',
] as const
export type Outcome = (typeof outcomes)[number]

export interface VerifiedIssuer {
  /** `iss` of the credential. */
  id: string
  name: Text
  /** ISO 3166-1 alpha-2, when known. */
  country?: string
  /** One of our own institutions, or one the deployment's trust register names. */
  trust: 'institution' | 'register'
}

/** The answer of the engine: named checks, never only a yes or no. */
export interface Verification {
  verified: boolean
  outcome: Outcome
  /** The first check that did not pass. */
  failedCheck?: CheckName
  checks: Check[]
  format?: CredentialFormat
  /** Only once the key was found to be the issuer's. */
  issuer?: VerifiedIssuer
  /** Only once signature and disclosures held: nothing unproven is ever shown. */
  facts?: CredentialFacts
  /** False for every credential that was pasted, uploaded or linked: who shows it need not be its holder. */
  holderProven: boolean
  verifiedAt: Date
}

/** Ends a verification; made where a check finds its no. */
export class CheckFailure extends Error {
  readonly check: CheckName
  readonly code: string
  readonly outcome: Outcome
  readonly state: 'failed' | 'unknown'

  constructor(check: CheckName, code: string, outcome: Outcome, state: 'failed' | 'unknown' = 'failed') {
    super(`${check}: ${code}`)
    this.name = 'CheckFailure'
    this.check = check
    this.code = code
    this.outcome = outcome
    this.state = state
  }
}
