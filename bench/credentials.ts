import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { JwtCredentialPayload } from 'did-jwt-vc'
import { importJWK, jwtVerify, SignJWT } from 'jose'
import { issueCredential, writeCredential } from '#core/credentials/issue-credential.ts'
import { bytesOf } from '#core/jose/base64url.ts'
import { rawToDer } from '#core/jose/ecdsa-signature.ts'
import { encodeHeader, parseJws, writeJws } from '#core/jose/jws.ts'
import type { Ports, VerifyKey } from '#core/ports.ts'
import { discloseClaims, parseSdJwt } from '#core/sd-jwt/sd-jwt.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { benchAcademy, contentMaker, holderKeys } from './academy.ts'
import { bulkSection } from './bulk.ts'
import { type ContestOptions, contest } from './contest.ts'
import { editionSections } from './editions.ts'
import { bareSigner, benchKey, didJwtVcIssuer, didJwtVcVerifier, sdJwtPeer } from './peers.ts'
import { referenceCredential } from './reference-credential.ts'
import { judge, type Section } from './report.ts'
import { statusListSections } from './status-lists.ts'

const L = 'node:crypto ES256 sign (L)'
const V = 'node:crypto ES256 verify (L)'
const did = 'did:web:academy.example:institutions:north-lake'
const kid = `${did}#bench`
/** Issue and verify per second of both formats, beside raw `node:crypto` and the libraries one would use instead. */
export async function* credentialSections(options: ContestOptions, slack: number): AsyncGenerator<Section> {
  const academy = await benchAcademy()
  try {
    const { ports, award } = academy
    const content = await contentMaker(award, ports)
    const [holder] = holderKeys(1)
    if (!holder) throw new Error('no holder key')
    const sample = {
      sdJwt: await writeCredential(content(holder), 'dc+sd-jwt', ports),
      jwtVc: await writeCredential(content(holder), 'jwt_vc_json', ports),
    }
    yield await issuing(ports, content, holder, sample, options, slack)
    yield await verifying(ports, award.id, holder, sample, options, slack)
    yield await durable(academy, options)
    yield* await editionSections(academy, options, slack)
  } finally {
    await academy.close()
  }
  // A list of a million is opened only where none is open yet.
  const untouched = await benchAcademy()
  try {
    yield* await statusListSections(untouched, options, slack)
  } finally {
    await untouched.close()
  }
  yield await bulkSection(options.rounds <= 2 ? 5000 : 100_000, slack)
}

type Sample = { sdJwt: string; jwtVc: string }
type MakeContent = Awaited<ReturnType<typeof contentMaker>>
type Holder = ReturnType<typeof holderKeys>[number]

async function issuing(
  ports: Ports,
  content: MakeContent,
  holder: Holder,
  sample: Sample,
  options: ContestOptions,
  slack: number,
): Promise<Section> {
  const key = benchKey()
  const jws = parseJws(sample.jwtVc)
  const payload = jws.payload as unknown as JwtCredentialPayload
  const fresh = () => ({ ...payload, jti: `urn:uuid:${crypto.randomUUID()}` })
  const byDidJwtVc = didJwtVcIssuer(did, kid, key.secret)
  const bySdJwt = sdJwtPeer(key.privateKey, key.publicKey)
  const { claims } = await disclosed(sample.sdJwt, ports)
  const frame = frameOf(claims)
  const signBare = bareSigner(key.privateKey)

  const josePublic = await importJWK(key.publicJwk, 'ES256')
  const header = encodeHeader(jws.header)
  const ours = await writeJws(header, fresh(), signBare)
  await jwtVerify(ours, josePublic, { algorithms: ['ES256'] })
  await didJwtVcVerifier(
    did,
    kid,
    key.publicJwk,
  )(await writeJws({ alg: 'ES256', typ: 'JWT', kid }, fresh(), signBare))
  const { signer } = content(holder)
  const reference = referenceCredential(signer, (length) => ports.random.bytes(length))
  for (const text of [sample.sdJwt, await reference.write()]) {
    await sdJwtPeer(key.privateKey, publicKeyOf(signer.publicJwk)).verify(text)
  }

  const figures = await contest(
    [
      { name: L, run: () => sign('sha256', jws.signingInput, key.privateKey) },
      { name: 'issue JWS: ours', run: () => writeJws(header, fresh(), signBare) },
      {
        name: 'issue JWS: jose',
        run: () =>
          new SignJWT(fresh() as never).setProtectedHeader({ alg: 'ES256', kid }).sign(key.privateKey),
      },
      {
        name: 'issue jwt_vc_json: ours (did-jwt-vc, our signer)',
        run: () => writeCredential(content(holder), 'jwt_vc_json', ports),
      },
      { name: 'issue jwt_vc_json: did-jwt-vc default', run: () => byDidJwtVc(fresh()) },
      {
        name: 'issue dc+sd-jwt: ours',
        run: () => writeCredential(content(holder), 'dc+sd-jwt', ports),
      },
      { name: 'issue dc+sd-jwt, reference size: ours', run: () => reference.write() },
      {
        name: 'issue dc+sd-jwt: @sd-jwt',
        run: () => bySdJwt.issue(structuredClone(claims), frame as never),
      },
    ],
    options,
  )
  return {
    title: 'Issue: cryptography and encoding alone',
    proved: [
      'our JWS verifies in jose and in did-jwt-vc; our SD-JWT verifies in @sd-jwt',
      `SD-JWT of ${JSON.stringify(claims).length} bytes of claims with ${sample.sdJwt.split('~').length - 2} disclosures; JWT VC of ${sample.jwtVc.length} characters`,
      `reference size: ${reference.bytes} bytes of claims with 15 disclosures, no certificates in the header`,
    ],
    figures,
    bars: judge(
      figures,
      [
        { figure: 'issue JWS: ours', anchor: L, atLeast: 0.6 },
        { figure: 'issue JWS: ours', anchor: 'issue jwt_vc_json: did-jwt-vc default', atLeast: 10 },
        { figure: 'issue JWS: ours', anchor: 'issue JWS: jose', atLeast: 4 },
        {
          figure: 'issue jwt_vc_json: ours (did-jwt-vc, our signer)',
          anchor: 'issue jwt_vc_json: did-jwt-vc default',
          atLeast: 3.5,
        },
        { figure: 'issue dc+sd-jwt, reference size: ours', anchor: L, atLeast: 0.42 },
        { figure: 'issue dc+sd-jwt: ours', anchor: 'issue dc+sd-jwt: @sd-jwt', atLeast: 4.5 },
      ],
      slack,
    ),
    notes: [
      'our own dc+sd-jwt is larger than the size of the bars (19 disclosures, certificates in the header): its ratio to L is printed by the figures, not judged',
    ],
  }
}

