import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import type { Ask } from '#test/support/graphql.ts'

export interface Verdict {
  verified: boolean
  outcome: string
  failedCheck: string | null
  format: string | null
  checks: { name: string; state: string; code: string }[]
}

/** Asks for the verdict as an employer does, by GraphQL. */
export async function verify(employer: Ask, credential: string): Promise<Verdict> {
  const { verifyCredential } = await employer<{ verifyCredential: Verdict }>(
    `query ($credential: String!) {
      verifyCredential(credential: $credential) {
        verified outcome failedCheck format checks { name state code }
      }
    }`,
    { credential },
  )
  return verifyCredential
}

/** Pastes the credential into the page `/verify` without script; answers the page. */
export async function verifyOnPage(url: string, credential: string, language: 'en' | 'fr'): Promise<string> {
  const response = await fetch(`${url}/verify?lang=${language}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ credential }),
  })
  if (!response.ok) throw new Error(`/verify answered ${response.status}`)
  return response.text()
}

/** The same credential with a better title and the old signature: what a cheat would try first. */
export function tamper(credential: string): string {
  const [header, payload = '', ...rest] = credential.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const changed = { ...claims, achievement_title: 'Everything there is to know' }
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.')
}

/** What somebody else can do: the same claims, rightly signed, by an issuer nobody here knows. */
export async function reissueElsewhere(jwtVc: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const did = 'did:web:degrees.example'
  return new SignJWT({ ...decodeJwt(jwtVc), iss: did })
    .setProtectedHeader({ ...decodeProtectedHeader(jwtVc), alg: 'ES256', kid: `${did}#key-1` })
    .sign(privateKey)
}
