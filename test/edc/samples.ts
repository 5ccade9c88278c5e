import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import type { Award } from '#core/awards/award.ts'
import { makeAward } from '#core/awards/make-award.ts'
import type { CredentialFacts } from '#core/edc/european-credential.ts'
import type { SealCertificate } from '#core/edc/issuer-certificate.ts'
import type { AssessmentId, AwardId, LearnerId, OfferingId } from '#core/ids.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import type { Module, Ontology } from '#core/skills/ontology.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { loadOntology } from '#skills-ontology/load.ts'

export const ontology: Ontology = loadOntology()
const now = new Date('2026-11-23T09:00:00.000Z')

/** A blank picture of one grey dot: enough for the shapes; the real pages come from the painter. */
export const dotPng = makeDot()

export const localEvidence: PracticalEvidence = {
  practical: 'inference-throughput',
  practicalVersion: 1,
  specHash: 'a'.repeat(64),
  environment: 'local',
  site: 'local',
  hardware: { cpu: 'Example CPU', cores: 2, memoryGiB: 8, gpus: 0 },
  assurance: 'graded-separately',
  level: 2,
  metrics: [{ name: 'throughput', value: 41.5, unit: 'tokens/s', threshold: 20 }],
  runDigest: 'b'.repeat(64),
  finishedAt: now,
}

export const siteEvidence: PracticalEvidence = {
  ...localEvidence,
  environment: 'site',
  site: 'lumen',
  partition: 'gpu',
  hardware: { cpu: 'EPYC', cores: 64, memoryGiB: 512, gpuType: 'MI250X', gpus: 4 },
  assurance: 'supervised',
  level: 3,
  runDigest: 'c'.repeat(64),
}

export const certificateOfNorthLake: SealCertificate = {
  organisation: northLake.name.en,
  commonName: 'North Lake University e-seal',
  country: northLake.country,
  legalIdentifier: northLake.legalIdentifier,
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2033-01-01T00:00:00Z'),
  maySeal: true,
  claimsQualifiedSeal: false,
  digest: '',
  issuerSerial: '',
}

export function moduleOf(id: string): Module {
  const module = ontology.modules.get(id)
  if (!module) throw new Error(`no module ${id}`)
  return module
}

/** An award made by the same code as in the academy. */
export function awardOf(module: Module, more: Partial<Award> = {}): Award {
  const award = makeAward(
    'k3vq7m2a-awd-aaaaaaaaaaaaaaaaaaaaaaaaaa' as AwardId,
    {
      assessment: {
        id: 'k3vq7m2a-asm-aaaaaaaaaaaaaaaaaaaaaaaaaa' as AssessmentId,
        tenant: northLake.tag,
        offeringId: 'k3vq7m2a-ofg-aaaaaaaaaaaaaaaaaaaaaaaaaa' as OfferingId,
        moduleId: module.id,
        learnerId: 'k3vq7m2a-lrn-aaaaaaaaaaaaaaaaaaaaaaaaaa' as LearnerId,
        decidedBy: 'assessor',
        scorePercent: 87,
        outcome: 'passed',
        recordedAt: new Date('2026-11-20T14:30:00Z'),
      },
      module,
      offering: {
        id: 'k3vq7m2a-ofg-aaaaaaaaaaaaaaaaaaaaaaaaaa' as OfferingId,
        tenant: northLake.tag,
        moduleId: module.id,
        startsOn: '2026-11-01',
        endsOn: '2027-03-31',
        language: 'en',
        seats: 10,
        allowsLocalEvidence: true,
      },
      evidence: module.practical ? [localEvidence] : [],
    },
    ontology,
  )
  return { ...award, ...more }
}

export const practicalModule: Module = firstWithPractical()

/** The facts of one credential; change what a test is about. */
export function factsOf(more: Partial<CredentialFacts> = {}): CredentialFacts {
  return {
    award: awardOf(practicalModule),
    module: practicalModule,
    publicUrl: 'https://academy.example',
    ontology,
    idBytes: createHash('sha256').update('facts').digest().subarray(0, 16),
    issuedAt: now,
    learner: { givenName: 'Ada', familyName: 'Example', number: 'k3vq7m2a-lrn-aaaaaaaaaaaaaaaaaaaaaaaaaa' },
    institution: northLake,
    certificate: certificateOfNorthLake,
    images: [
      { language: 'en', pages: [{ type: 'PNG', bytes: dotPng }] },
      { language: 'fr', pages: [{ type: 'PNG', bytes: dotPng }] },
    ],
    ...more,
  }
}

function firstWithPractical(): Module {
  for (const module of ontology.modules.values()) if (module.practical && module.assessedByRun) return module
  throw new Error('no module with a graded practical')
}

function makeDot(): Uint8Array {
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from([0, 0x80]))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(name: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), content])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(content.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}