async function verifying(
  ports: Ports,
  awardId: Parameters<typeof issueCredential>[0]['awardId'],
  holder: Holder,
  sample: Sample,
  options: ContestOptions,
  slack: number,
): Promise<Section> {
  const issued = {
    sdJwt: await issueCredential({ awardId, format: 'dc+sd-jwt', holderKey: holder }, ports),
    jwtVc: await issueCredential({ awardId, format: 'jwt_vc_json', holderKey: holder }, ports),
  }
  const signer = await ports.signers.active(issued.jwtVc.tenant)
  const key = await ports.primitives.importEs256(signer.publicJwk)
  const nodeKey = publicKeyOf(signer.publicJwk)
  const joseKey = await importJWK({ ...signer.publicJwk }, 'ES256')
  const { signingInput, signature } = parseJws(sample.jwtVc)
  const der = rawToDer(signature)
  const signerKid = `${did}#${signer.kid}`
  const byDidJwtVc = didJwtVcVerifier(did, signerKid, signer.publicJwk)
  const bySdJwt = sdJwtPeer(benchKey().privateKey, nodeKey)
  const reference = await referenceCredential(signer, (length) => ports.random.bytes(length)).write()

  const verdicts = await Promise.all(
    [issued.sdJwt, issued.jwtVc].map(({ text }) => verifyCredential(text, {}, ports)),
  )
  if (!verdicts.every(({ verified }) => verified)) throw new Error('the bench credentials do not verify')
  const tampered = `${issued.jwtVc.text.slice(0, -8)}AAAAAAAA`
  if ((await verifyCredential(tampered, {}, ports)).verified)
    throw new Error('a tampered credential verifies')

  const figures = await contest(
    [
      { name: V, run: () => verify('sha256', signingInput, nodeKey, der) },
      { name: 'verify JWS: ours', run: () => verifyJws(issued.jwtVc.text, key, ports) },
      {
        name: 'verify JWS: jose',
        run: () => jwtVerify(issued.jwtVc.text, joseKey, { algorithms: ['ES256'] }),
      },
      { name: 'verify JWS: did-jwt-vc', run: () => byDidJwtVc(issued.jwtVc.text) },
      { name: 'verify dc+sd-jwt: ours', run: () => verifySdJwt(issued.sdJwt.text, key, ports) },
      { name: 'verify dc+sd-jwt, reference size: ours', run: () => verifySdJwt(reference, key, ports) },
      { name: 'verify dc+sd-jwt: @sd-jwt', run: () => bySdJwt.verify(issued.sdJwt.text) },
      {
        name: 'full verdict dc+sd-jwt: ours',
        run: () => verifyCredential(issued.sdJwt.text, {}, ports),
      },
      {
        name: 'full verdict jwt_vc_json: ours',
        run: () => verifyCredential(issued.jwtVc.text, {}, ports),
      },
    ],
    options,
  )
  return {
    title:
      'Verify: signature and times alone, then the full verdict (chain, entitlement, disclosures, status from the award)',
    proved: ['both credentials get the verdict valid; a changed signature does not'],
    figures,
    bars: judge(
      figures,
      [
        { figure: 'verify JWS: ours', anchor: V, atLeast: 0.7 },
        { figure: 'verify JWS: ours', anchor: 'verify JWS: did-jwt-vc', atLeast: 20 },
        { figure: 'verify dc+sd-jwt, reference size: ours', anchor: V, atLeast: 0.55 },
        { figure: 'verify dc+sd-jwt: ours', anchor: 'verify dc+sd-jwt: @sd-jwt', atLeast: 3.5 },
        { figure: 'full verdict dc+sd-jwt: ours', anchor: V, atLeast: 0.35 },
        { figure: 'full verdict jwt_vc_json: ours', anchor: V, atLeast: 0.35 },
      ],
      slack,
    ),
    notes: [
      'full verdict: the records were read before and come from memory, until a write touches them (decision 0024)',
    ],
  }
}

