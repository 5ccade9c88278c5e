import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { certificatePrinter } from '#adapters/certificate-pdf/certificate-printer.ts'
import { fileEscoCatalogue } from '#adapters/file/esco-catalogue.ts'
import { masterSecret, memoryKeyFolder } from '#adapters/file/key-folder.ts'
import { fileVault } from '#adapters/file/key-vault.ts'
import { folderFiles } from '#adapters/folder/files.ts'
import { localQueue } from '#adapters/local/queue.ts'
import { localSite } from '#adapters/local/site.ts'
import { memorySkillsGraph } from '#adapters/memory/skills-graph.ts'
import { nodePrimitives } from '#adapters/node-crypto/primitives.ts'
import { purposeMac } from '#adapters/node-crypto/purpose-mac.ts'
import { systemClock } from '#adapters/node-platform/clock.ts'
import { guardedFetch } from '#adapters/outbound/guarded-fetch.ts'
import { outboxMail } from '#adapters/outbox-mail/mail.ts'
import { badgePainter } from '#adapters/page-image/badge-painter.ts'
import { pagePainter } from '#adapters/page-image/page-painter.ts'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { masterKey } from '#adapters/store/master-key.ts'
import { makeStore } from '#adapters/store/store.ts'
import type { AcademyRole, Actor } from '#core/access/operations.ts'
import type { Assessment } from '#core/assessments/assessment.ts'
import { recordAssessment } from '#core/assessments/record-assessment.ts'
import type { Award } from '#core/awards/award.ts'
import type { CredentialOffer } from '#core/credentials/offer.ts'
import { privacyRules } from '#core/gaps/cell-privacy.ts'
import { type LearnerId, platformTag, type TenantTag } from '#core/ids.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { registeredSigners } from '#core/keys/registered-signers.ts'
import type { Learner } from '#core/learners/learner.ts'
import type { Enrolment, Offering } from '#core/offerings/offering.ts'
import { defaultCoreSettings, type Ports } from '#core/ports.ts'
import type { Practicals } from '#core/practicals/practical.ts'
import { fixedSites } from '#core/practicals/site.ts'
import type { Records } from '#core/records.ts'
import { type GraphContent, graphContent } from '#core/skills/graph-content.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import type { Request } from '#core/store.ts'
import type { Trace } from '#core/trace.ts'
import { emptyTrustRegister } from '#core/verification/trust-register.ts'
import { openOntologies, type ShippedOntology } from '#functions/ontologies.ts'
import { demoInstitutions, institutDuPort, mittelberg, northLake } from '#functions/seed/institutions.ts'
import { loadPracticals, programOf } from '#practicals/load-practicals.ts'
import { loadShipped } from '#skills-ontology/load.ts'
import { type SettableClock, seededRandom, settableClock } from './fixed-ports.ts'
import { type OpenEngine, otherEngine } from './world-engine.ts'

export interface World extends Ports {
  clock: SettableClock
  /** What came with the software; none of it is kept in the records of a world unless a test does. */
  shipped: ShippedOntology
  /** Where what the adapters keep as files is. */
  folder: string
  /** The engine below the store, for tests that look at what is really stored. */
  records: Records
  institutions: { northLake: Institution; institutDuPort: Institution; mittelberg: Institution }
  /** An account with one role; of North Lake unless another tenant is named. */
  actor(role: AcademyRole, more?: Partial<Actor>): Actor
  /** A learner of North Lake with the account to act as. */
  learner(more?: Partial<Omit<Learner, 'rev'>>): Promise<{ learner: Learner; actor: Actor }>
  /** An offering of North Lake that runs now; of the first module without entry skills unless named. */
  offering(more?: Partial<Offering>): Promise<Offering>
  /** Enrols without asking for entry skills. */
  enrolment(learner: LearnerId, offering: Offering, more?: Partial<Enrolment>): Promise<Enrolment>
  /** A pass recorded by an assessor, for a fresh learner in a fresh offering unless given. */
  award(more?: { learner?: Learner; offering?: Offering; scorePercent?: number }): Promise<{
    learner: Learner
    offering: Offering
    assessment: Assessment
    award: Award
    offer: CredentialOffer
  }>
  /** A request nobody sent before. */
  request(operation: string, tenant?: TenantTag): Request
  requestId(): string
  close(): Promise<void>
}

