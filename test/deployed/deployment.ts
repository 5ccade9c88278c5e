import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, SignJWT } from 'jose'
import type { AcademyRole } from '#core/access/operations.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { demoInstitutions, northLake } from '#functions/seed/institutions.ts'
import { certify } from './certify.ts'
import { place } from './read-assembly.ts'

export const publicUrl = 'https://academy.example'
const issuer = 'https://login.example'

/** Where people sign in, in the place of an institution's own identity provider. */
export interface Login {
  entry: object
  tokenOf(subject: string, role: AcademyRole): Promise<string>
}

/** An issuer whose keys are in the register, so that nobody asks it for them. */
export async function login(): Promise<Login> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const roles = [
    'learner',
    'assessor',
    'registrar',
    'programme-manager',
    'platform-operator',
    'site-operator',
  ]
  return {
    entry: {
      issuer,
      audience: publicUrl,
      jwks: { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] },
      algorithms: ['ES256'],
      rolesClaim: ['roles'],
      roles: Object.fromEntries(roles.map((role) => [role, role])),
      tenant: { claim: ['tenant'], slugs: { [northLake.slug]: northLake.slug, platform: 'platform' } },
    },
    tokenOf: (subject, role) => tokenOf(privateKey, subject, role),
  }
}

const ofThePlatform: readonly AcademyRole[] = ['programme-manager', 'platform-operator', 'site-operator']

function tokenOf(key: KeyObject, subject: string, role: AcademyRole): Promise<string> {
  const tenant = ofThePlatform.includes(role) ? 'platform' : northLake.slug
  return new SignJWT({ roles: [role], tenant })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(publicUrl)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime('20m')
    .sign(key)
}

/** Makes the cloud assembly of an academy of the invented institutions; the key of the one is `publicKey`. */
export async function synthesize(parts: {
  name: string
  folder: string
  publicKey: Buffer
  institution: Institution
  login: Login
  more: object
  context: object
}): Promise<string> {
  const { name, folder, institution } = parts
  const { chain, anchor } = await certify(institution, parts.publicKey, publicUrl)
  const file = join(folder, 'deployment.json')
  const deployment = {
    name,
    stage: 'trial',
    account: place.account,
    region: place.region,
    publicUrl,
    // The others have no certificate yet, as before a second deployment: they award, and sign nothing.
    institutions: [
      { ...institution, certificates: chain },
      ...demoInstitutions.filter(({ tag }) => tag !== institution.tag),
    ],
    anchors: [anchor],
    identity: { issuers: [parts.login.entry] },
    ...parts.more,
  }
  writeFileSync(file, JSON.stringify(deployment))
  const assemblyFolder = join(folder, 'cdk.out')
  execFileSync(process.execPath, ['infra/app.ts'], {
    // Judged by `test/real/assembly.test.ts`; here it is only run.
    env: {
      ...process.env,
      DEPLOYMENT: file,
      CDK_OUTDIR: assemblyFolder,
      CDK_VALIDATION: 'false',
      CDK_CONTEXT_JSON: JSON.stringify(parts.context),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return assemblyFolder
}