async function durable(
  { ports, award }: Awaited<ReturnType<typeof benchAcademy>>,
  options: ContestOptions,
): Promise<Section> {
  const key = benchKey()
  const message = bytesOf('x'.repeat(4000))
  const keys = holderKeys(6000)
  let next = 0
  const issue = (format: 'dc+sd-jwt' | 'jwt_vc_json') => {
    const holderKey = keys[next++ % keys.length]
    if (!holderKey) throw new Error('no holder key')
    return issueCredential({ awardId: award.id, format, holderKey }, ports)
  }
  const figures = await contest(
    [
      { name: L, run: () => sign('sha256', message, key.privateKey) },
      { name: 'issue dc+sd-jwt, index and durable write', run: () => issue('dc+sd-jwt') },
      { name: 'issue jwt_vc_json, index and durable write', run: () => issue('jwt_vc_json') },
    ],
    { ...options, roundMilliseconds: Math.min(options.roundMilliseconds, 300) },
  )
  return {
    title: 'Issue with status allocation and a durable write (SQLite, WAL, synchronous=FULL), one at a time',
    proved: [
      `${new Set(keys.slice(0, next).map(({ x }) => x)).size} different holder keys, so nothing was answered from before`,
    ],
    figures,
    bars: [],
    notes: ['no bar: the disk decides; each issue also verifies its own signature before it is stored'],
  }
}

async function verifyJws(text: string, key: VerifyKey, { primitives, clock }: Ports): Promise<void> {
  const { payload, signature, signingInput } = parseJws(text)
  if (!(await primitives.verifyEs256(key, signingInput, signature))) throw new Error('signature')
  inTime(payload, clock.now())
}

async function verifySdJwt(text: string, key: VerifyKey, { primitives, clock }: Ports): Promise<void> {
  const { jws, disclosures } = parseSdJwt(text)
  if (!(await primitives.verifyEs256(key, jws.signingInput, jws.signature))) throw new Error('signature')
  inTime(jws.payload, clock.now())
  await discloseClaims(jws.payload, disclosures, (text) => primitives.sha256(text))
}

function inTime(payload: Record<string, unknown>, now: Date): void {
  const seconds = now.getTime() / 1000
  if (typeof payload['exp'] !== 'number' || payload['exp'] < seconds) throw new Error('expired')
  if (typeof payload['nbf'] === 'number' && payload['nbf'] > seconds + 60) throw new Error('not yet')
}

async function disclosed(text: string, { primitives }: Ports) {
  const { jws, disclosures } = parseSdJwt(text)
  return discloseClaims(jws.payload, disclosures, (text) => primitives.sha256(text))
}

function publicKeyOf({ x, y }: { x: string; y: string }): KeyObject {
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
}

// What our own writer hides, so that the peer hides the same.
const hiddenClaims = new Set([
  'family_name',
  'given_name',
  'learner_identification',
  'learning_outcomes',
  'assessment_grade',
  'assessment_type',
  'expected_study_time',
  'ects_credits',
  'level_of_learning_experience',
  'form_of_participation',
  'supervision',
  'isced_f',
  'types_of_quality_assurance',
  'integration_stackability_options',
  'prerequisites_to_enroll',
])

function frameOf(claims: Record<string, unknown>) {
  const elements = (name: string) => {
    const value = claims[name]
    return { _sd: Array.isArray(value) ? value.map((_, position) => position) : [] }
  }
  return { _sd: Object.keys(claims).filter((name) => hiddenClaims.has(name)), skills: elements('skills') }
}
