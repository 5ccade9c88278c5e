import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { parseArgs } from 'node:util'
import { nodePrimitives } from '#adapters/node-crypto/primitives.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { guardedFetch } from '#adapters/outbound/guarded-fetch.ts'
import type { Signers } from '#core/ports.ts'
import type { TrustRegister } from '#core/verification/trust-register.ts'
import { parseTrustRegister } from '#core/verification/trust-register.ts'
import type { Verification } from '#core/verification/verification.ts'
import { verifyCredential } from '#core/verification/verify-credential.ts'
import { certificatesOf } from './seal-options.ts'
import { readRevocationList, readTrustFile } from './trust-file.ts'

const usage = `npm run verify -- FILE… [--server URL] [--ca FILE] [--anchor FILE]… [--crl FILE]… [--trust FILE] [--tsa FILE] [--json]

Verifies credentials of any edition: a token, a sealed European credential, a badge's picture.
Without --anchor or --trust a running academy is asked, which knows how its awards stand now.
With them this machine verifies by itself: what it cannot find out it says so.
  --server   default: PUBLIC_URL, else http://127.0.0.1:$PORT, else http://127.0.0.1:4000
  --ca       certificate to trust for https, for a server with one of its own (PEM)
  --anchor   certificates of authorities to trust for what is verified here (PEM)
  --crl      revocation lists of those authorities (PEM or DER); without them it is said that nobody looked
  --trust    a register of trusted issuers (docs/operations.md, TRUST_FILE)
  --tsa      certificates by which time stamps are trusted (PEM)
  --json     the verifications as JSON
Exit code: 0 all valid, 1 at least one is not, 2 could not be tried.`

/** Whether the bytes are verified by a server or here. */
type Verify = (bytes: Uint8Array) => Promise<Verification>

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      server: { type: 'string' },
      ca: { type: 'string' },
      anchor: { type: 'string', multiple: true },
      crl: { type: 'string', multiple: true },
      trust: { type: 'string' },
      tsa: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help || positionals.length === 0) {
    console.log(usage)
    return values.help ? 0 : 2
  }
  const { PUBLIC_URL: publicUrl, PORT: port } = process.env
  const server = (values.server ?? (publicUrl || `http://127.0.0.1:${port || 4000}`)).replace(/\/$/, '')
  if (values.ca !== undefined)
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(values.ca, 'utf8')])
  const offline = values.anchor !== undefined || values.trust !== undefined
  const verify = offline ? verifyHere(values) : verifyAt(server)
  let allValid = true
  for (const file of positionals) {
    const verification = await verify(readFileSync(file))
    allValid &&= verification.verified
    console.log(values.json ? JSON.stringify({ file, ...verification }) : told(file, verification))
  }
  return allValid ? 0 : 1
}

function verifyAt(server: string): Verify {
  return async (bytes) => {
    const answer = await fetch(`${server}/verify`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes),
    })
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
    return (await answer.json()) as Verification
  }
}

/** The same engine without an academy around it: nobody is one of ours, trust is what the command line names. */
function verifyHere(named: {
  anchor?: readonly string[]
  crl?: readonly string[]
  trust?: string
  tsa?: string
}): Verify {
  const { anchor = [], crl = [], trust, tsa } = named
  const register = readTrustFile(trust)
  const certificates = anchor.flatMap((file) => certificatesOf(file, '--anchor'))
  const lists = crl.map(readRevocationList)
  const nobody = async () => undefined
  return (bytes) =>
    verifyCredential(
      bytes,
      { unknownStatus: 'accept' },
      {
        clock: systemClock,
        primitives: nodePrimitives(),
        outbound: guardedFetch({ now: () => systemClock.now() }),
        trust: withAnchors(register, certificates, lists, bytes),
        settings: { publicUrl: 'https://nowhere.invalid' } as never,
        signers: { anchors: async () => [], find: nobody } as unknown as Signers,
        seals: {
          signingTime: 'iat',
          ...(tsa ? { timeStamps: { anchors: certificatesOf(tsa, '--tsa'), request: noRequest } } : {}),
        },
        store: {
          findInstitutionBySlug: nobody,
          findInstitution: nobody,
          findStanding: nobody,
          findAward: nobody,
        },
      },
    )
}

const noRequest = () => Promise.reject(new Error('nothing is stamped here'))

/** An anchor on the command line is trusted for whatever the credential says it is. */
function withAnchors(
  register: TrustRegister,
  certificates: Uint8Array[],
  revocationLists: string[],
  bytes: Uint8Array,
): TrustRegister {
  const types = ['EuropeanDigitalCredential', 'OpenBadgeCredential', 'AiSkillCredential', ...typeOf(bytes)]
  const anchors = certificates.map((der) => ({
    name: 'named on the command line',
    certificate: Buffer.from(der).toString('base64'),
    types,
  }))
  const named = parseTrustRegister({ anchors, revocationLists })
  return {
    ...register,
    anchors: [...register.anchors, ...named.anchors],
    revocationLists: [...register.revocationLists, ...named.revocationLists],
  }
}

function typeOf(bytes: Uint8Array): string[] {
  const payload = Buffer.from(bytes).toString('latin1').trim().split('.')[1] ?? ''
  try {
    const { vct } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { vct?: unknown }
    return typeof vct === 'string' ? [vct] : []
  } catch {
    return []
  }
}

function told(file: string, { verified, outcome, format, issuer, facts, checks }: Verification): string {
  const marks = { passed: 'ok', failed: 'FAILED', unknown: 'unknown', 'not-run': '-' }
  return [
    `${file}: ${verified ? 'valid' : `not valid: ${outcome}`}${format ? ` (${format})` : ''}`,
    ...(facts?.title ? [`  what    ${facts.title}`] : []),
    ...(issuer ? [`  issuer  ${issuer.name.en}, ${issuer.trust}`] : []),
    ...(facts?.assurance ? [`  seal    ${facts.assurance}`] : []),
    ...checks.map(
      ({ name, state, code }) => `  ${marks[state].padEnd(8)}${name}${code === 'ok' ? '' : `: ${code}`}`,
    ),
  ].join('\n')
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(`Nothing was verified: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 2
  },
)
