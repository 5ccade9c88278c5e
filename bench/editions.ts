import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { GeneralSign, generalVerify } from 'jose'
import type { Award } from '#core/awards/award.ts'
import { awardBadge } from '#core/badges/badge.ts'
import { certificateContent } from '#core/certificates/certificate.ts'
import { learnerNumber } from '#core/credentials/formats/credential-content.ts'
import { issueCredential, writeCredential } from '#core/credentials/issue-credential.ts'
import type { CredentialFacts } from '#core/edc/european-credential.ts'
import { makeEuropeanCredential } from '#core/edc/european-credential.ts'
import { europeanEdition } from '#core/edc/european-edition.ts'
import { readSealCertificate } from '#core/edc/issuer-certificate.ts'
import { pageContent } from '#core/edc/page-content.ts'
import { readSeal } from '#core/edc/read-seal.ts'
import { findProblems } from '#core/edc/rules.ts'
import { seal } from '#core/edc/seal.ts'
import { bytesOf } from '#core/jose/base64url.ts'
import { rawToDer } from '#core/jose/ecdsa-signature.ts'
import { parseJws } from '#core/jose/jws.ts'
import type { Ports } from '#core/ports.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { dotPng } from '#test/edc/samples.ts'
import { type benchAcademy, contentMaker } from './academy.ts'
import { type ContestOptions, contest } from './contest.ts'
import { bareSigner, benchKey } from './peers.ts'
import { judge, type Section } from './report.ts'

const L = 'node:crypto ES256 sign (L)'
const V = 'node:crypto ES256 verify (L)'

/** Issue and verify per second of the editions that are files, beside raw `node:crypto`, jose and shacl-engine. */
export async function editionSections(
  academy: Awaited<ReturnType<typeof benchAcademy>>,
  options: ContestOptions,
  slack: number,
): Promise<Section[]> {
  const { ports, award } = academy
  const facts = await europeanFacts(award, ports)
  const credential = makeEuropeanCredential({ ...facts, images: [{ language: 'en', pages: [dot] }] })
  return [
    await sealing(credential, facts, award, ports, options, slack),
    await rules(credential, options, slack),
    await pictures(facts, award, ports, options),
    await verifying(award, ports, options),
  ]
}

/** A page of one dot: the size of the pictures is no matter of sealing. */
const dot = { type: 'PNG' as const, bytes: dotPng }

async function europeanFacts(award: Award, ports: Ports): Promise<Omit<CredentialFacts, 'images'>> {
  const signer = await ports.signers.active(award.tenant)
  const [institution, learner] = await Promise.all([
    ports.store.findInstitution(award.tenant),
    ports.store.findLearner(award.learnerId),
  ])
  const module = ports.ontology.modules.get(award.moduleId)
  if (!institution || !learner?.person || !module) throw new Error('the bench award is gone')
  const { givenName, familyName } = learner.person
  return {
    award,
    module,
    publicUrl: ports.settings.publicUrl,
    ontology: ports.ontology,
    idBytes: ports.random.bytes(16),
    issuedAt: award.awardedAt,
    learner: { givenName, familyName, number: learnerNumber(award.learnerId, ports.signers) },
    institution,
    certificate: readSealCertificate(signer.x5c[0]),
  }
}

