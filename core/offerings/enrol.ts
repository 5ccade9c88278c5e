import * as z from 'zod'
import { type Actor, authorise } from '#core/access/operations.ts'
import { heldSkills, missingSkills } from '#core/awards/held-skills.ts'
import { type LearnerId, tenantOf } from '#core/ids.ts'
import type { Learner } from '#core/learners/learner.ts'
import { zId, zRequestId, zSlug } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { requestOf } from '#core/requests.ts'
import type { Ontology, SkillLevel } from '#core/skills/ontology.ts'
import { type Enrolment, type Offering, targetGroups } from './offering.ts'

/** What an edge parses before it calls `enrol`. */
export const zEnrol = z.strictObject({
  requestId: zRequestId,
  learnerId: zId('lrn'),
  offeringId: zId('ofg'),
  analyticsConsent: z.boolean(),
  /** ISO 3166-1 alpha-2, as Eurostat writes it (EL for Greece is accepted too). */
  country: z.string().regex(/^[A-Z]{2}$/),
  nuts1: z
    .string()
    .regex(/^[A-Z]{2}[A-Z0-9]$/)
    .exactOptional(),
  targetGroup: z.enum(targetGroups),
  sector: zSlug,
  /** Opaque: a pseudonym of the organisation, never its name. */
  organisation: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .exactOptional(),
})
export type Enrol = z.output<typeof zEnrol>

type EnrolPorts = Pick<Ports, 'store' | 'ontology' | 'clock'>

/**
 * Enrols a learner in an offering of their institution. Refuses `entry_skills_missing` (the message names
 * them), `already_enrolled` and `offering_full`.
 */
export async function enrol(
  actor: Actor | undefined,
  { requestId, ...input }: Enrol,
  ports: EnrolPorts,
): Promise<Enrolment> {
  const { learnerId, offeringId } = input
  const tenant = tenantOf(learnerId)
  if (!tenant) throw new Refusal('not_found', 'There is no such record.')
  authorise(actor, 'enrol', { tenant, learnerId })
  if (!ports.ontology.sectors.has(input.sector)) {
    throw new Refusal('invalid_input', 'sector: is not in the ontology.', { field: 'sector' })
  }
  const offering = tenantOf(offeringId) === tenant ? await ports.store.findOffering(offeringId) : undefined
  if (!offering)
    throw new Refusal('not_found', 'offeringId: there is no such offering.', { field: 'offeringId' })

  const request = requestOf(actor, 'enrol', tenant, requestId, input)
  // A repeat is answered as it was the first time, whatever the learner holds by now.
  if (!(await ports.store.wasAnswered(request))) await refuseUnlessReady(learnerId, offering, ports)
  return ports.store.saveEnrolmentOnce(request, {
    ...input,
    purpose: 'skills-gap-statistics',
    enrolledAt: ports.clock.now(),
  })
}

async function refuseUnlessReady(learnerId: LearnerId, offering: Offering, ports: EnrolPorts): Promise<void> {
  const now = ports.clock.now()
  if (offering.endsOn < now.toISOString().slice(0, 10)) {
    throw new Refusal('state_conflict', 'offeringId: the offering has ended.', { field: 'offeringId' })
  }
  const learner = await ports.store.findLearner(learnerId)
  if (!learner?.person)
    throw new Refusal('not_found', 'learnerId: there is no such learner.', { field: 'learnerId' })
  const missing = await missingEntrySkills(learner, offering, ports)
  if (missing !== undefined) throw new Refusal('entry_skills_missing', missing)
}

/** What a learner lacks to enter an offering, in words; `undefined` for nothing. Somebody new holds no skill. */
export async function missingEntrySkills(
  learner: Pick<Learner, 'id' | 'recognisedSkills'> | undefined,
  { moduleId }: Pick<Offering, 'moduleId'>,
  { store, ontology, clock }: EnrolPorts,
): Promise<string | undefined> {
  const module = ontology.modules.get(moduleId)
  if (!module) throw new Error('an offering names a module the ontology in force does not have')
  if (module.entry.length === 0) return undefined
  const awards = learner ? await store.awardsOf(learner.id) : []
  const held = heldSkills(learner ?? { recognisedSkills: [] }, awards, ontology, clock.now())
  const missing = missingSkills(module.entry, held)
  return missing.length === 0 ? undefined : `Entry skills are missing: ${inWords(missing, ontology)}.`
}

// Names come from the ontology, never from the caller.
function inWords(skills: SkillLevel[], ontology: Ontology): string {
  return skills
    .map(({ skill, level }) => `${ontology.skills.get(skill)?.label.en ?? skill} (level ${level})`)
    .join(', ')
}
