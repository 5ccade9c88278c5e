import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Award } from '#core/awards/award.ts'
import { makeAward } from '#core/awards/make-award.ts'
import { type CredentialContent, learnerNumber } from '#core/credentials/formats/credential-content.ts'
import { type PublicJwk, parsePublicJwk } from '#core/jose/jwk.ts'
import { registerFirstKeys } from '#core/keys/manage-keys.ts'
import type { Ports } from '#core/ports.ts'
import { localPorts } from '#functions/local-ports.ts'
import { demoInstitutions, northLake } from '#functions/seed/institutions.ts'
import { readSettings } from '#functions/settings.ts'
import { loadShipped } from '#skills-ontology/load.ts'

/** The embedded academy in a folder of its own (real SQLite file, real keys), with one award to issue. */
export async function benchAcademy(): Promise<{ ports: Ports; award: Award; close(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'academy-bench-'))
  const ontology = loadShipped()
  const local = localPorts(readSettings({ DATA_DIR: dataDir }), 'https://academy.example', ontology)
  const { ports } = local
  for (const institution of demoInstitutions) await ports.store.saveInstitutionOnce(institution)
  await registerFirstKeys([northLake.tag], ports)
  const award = await oneAward(ports)
  return {
    ports,
    award,
    close: async () => {
      await local.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function oneAward(ports: Ports): Promise<Award> {
  const tenant = northLake.tag
  const request = (operation: string) => ({
    tenant,
    operation,
    requestId: `bench-${operation}`,
    inputHash: operation,
  })
  const learner = await ports.store.saveLearnerOnce('bench-learner', {
    id: ports.random.id(tenant, 'lrn'),
    tenant,
    rev: 0,
    person: { givenName: 'Ada', familyName: 'Example', email: 'ada@example.org' },
    recognisedSkills: [],
  })
  const module = ports.ontology.modules.get('m-llm-inference')
  if (!module) throw new Error('the ontology lacks m-llm-inference')
  const offering = await ports.store.saveOfferingOnce(request('offering'), {
    id: ports.random.id(tenant, 'ofg'),
    tenant,
    moduleId: module.id,
    startsOn: '2026-01-01',
    endsOn: '2027-12-31',
    language: 'en',
    seats: 10,
    allowsLocalEvidence: true,
  })
  await ports.store.saveEnrolmentOnce(request('enrolment'), {
    learnerId: learner.id,
    offeringId: offering.id,
    enrolledAt: ports.clock.now(),
    analyticsConsent: false,
    purpose: 'skills-gap-statistics',
    country: 'LU',
    targetGroup: 'professionals',
    sector: 'manufacturing',
  })
  const assessment = {
    id: ports.random.id(tenant, 'asm'),
    tenant,
    offeringId: offering.id,
    moduleId: module.id,
    learnerId: learner.id,
    decidedBy: 'bench',
    scorePercent: 90,
    outcome: 'passed' as const,
    recordedAt: ports.clock.now(),
  }
  const id = ports.random.id(tenant, 'awd')
  const award = makeAward(id, { module, offering, assessment, evidence: [] }, ports.ontology)
  await ports.store.saveAssessmentOnce(request('assessment'), { assessment, award })
  return award
}

/** What a format needs to write this award for one holder; fresh `jti` each time it is called. */
export async function contentMaker(
  award: Award,
  ports: Ports,
): Promise<(holderKey: PublicJwk) => CredentialContent> {
  const signer = await ports.signers.active(award.tenant)
  const learner = await ports.store.findLearner(award.learnerId)
  const institution = await ports.store.findInstitution(award.tenant)
  if (!learner?.person || !institution) throw new Error('the bench learner is gone')
  const { person } = learner
  const number = learnerNumber(award.learnerId, ports.signers)
  const list = ports.random.id(award.tenant, 'stl')
  let index = 0
  return (holderKey) => ({
    award,
    institution,
    person,
    holderKey,
    status: { list, index: index++ },
    signer,
    learnerNumber: number,
    jti: Buffer.from(ports.random.bytes(16)).toString('base64url'),
    issuedAt: new Date(),
    expiresAt: new Date(Date.now() + 86_400_000),
    publicUrl: ports.settings.publicUrl,
    ontology: ports.ontology,
  })
}

/** Public keys of holders, made beforehand. */
export function holderKeys(count: number): PublicJwk[] {
  return Array.from({ length: count }, () =>
    parsePublicJwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })),
  )
}
