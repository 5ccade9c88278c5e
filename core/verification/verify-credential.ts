import type { Ports, Primitives } from '#core/ports.ts'
import { discloseClaims } from '#core/sd-jwt/sd-jwt.ts'
import type { ChainCache } from './certificate-chain.ts'
import { credentialText, fromText } from './credential-text.ts'
import { type CredentialFacts, readFacts } from './facts.ts'
import { checkHolder, type ExpectedHolder } from './holder.ts'
import { checkRevocation, findIssuerKey, type IssuerKey } from './issuer-key.ts'
import { malformed, type ReadCredential, readCredential } from './read-credential.ts'
import { checkForeignStatus, checkOwnStatus, statusReferences, type VerifiedNotes } from './status.ts'
import { checkTimes, readTypes } from './type-and-times.ts'
import { type Check, CheckFailure, checkNames, checksOfTokens, type Verification } from './verification.ts'

export interface VerifyOptions {
  /** Given when a presentation was asked for; then a missing or foreign key binding fails. */
  holder?: ExpectedHolder
  /** What a status that cannot be found out means. `refuse` unless the caller's policy says otherwise. */
  unknownStatus?: 'refuse' | 'accept'
}

export type VerifyPorts = Pick<
  Ports,
  'signers' | 'outbound' | 'primitives' | 'settings' | 'trust' | 'clock' | 'seals'
> & {
  store: Pick<Ports['store'], 'findInstitutionBySlug' | 'findStanding' | 'findInstitution' | 'findAward'> &
    VerifiedNotes
}

/**
 * The one engine behind page, API, shared link and presentation. Makes the checks of `checkNames` in their
 * order, stops at the first that does not pass, and answers each by name; never throws for anything that may
 * be in it. `given` is a token, or the bytes of a file of any edition. `verified` only when every check passed or had nothing to check.
 */
