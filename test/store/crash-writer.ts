import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { keyFolder, masterSecret } from '#adapters/file/key-folder.ts'
import { fileVault } from '#adapters/file/key-vault.ts'
import { purposeMac } from '#adapters/node-crypto/purpose-mac.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { systemRandom } from '#adapters/node-platform/random.ts'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { makeStore } from '#adapters/store/store.ts'
import { recordAssessment } from '#core/assessments/record-assessment.ts'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import type { IdKind } from '#core/ids.ts'
import { registeredSigners } from '#core/keys/registered-signers.ts'
import { defaultCoreSettings } from '#core/ports.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { loadOntology } from '#skills-ontology/load.ts'

/**
 * Run by `crash.test.ts` as a process of its own and killed at a random moment. Records assessments and
 * changes of status on the data folder given, for ever; after each answer it prints one line.
 */
const folder = process.argv[2] ?? ''
const keys = keyFolder(join(folder, 'keys'))
const records = sqliteRecords(join(folder, 'records.sqlite'), () => systemClock.now())
const parts = { records, clock: systemClock, random: systemRandom, masterKey: masterKey(masterSecret(keys)) }
const store = makeStore(parts)
const settings = { ...defaultCoreSettings, publicUrl: 'https://academy.example' }
const vault = fileVault({
  keys,
  publicUrl: settings.publicUrl,
  clock: systemClock,
  findInstitution: (tag) => store.findInstitution(tag),
})
const ports = {
  ...parts,
  store,
  settings,
  ontology: loadOntology(),
  signers: registeredSigners({ vault, store, clock: systemClock, mac: purposeMac(masterSecret(keys)) }),
}
const { tag: tenant } = northLake
const id = <K extends IdKind>(kind: K) => systemRandom.id(tenant, kind)
const requestId = () => Buffer.from(systemRandom.bytes(12)).toString('hex')
const request = (operation: string) => ({ tenant, operation, requestId: requestId(), inputHash: '' })
/** Straight to the file descriptor: what is printed was answered, and leaves this process before it dies. */
const answered = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`)

await store.saveInstitutionOnce(northLake)
const [moduleId] = ports.ontology.modules.keys()
const offering = await store.saveOfferingOnce(request('offering'), {
  id: id('ofg'),
  tenant,
  moduleId: moduleId ?? '',
  startsOn: '2026-01-01',
  endsOn: '2099-12-31',
  language: 'en',
  seats: 100_000,
  allowsLocalEvidence: false,
})
const registrar = { subject: 'registrar', tenant, roles: ['registrar'] } as const
const assessor = { subject: 'assessor', tenant, roles: ['assessor'] } as const

/** Several at once, so that their transactions share flushes to the disk. */
await Promise.all([0, 1, 2, 3].map(writeForEver))

async function writeForEver(): Promise<never> {
  for (let n = 0; ; n++) {
    const learnerId = id('lrn')
    const person = { givenName: 'Crash', familyName: 'Dummy', email: `${learnerId}@example.org` }
    await store.saveLearnerOnce(requestId(), { id: learnerId, tenant, rev: 0, person, recognisedSkills: [] })
    await store.saveEnrolmentOnce(request('enrol'), {
      learnerId,
      offeringId: offering.id,
      enrolledAt: systemClock.now(),
      analyticsConsent: true,
      purpose: 'skills-gap-statistics',
      country: 'LU',
      targetGroup: 'professionals',
      sector: 'manufacturing',
    })
    const result = {
      requestId: requestId(),
      learnerId,
      offeringId: offering.id,
      scorePercent: n % 4 === 0 ? 10 : 90,
    }
    const { assessment, award, offer } = await recordAssessment(assessor, result, ports)
    answered({ learnerId, result, assessment: assessment.id, award: award?.id, offer: offer?.id })
    if (!award || n % 3 === 0) continue
    const change = n % 3 === 1 ? 'revoke' : 'suspend'
    const input = { requestId: requestId(), awardId: award.id, reason: 'Crash test.' }
    const changed = await changeAwardStatus(registrar, change, input, ports)
    answered({ learnerId, changed: award.id, state: changed.status.state })
  }
}