const inMemory: OpenEngine = async (clock) => {
  const records = sqliteRecords(':memory:', () => clock.now())
  return { records, close: () => records.close() }
}

/** A pass of any module: the second assessor some ask for is no matter of a test that needs an award. */
export function oneAssessorIn(ontology: Ontology, moduleId: string): Ontology {
  const module = ontology.modules.get(moduleId)
  if (!module?.secondAssessor) return ontology
  const { secondAssessor: _two, ...one } = module
  return { ...ontology, modules: new Map(ontology.modules).set(moduleId, one) }
}

let read: ShippedOntology | undefined
let practicals: Practicals | undefined

// Made once for all worlds of a file: it takes longer than everything else of a world.
const contents = new Map<number, GraphContent>()
function contentFor(threshold: number, from: Ontology): GraphContent {
  const content = contents.get(threshold) ?? graphContent(from, privacyRules(threshold))
  contents.set(threshold, content)
  return content
}

/**
 * The academy in memory: real SQLite, real adapters, the shipped ontology, three institutions; a clock
 * that stands still and randomness that repeats. Each call is a world of its own, closed after the test.
 */
export async function world(
  options: { now?: string; seed?: string; settings?: Partial<Ports['settings']>; trace?: Trace } = {},
): Promise<World> {
  read ??= loadShipped()
  const shipped = read
  practicals ??= loadPracticals()
  const clock = settableClock(options.now ?? '2026-11-23T09:00:00.000Z')
  const random = seededRandom(options.seed ?? 'world')
  const engine = await (otherEngine() ?? inMemory)(clock)
  const { records } = engine
  const keys = memoryKeyFolder()
  keys.write('master.key', createHash('sha256').update('a master key for tests only').digest('hex'))
  const settings = { ...defaultCoreSettings, publicUrl: 'https://academy.example', ...options.settings }
  const traced = options.trace ? { trace: options.trace } : {}
  const store = makeStore({ records, clock, random, masterKey: masterKey(masterSecret(keys)), ...traced })
  const vault = fileVault({
    keys,
    publicUrl: settings.publicUrl,
    clock,
    findInstitution: (tag) => store.findInstitution(tag),
  })
  const ontologies = openOntologies(() => shipped.ontology, store)
  const folder = mkdtempSync(join(tmpdir(), 'academy-world-'))
  const files = folderFiles(folder)
  // Jobs are real processes, so their times are real whatever the world's clock says.
  const queue = localQueue({ folder: join(folder, 'jobs'), clock: systemClock, program: programOf })
  const close = async () => {
    await queue.stop()
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
  closeAfterTest(close)
  for (const institution of demoInstitutions) await store.saveInstitutionOnce(institution)

  const ports: Ports = {
    clock,
    random,
    store,
    files,
    mail: outboxMail({ files, clock, random }),
    signers: registeredSigners({ vault, store, clock, mac: purposeMac(masterSecret(keys)) }),
    keyVault: vault,
    outbound: guardedFetch({ now: () => clock.now() }),
    primitives: nodePrimitives(),
    trust: emptyTrustRegister,
    get ontology() {
      return ontologies.ontology
    },
    ontologies,
    esco: fileEscoCatalogue({
      file: join(folder, 'esco.json'),
      progressFile: join(folder, 'esco.json.progress'),
    }),
    graph: memorySkillsGraph(),
    practicals,
    sites: fixedSites([localSite(queue)]),
    pages: pagePainter(),
    badges: badgePainter(),
    certificates: certificatePrinter(),
    seals: { signingTime: 'iat' },
    settings,
    ...traced,
  }
  await ports.graph.release(contentFor(settings.snapshotThreshold, ports.ontology))
  let counter = 0
  const fresh = () => ++counter
  const requestId = () => `test-request-${fresh()}`
  const request = (operation: string, tenant: TenantTag = northLake.tag): Request => ({
    tenant,
    operation,
    requestId: requestId(),
    inputHash: createHash('sha256').update(String(counter)).digest('hex'),
  })

  const own: Omit<World, Exclude<keyof Ports, 'clock'>> = {
    clock,
    records,
    shipped,
    folder,
    institutions: { northLake, institutDuPort, mittelberg },
    requestId,
    request,
    close,

    actor: (role, more = {}) => ({
      subject: `${role}-${fresh()}`,
      tenant: platformRoles.has(role) ? platformTag : northLake.tag,
      roles: [role],
      ...more,
    }),

    async learner(more = {}) {
      const tenant = more.tenant ?? northLake.tag
      const subject = `learner-${fresh()}`
      const person = { givenName: 'Ada', familyName: 'Example', email: `${subject}@example.org` }
      const learner = await store.saveLearnerOnce(subject, {
        id: random.id(tenant, 'lrn'),
        tenant,
        rev: 0,
        person,
        recognisedSkills: [],
        ...more,
      })
      return { learner, actor: { subject, tenant, roles: ['learner'], learnerId: learner.id } }
    },

    async offering(more = {}) {
      const tenant = more.tenant ?? northLake.tag
      return store.saveOfferingOnce(request('offering', tenant), {
        id: random.id(tenant, 'ofg'),
        tenant,
        moduleId: openModule(ports.ontology),
        startsOn: '2026-11-01',
        endsOn: '2027-03-31',
        language: 'en',
        seats: 500,
        allowsLocalEvidence: false,
        ...more,
      })
    },

    async enrolment(learnerId, offering, more = {}) {
      return store.saveEnrolmentOnce(request('enrolment', offering.tenant), {
        learnerId,
        offeringId: offering.id,
        enrolledAt: clock.now(),
        analyticsConsent: true,
        purpose: 'skills-gap-statistics',
        country: 'LU',
        targetGroup: 'professionals',
        sector: 'manufacturing',
        ...more,
      })
    },

    async award(more = {}) {
      const tenant = more.learner?.tenant ?? more.offering?.tenant ?? northLake.tag
      const learner = more.learner ?? (await made.learner({ tenant })).learner
      const offering = more.offering ?? (await made.offering({ tenant }))
      if (!(await store.findEnrolment(learner.id, offering.id))) await made.enrolment(learner.id, offering)
      const recorded = await recordAssessment(
        made.actor('assessor', { tenant }),
        {
          requestId: requestId(),
          learnerId: learner.id,
          offeringId: offering.id,
          scorePercent: more.scorePercent ?? 80,
        },
        { ...ports, ontology: oneAssessorIn(ports.ontology, offering.moduleId) },
      )
      if (!recorded.award || !recorded.offer) throw new Error('this score does not pass')
      return { learner, offering, ...recorded, award: recorded.award, offer: recorded.offer }
    },
  }
  // Onto the ports, not into a copy: which ontology is in force may change.
  const made: World = Object.assign(ports, own)
  return made
}

const platformRoles: ReadonlySet<AcademyRole> = new Set([
  'programme-manager',
  'site-operator',
  'curator',
  'employer',
  'platform-operator',
])

function openModule(from: Ontology): string {
  for (const module of from.modules.values()) if (module.entry.length === 0) return module.id
  throw new Error('the ontology has no module without entry skills')
}

/** Outside a test (a script, a child process) the caller closes. */
function closeAfterTest(close: () => Promise<void>): void {
  try {
    onTestFinished(close)
  } catch {
    // Called outside a running test, as in `beforeAll`.
  }
}