export async function verifyCredential(
  given: string | Uint8Array,
  options: VerifyOptions,
  ports: VerifyPorts,
): Promise<Verification> {
  const now = ports.clock.now()
  const record: Progress = {
    checks: [],
    names: checksOfTokens,
    result: { holderProven: false, verifiedAt: now },
  }
  try {
    const text = typeof given === 'string' ? fromText(given) : credentialText(given)
    if (/^\s*\{\s*"payload"/.test(text)) {
      record.names = checkNames
      // Certificates and the rules of the European model are loaded when the first such file comes.
      const { checkSealed } = await import('./verify-sealed.ts')
      await checkSealed(text, options, ports, record, now, chainCache(ports.primitives))
    } else await check(text, options, ports, record, now)
    return {
      verified: true,
      outcome: 'valid',
      ...record.result,
      checks: allChecks(record.checks, record.names),
    }
  } catch (cause) {
    if (!(cause instanceof CheckFailure)) throw cause
    const failed: Check = { name: cause.check, state: cause.state, code: cause.code }
    return {
      verified: false,
      outcome: cause.outcome,
      failedCheck: cause.check,
      ...record.result,
      checks: allChecks([...record.checks, failed], record.names),
    }
  }
}

/** What has been found so far. */
export interface Progress {
  checks: Check[]
  /** The checks this kind of credential has. */
  names: readonly Check['name'][]
  result: Pick<Verification, 'holderProven' | 'verifiedAt'> &
    Partial<Pick<Verification, 'format' | 'issuer' | 'facts'>>
}

async function check(
  text: string,
  options: VerifyOptions,
  ports: VerifyPorts,
  { checks, result }: Progress,
  now: Date,
): Promise<void> {
  const passed = (name: Check['name'], code = 'ok') => checks.push({ name, state: 'passed', code })
  const credential = readCredential(text)
  passed('shape')
  passed('algorithm')
  result.format = credential.format

  const issuer = await findIssuerKey(credential, ports, chainCache(ports.primitives))
  passed('issuer-key')
  result.issuer = issuer.issuer
  checkRevocation(issuer.revocation, checks)

  const key = await importKey(issuer, ports.primitives)
  if (!(await ports.primitives.verifyEs256(key, credential.jws.signingInput, credential.jws.signature))) {
    throw new CheckFailure('signature', 'signature_wrong', 'tampered')
  }
  passed('signature')

  const types = readTypes(credential)
  passed('type')
  const entitled = types.length > 0 && types.every((type) => issuer.types.includes(type))
  try {
    checkTimes(credential, now)
  } catch (cause) {
    // One that has only run out is still the issuer's word: what it says is shown beside the verdict.
    const facts = entitled ? await discloseIfSound(credential, ports.primitives) : undefined
    if (facts) result.facts = facts
    throw cause
  }
  passed('times')
  if (!entitled) throw new CheckFailure('issuer-entitled', 'type_not_allowed', 'not-entitled')
  passed('issuer-entitled')

  result.facts = await disclose(credential, ports.primitives)
  passed('disclosures')

  const holder = await checkHolder(credential, options.holder, now, ports.primitives)
  if (holder === 'proven') {
    result.holderProven = true
    passed('holder')
  } else checks.push({ name: 'holder', state: 'not-run', code: holder })

  await checkStatus(credential, issuer, key, options, ports, checks)
}

async function checkStatus(
  credential: ReadCredential,
  issuer: IssuerKey,
  key: Awaited<ReturnType<Primitives['importEs256']>>,
  { unknownStatus = 'refuse' }: VerifyOptions,
  ports: VerifyPorts,
  checks: Check[],
): Promise<void> {
  try {
    const references = statusReferences(credential)
    if (issuer.institution) await checkOwnStatus(references, issuer.institution, ports)
    else if (references.length === 0) {
      checks.push({ name: 'status', state: 'not-run', code: 'status_not_published' })
      return
    } else await checkForeignStatus(references, issuer, key, ports)
    checks.push({ name: 'status', state: 'passed', code: 'ok' })
  } catch (cause) {
    const tolerated = cause instanceof CheckFailure && cause.state === 'unknown' && unknownStatus === 'accept'
    // Our own records never fail to answer: what they do not know was not issued by us.
    if (!tolerated || issuer.institution) throw cause
    checks.push({ name: 'status', state: 'unknown', code: cause.code })
  }
}

// SD-JWT VC §3.2.2.2: these decide what the credential is and may not come from a disclosure, nor may a part of them.
const neverDisclosed = ['iss', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'aka_vcts', 'status', 'iat']

async function disclose(credential: ReadCredential, primitives: Primitives): Promise<CredentialFacts> {
  if (!credential.sdJwt) return readFacts(credential.format, credential.jws.payload, 0)
  try {
    const { claims, disclosed, hidden } = await discloseClaims(
      credential.jws.payload,
      credential.sdJwt.disclosures,
      (part) => primitives.sha256(part),
    )
    if (disclosed.some((path) => neverDisclosed.includes(path.split('.', 1)[0] ?? ''))) {
      throw new CheckFailure('disclosures', 'reserved_name', 'tampered')
    }
    return readFacts(credential.format, claims, hidden)
  } catch (cause) {
    throw malformed(cause, { check: 'disclosures', outcome: 'tampered' })
  }
}

async function discloseIfSound(credential: ReadCredential, primitives: Primitives) {
  try {
    return await disclose(credential, primitives)
  } catch (cause) {
    if (cause instanceof CheckFailure) return undefined
    throw cause
  }
}

async function importKey({ jwk }: IssuerKey, primitives: Primitives) {
  const keys = keyCache(primitives)
  const name = `${jwk.x}.${jwk.y}`
  const known = keys.get(name)
  if (known) return known
  try {
    const key = await primitives.importEs256(jwk)
    if (keys.size >= 500) keys.clear()
    keys.set(name, key)
    return key
  } catch {
    throw new CheckFailure('issuer-key', 'key_not_supported', 'forged')
  }
}

// Keys and followed chains are kept as long as the platform's primitives are, which is as long as the process.
const keyCaches = new WeakMap<Primitives, Map<string, Awaited<ReturnType<Primitives['importEs256']>>>>()
const chainCaches = new WeakMap<Primitives, ChainCache>()
const keyCache = (primitives: Primitives) => cached(keyCaches, primitives, () => new Map())
const chainCache = (primitives: Primitives) => cached(chainCaches, primitives, (): ChainCache => new Map())

function cached<T>(caches: WeakMap<Primitives, T>, primitives: Primitives, make: () => T): T {
  const known = caches.get(primitives) ?? make()
  caches.set(primitives, known)
  return known
}

function allChecks(made: readonly Check[], names: readonly Check['name'][]): Check[] {
  return names.map(
    (name) => made.find((one) => one.name === name) ?? { name, state: 'not-run', code: 'not_reached' },
  )
}
