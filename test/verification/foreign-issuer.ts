import 'reflect-metadata'
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, webcrypto } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import {
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
  type X509CrlEntryParams,
  X509CrlGenerator,
} from '@peculiar/x509'
import { type PublicJwk, parsePublicJwk } from '#core/jose/jwk.ts'
import { writeJws } from '#core/jose/jws.ts'
import type { Outbound } from '#core/ports.ts'
import { disclosable, writeSdJwt } from '#core/sd-jwt/write-sd-jwt.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000

export interface KeyPair {
  privateKey: KeyObject
  jwk: PublicJwk
  sign: (bytes: Uint8Array) => Uint8Array
}

export function makeKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    privateKey,
    jwk: parsePublicJwk(publicKey.export({ format: 'jwk' })),
    sign: (bytes) => sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  }
}

export interface CertifiedPair extends KeyPair {
  name: string
  certificate: string
}

/** One certificate with whatever is wrong about it that a test asks for. Without `parent` it signs itself. */
export async function certify(
  name: string,
  options: {
    parent?: CertifiedPair
    ca?: boolean
    pathLength?: number
    usage?: number
    uri?: string
    dns?: string
    notBefore?: Date
    notAfter?: Date
    pair?: KeyPair
    now: Date
  },
): Promise<CertifiedPair> {
  const pair = options.pair ?? makeKeyPair()
  const signer = options.parent ?? pair
  const ca = options.ca ?? false
  const names = [
    ...(options.uri ? [{ type: 'url' as const, value: options.uri }] : []),
    ...(options.dns ? [{ type: 'dns' as const, value: options.dns }] : []),
  ]
  const extensions: Extension[] = [
    new BasicConstraintsExtension(ca, options.pathLength, true),
    new KeyUsagesExtension(
      options.usage ?? (ca ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature),
      true,
    ),
    ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
  ]
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${options.parent?.name ?? name}`,
    notBefore: options.notBefore ?? new Date(options.now.getTime() - day),
    notAfter: options.notAfter ?? new Date(options.now.getTime() + 365 * day),
    publicKey: (await webKey(pair, 'public')) as never,
    signingKey: (await webKey(signer, 'private')) as never,
    signingAlgorithm: algorithm,
    extensions,
  })
  return { ...pair, name, certificate: Buffer.from(certificate.rawData).toString('base64') }
}

export interface RevocationWishes {
  now: Date
  from?: Date
  until?: Date
  entries?: (Partial<X509CrlEntryParams> & { of: CertifiedPair })[]
  /** Under the name of the authority, with another's key. */
  key?: CertifiedPair
  extension?: Extension
}

/** A revocation list in base64, from a day ago and for six more days. */
export async function revocationListOf(by: CertifiedPair, wishes: RevocationWishes): Promise<string> {
  const { now, from, until, entries = [], key = by, extension } = wishes
  const days = (count: number) => new Date(now.getTime() + count * day)
  const list = await X509CrlGenerator.create({
    issuer: `CN=${by.name}`,
    thisUpdate: from ?? days(-1),
    nextUpdate: until ?? days(6),
    signingKey: (await webKey(key, 'private')) as never,
    signingAlgorithm: algorithm,
    entries: entries.map(({ of: { certificate }, ...more }) => ({
      serialNumber: new X509Certificate(certificate).serialNumber,
      revocationDate: days(-1),
      ...more,
    })),
    extensions: extension ? [extension] : [],
  })
  return Buffer.from(list.rawData).toString('base64')
}

async function webKey(pair: KeyPair, which: 'public' | 'private') {
  return which === 'private'
    ? webcrypto.subtle.importKey(
        'pkcs8',
        pair.privateKey.export({ type: 'pkcs8', format: 'der' }),
        algorithm,
        false,
        ['sign'],
      )
    : webcrypto.subtle.importKey(
        'spki',
        createPublicKey(pair.privateKey).export({ type: 'spki', format: 'der' }),
        algorithm,
        true,
        ['verify'],
      )
}

export const foreignIssuer = 'https://college.example/issuer'
export const foreignDid = 'did:web:college.example'
export const foreignVct = 'https://college.example/vct/diploma'
export const statusUri = 'https://college.example/status/1'
export const bitstringUri = 'https://college.example/bitstring/1'

const seconds = (date: Date) => Math.floor(date.getTime() / 1000)

/** An SD-JWT VC as a foreign college would issue it, with overrides for what a test breaks. */
export async function foreignSdJwt(
  issuer: KeyPair,
  x5c: string[],
  now: Date,
  more: { header?: Record<string, unknown>; payload?: Record<string, unknown>; sign?: KeyPair['sign'] } = {},
): Promise<string> {
  return writeSdJwt(
    {
      header: { typ: 'dc+sd-jwt', alg: 'ES256', x5c, ...more.header },
      payload: {
        iss: foreignIssuer,
        vct: foreignVct,
        iat: seconds(now),
        exp: seconds(now) + 3600,
        achievement_title: 'Diploma of Foreign Things',
        family_name: disclosable('Example'),
        given_name: disclosable('Grace'),
        ...more.payload,
      },
    },
    (length) => webcrypto.getRandomValues(new Uint8Array(length)),
    more.sign ?? issuer.sign,
  )
}

/** A VC 1.1 JWT under the college's did:web. */
export async function foreignJwtVc(
  issuer: KeyPair,
  now: Date,
  more: {
    header?: Record<string, unknown>
    payload?: Record<string, unknown>
    vc?: Record<string, unknown>
  } = {},
): Promise<string> {
  const vc = {
    '@context': ['https://www.w3.org/2018/credentials/v1'],
    type: ['VerifiableCredential', 'Diploma'],
    credentialSubject: { achievement_title: 'Diploma of Foreign Things', family_name: 'Example' },
    ...more.vc,
  }
  return writeJws(
    { alg: 'ES256', typ: 'JWT', kid: `${foreignDid}#key-1`, ...more.header },
    { iss: foreignDid, nbf: seconds(now), exp: seconds(now) + 3600, vc, ...more.payload },
    issuer.sign,
  )
}

