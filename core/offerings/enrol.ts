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
import { isoCountry, nuts1Regions } from './nuts1.ts'
import { type Enrolment, type Offering, targetGroups } from './offering.ts'

/** What an edge parses before it calls `enrol`. */
export const zEnrol = z.strictObject({
  requestId: zRequestId,
  learnerId: zId('lrn'),
  offeringId: zId('ofg'),
  analyticsConsent: z.boolean(),
  /** ISO 3166-1 alpha-2, as Eurostat writes it (EL for Greece is accepted too). Who would rather not say leaves it out. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .exactOptional(),
  /** A region of that country at NUTS level 1. */
  nuts1: z
    .string()
    .regex(/^[A-Z]{2}[A-Z0-9]$/)
    .exactOptional(),
  targetGroup: z.enum(targetGroups).exactOptional(),
  sector: zSlug.exactOptional(),
  /** Employer or school, by name; kept as a pseudonym alone. */
  organisation: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}*$/u)
    .exactOptional(),
})
export type Enrol = z.output<typeof zEnrol>

type EnrolPorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'signers'>

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
  if (input.sector !== undefined && !ports.ontology.sectors.has(input.sector)) {
    throw new Refusal('invalid_input', 'sector: is not in the ontology.', { field: 'sector' })
  }
  const country = countryOf(input)
  const offering = tenantOf(offeringId) === tenant ? await ports.store.findOffering(offeringId) : undefined
  if (!offering)
    throw new Refusal('not_found', 'offeringId: there is no such offering.', { field: 'offeringId' })

  const request = requestOf(actor, 'enrol', tenant, requestId, input)
  // A repeat is answered as it was the first time, whatever the learner holds by now.
  if (!(await ports.store.wasAnswered(request))) await refuseUnlessReady(learnerId, offering, ports)
  const { organisation, country: _country, nuts1, targetGroup, sector, analyticsConsent } = input
  return ports.store.saveEnrolmentOnce(request, {
    learnerId,
    offeringId,
    analyticsConsent,
    // Where somebody works and lives is asked for statistics alone: without consent none of it is kept.
    ...(analyticsConsent
      ? {
          ...(country === undefined ? {} : { country }),
          ...(nuts1 === undefined ? {} : { nuts1 }),
          ...(targetGroup === undefined ? {} : { targetGroup }),
          ...(sector === undefined ? {} : { sector }),
          ...(organisation === undefined ? {} : { organisation: pseudonymOf(organisation, ports) }),
        }
      : {}),
    purpose: 'skills-gap-statistics',
    enrolledAt: ports.clock.now(),
  })
}

/** The country, by the region too where one is named; they must agree. */
function countryOf({ country: given, nuts1 }: Pick<Enrol, 'country' | 'nuts1'>): string | undefined {
  const country = given === undefined ? undefined : isoCountry(given)
  if (nuts1 === undefined) return country
  const region = nuts1Regions.get(nuts1)
  if (!region) throw new Refusal('invalid_input', 'nuts1: is not in the list of regions.', { field: 'nuts1' })
  if (country !== undefined && country !== region.country) {
    throw new Refusal('invalid_input', 'nuts1: is not a region of the country.', { field: 'nuts1' })
  }
  return region.country
}

/**
 * The same for the same name, upper or lower case, at every institution; without the platform's secret nobody
 * can tell it from a name, or try names out.
 */
function pseudonymOf(organisation: string, { signers }: Pick<Ports, 'signers'>): string {
  const name = organisation.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ')
  return Buffer.from(signers.mac('organisation', new TextEncoder().encode(name)).subarray(0, 16)).toString(
    'base64url',
  )
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
  const awards = learner ? await store.awardsInForceOf(learner.id) : []
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