async function sealing(
  credential: object,
  facts: Omit<CredentialFacts, 'images'>,
  award: Award,
  ports: Ports,
  options: ContestOptions,
  slack: number,
): Promise<Section> {
  const key = benchKey()
  const signBare = bareSigner(key.privateKey)
  const { x5c } = await ports.signers.active(award.tenant)
  const sealKey = { alg: 'ES256' as const, x5c, sign: async (bytes: Uint8Array) => signBare(bytes) }
  const whole = JSON.stringify(credential)
  // The size the bars were set with.
  const small = JSON.stringify({ claims: 'skills in artificial intelligence '.repeat(90) }).slice(0, 2850)
  const header = {
    alg: 'ES256',
    typ: 'jose+json',
    cty: 'json',
    x5c: [...x5c],
    iat: 1,
    b64: false,
    crit: ['b64'],
  }
  const byJose = async (payload: string) => {
    const { signatures } = await new GeneralSign(bytesOf(payload))
      .addSignature(key.privateKey)
      .setProtectedHeader({
        ...header,
        kid: facts.certificate.issuerSerial,
        'x5t#S256': facts.certificate.digest,
      })
      .sign()
    return JSON.stringify({ payload, signatures })
  }
  const ours = (payload: string) =>
    seal(payload, sealKey, facts.certificate, { at: new Date(), signingTime: 'iat' })
  for (const text of [await ours(whole), await byJose(whole), await ours(small), await byJose(small)])
    await generalVerify(JSON.parse(text), key.publicKey)
  const [message, smallMessage] = [bytesOf(whole), bytesOf(small)]
  const privateKey = createPrivateKey(key.privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const content = await contentMaker(award, ports)
  const images = [{ language: 'en', pages: [dot] }]
  const figures = await contest(
    [
      { name: L, run: () => sign('sha256', smallMessage, privateKey) },
      { name: 'seal JAdES, reference size: ours', run: () => ours(small) },
      { name: 'seal JAdES, reference size: jose', run: () => byJose(small) },
      { name: 'node:crypto ES256 sign, whole credential', run: () => sign('sha256', message, privateKey) },
      { name: 'seal JAdES, whole credential: ours', run: () => ours(whole) },
      { name: 'seal JAdES, whole credential: jose', run: () => byJose(whole) },
      {
        name: 'write, judge and seal a European credential: ours',
        run: () =>
          seal(JSON.stringify(makeEuropeanCredential({ ...facts, images })), sealKey, facts.certificate, {
            at: new Date(),
            signingTime: 'iat',
          }),
      },
      { name: 'issue vc+jwt: ours', run: () => writeCredential(withoutKey(content), 'vc+jwt', ports) },
      { name: 'issue Open Badge 3.0: ours', run: () => writeCredential(withoutKey(content), 'ob3', ports) },
    ],
    options,
  )
  return {
    title: 'Issue the editions that are files: cryptography and encoding alone',
    proved: [
      'our seal and the one by jose both verify in jose',
      `reference size: ${small.length} bytes, which L signs too; whole European credential: ${whole.length} bytes with a page of one dot`,
    ],
    figures,
    bars: judge(
      figures,
      [
        { figure: 'seal JAdES, reference size: ours', anchor: L, atLeast: 0.55 },
        {
          figure: 'seal JAdES, reference size: ours',
          anchor: 'seal JAdES, reference size: jose',
          atLeast: 3.5,
        },
      ],
      slack,
    ),
    notes: [
      'vc+jwt and the badge carry a rubric of four levels for each skill: three times the size of jwt_vc_json',
    ],
  }
}

function withoutKey(content: Awaited<ReturnType<typeof contentMaker>>) {
  const { holderKey: _, ...rest } = content(anyKey)
  return rest
}
const anyKey = { kty: 'EC', crv: 'P-256', x: '', y: '' } as const

/** Against the official shapes, where the reference data are at hand. */
async function rules(credential: object, options: ContestOptions, slack: number): Promise<Section> {
  const ours = { name: 'European rules: ours', run: () => findProblems(credential) }
  if (findProblems(credential).length > 0) throw new Error('the bench credential does not conform')
  const size = JSON.stringify(credential).length
  const reference = resolve(process.env['REFERENCE_DATA'] ?? '../shared')
  const title = 'Judge a European credential'
  if (!existsSync(join(reference, 'edc', 'shapes'))) {
    const figures = await contest([ours], options)
    return {
      title,
      proved: [`a credential of ${size} bytes conforms by our rules`],
      figures,
      bars: [],
      notes: ['REFERENCE_DATA has no official shapes here: nothing to compare with'],
    }
  }
  const { officialJudge } = await import('#test/edc/official-shapes.ts')
  const official = officialJudge()
  const verdict = await official.judge(credential)
  if (!verdict.conforms) throw new Error('the official shapes do not accept the bench credential')
  const figures = await contest(
    [ours, { name: 'shacl-engine, end to end', run: () => official.judge(credential) }],
    options,
  )
  const milliseconds = figures[0]?.p50 ?? Number.NaN
  return {
    title,
    proved: [`a credential of ${size} bytes conforms by our rules and by the official shapes`],
    figures,
    bars: judge(
      figures,
      [{ figure: 'European rules: ours', anchor: 'shacl-engine, end to end', atLeast: 50 }],
      slack,
    ),
    notes: [
      `ours: ${milliseconds.toFixed(3)} ms a credential (figure to reach: 0.15 ms), shapes parsed once for both`,
    ],
  }
}

async function pictures(
  facts: Omit<CredentialFacts, 'images'>,
  award: Award,
  ports: Ports,
  options: ContestOptions,
): Promise<Section> {
  const institution = await ports.store.findInstitution(award.tenant)
  const learner = await ports.store.findLearner(award.learnerId)
  if (!institution || !learner?.person) throw new Error('the bench award is gone')
  const page = pageContent(facts, 'en')
  const link = { url: `https://academy.example/v/${'x'.repeat(52)}`, until: new Date() }
  const paper = certificateContent(
    { award, institution, person: learner.person, ontology: ports.ontology, link },
    'en',
  )
  const badge = awardBadge(award, institution, ports.ontology)
  const figures = await contest(
    [
      { name: 'page image PNG, A4 at 150 dpi', run: () => ports.pages.paint(page) },
      { name: 'certificate PDF/A-2u', run: () => ports.certificates.print(paper) },
      { name: 'badge PNG', run: () => ports.badges.png(badge) },
      { name: 'badge SVG', run: () => ports.badges.svg(badge) },
    ],
    { rounds: Math.min(options.rounds, 7), roundMilliseconds: Math.max(options.roundMilliseconds, 400) },
  )
  const told = figures.map(({ name, p50 }) => `${name} ${p50.toFixed(1)} ms`)
  return {
    title: 'Pictures and paper, warm',
    proved: ['veraPDF finds the certificate to be PDF/A-2u in test:real'],
    figures,
    bars: [],
    notes: [
      `${told.join('; ')} (figures to reach: PNG 25 ms, PDF 80 ms; absolute times are printed, not judged)`,
    ],
  }
}

async function verifying(award: Award, ports: Ports, options: ContestOptions): Promise<Section> {
  const edc = (await europeanEdition(award, ports)).text
  const tokens = {
    'vc+jwt': (await issueCredential({ awardId: award.id, format: 'vc+jwt' }, ports)).text,
    ob3: (await issueCredential({ awardId: award.id, format: 'ob3' }, ports)).text,
  }
  for (const text of [edc, tokens['vc+jwt'], tokens.ob3]) {
    if (!(await verifyCredential(text, {}, ports)).verified)
      throw new Error('a bench edition does not verify')
  }
  const [signature] = readSeal(edc).signatures
  const { signingInput, signature: raw } = parseJws(tokens.ob3)
  const certificate = new X509Certificate(Buffer.from(signature?.x5c[0] ?? '', 'base64'))
  const der = rawToDer(raw)
  const file = JSON.parse(edc) as Parameters<typeof generalVerify>[0]
  const figures = await contest(
    [
      { name: V, run: () => verify('sha256', signingInput, certificate.publicKey, der) },
      { name: 'full verdict vc+jwt: ours', run: () => verifyCredential(tokens['vc+jwt'], {}, ports) },
      { name: 'full verdict Open Badge 3.0: ours', run: () => verifyCredential(tokens.ob3, {}, ports) },
      { name: 'full verdict sealed European credential: ours', run: () => verifyCredential(edc, {}, ports) },
      { name: 'seal alone: jose', run: () => generalVerify(file, certificate.publicKey) },
    ],
    options,
  )
  return {
    title: 'Verify the editions that are files: the full verdict, status of the award among it',
    proved: [`all three get the verdict valid; the sealed file has ${edc.length} characters, pages included`],
    figures,
    bars: [],
    notes: ['no bar: the figures of performance are set for the wallets’ formats'],
  }
}