export function didDocument(key: PublicJwk, change: Record<string, unknown> = {}): string {
  const id = `${foreignDid}#key-1`
  return JSON.stringify({
    id: foreignDid,
    verificationMethod: [{ id, type: 'JsonWebKey2020', controller: foreignDid, publicKeyJwk: key }],
    assertionMethod: [id],
    ...change,
  })
}

/** A Token Status List of 8 entries of 2 bits: index → value. */
export async function statusList(
  issuer: KeyPair,
  now: Date,
  values: Record<number, number>,
  change: { header?: Record<string, unknown>; payload?: Record<string, unknown> } = {},
): Promise<string> {
  const bytes = new Uint8Array(2)
  for (const [index, value] of Object.entries(values)) {
    const at = Number(index)
    bytes[at >> 2] = (bytes[at >> 2] ?? 0) | (value << ((at & 3) * 2))
  }
  return writeJws(
    { alg: 'ES256', typ: 'statuslist+jwt', ...change.header },
    {
      sub: statusUri,
      iat: seconds(now),
      exp: seconds(now) + 600,
      status_list: { bits: 2, lst: deflateSync(bytes).toString('base64url') },
      ...change.payload,
    },
    issuer.sign,
  )
}

/** The outside world of a test: an answer for each address, or none. Counts what was asked. */
export function outsideWorld(
  answers: Record<string, string | { status: number }>,
): Outbound & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    postForm: () => Promise.reject(new Error('nothing is sent here')),
    async get(url) {
      asked.push(url)
      const answer = answers[url]
      if (answer === undefined) throw new Error('outgoing request: unreachable')
      const known =
        typeof answer === 'string' ? { status: 200, body: answer } : { status: answer.status, body: '' }
      return {
        status: known.status,
        contentType: 'application/json',
        body: new TextEncoder().encode(known.body),
      }
    },
  }
}
