import type { StatusIndex } from '#core/credentials/credential.ts'
import { bitstringEntry } from '#core/credentials/formats/credential-content.ts'
import type { Institution } from '#core/institutions/institution.ts'
import { Refusal } from '#core/refusal.ts'
import { displayParameter, type PageImages } from './display.ts'
import { concept, countryConcept, type Draft, dateTime, note, startDraft, withoutGaps } from './draft.ts'
import type { JsonObject } from './graph.ts'
import type { SealCertificate } from './issuer-certificate.ts'
import { type AchievementFacts, learningAchievement } from './learning-achievement.ts'
import { missingElements } from './micro-credential.ts'
import { edcContexts, findProblems, statusContext } from './rules.ts'
import { headings, sealNotQualified } from './words.ts'

/** Under this name the credential carries the id of its award: so its status can be asked. */
export const awardScheme = 'Award of the AI Skills Academy'

/** Everything a European Digital Credential states. */
export interface CredentialFacts extends AchievementFacts {
  /** 16 bytes that look random; the same for the same award, since a wallet takes each id once. */
  idBytes: Uint8Array
  issuedAt: Date
  learner: { givenName: string; familyName: string; number: string; dateOfBirth?: Date }
  institution: Pick<Institution, 'homepage'>
  certificate: SealCertificate
  /** Its place in the lists; absent by default, since the archived official viewer may not read an entry. */
  status?: StatusIndex
  /** One entry per language shown, the primary language first. */
  images: readonly PageImages[]
}

/**
 * The European Digital Credential of an award, not sealed yet: ELM 3 in W3C VC 1.1, with the issuer's names
 * as the seal's certificate gives them. Judged before it is answered: refuses `credential_incomplete`, and
 * names the mandatory elements of a micro-credential that are missing.
 */
export function makeEuropeanCredential(facts: CredentialFacts): JsonObject {
  const credential = writeEuropeanCredential(facts)
  const missing = missingElements(credential)
  if (missing.length > 0) {
    throw new Refusal('credential_incomplete', `The credential lacks: ${missing.join(', ')}.`, {
      field: missing[0] ?? '',
    })
  }
  const problems = findProblems(credential)
  if (problems.length > 0) {
    const [first] = problems
    throw new Refusal('credential_incomplete', `${first?.at}: ${first?.what}`, {
      field: first?.at ?? '',
      detail: problems.map(({ at, what }) => `${at} ${what}`).join('; '),
    })
  }
  return credential
}

/** The same without any judgement. */
export function writeEuropeanCredential(facts: CredentialFacts): JsonObject {
  const { award, certificate, images } = facts
  const draft = startDraft(images.map(({ language }) => language))
  const issuer = organisation(draft, certificate, facts.institution.homepage)
  const issued = dateTime(facts.issuedAt)
  const until = award.validUntil && dateTime(award.validUntil)
  return withoutGaps({
    '@context': facts.status ? [...edcContexts, statusContext] : edcContexts,
    id: `urn:credential:${uuid(facts.idBytes)}`,
    type: ['VerifiableCredential', 'EuropeanDigitalCredential'],
    credentialSchema: [
      { id: 'http://data.europa.eu/snb/model/ap/edc-generic-full', type: 'ShaclValidator2017' },
    ],
    credentialProfiles: [concept('credentialProfile', 'e34929035b')],
    identifier: draft.thing('Identifier', {
      notation: award.id,
      schemeName: awardScheme,
    }),
    issuanceDate: issued,
    issued,
    validFrom: issued,
    expirationDate: until,
    validUntil: until,
    issuer,
    credentialStatus: facts.status && statusEntry(facts.status, facts.publicUrl),
    displayParameter: displayParameter(draft, award, images),
    credentialSubject: person(draft, facts, learningAchievement(draft, facts, issuer)),
  })
}

/** Named, and of both types: the shapes ask for the European one, readers for the W3C's. */
function statusEntry(status: StatusIndex, publicUrl: string): JsonObject {
  return {
    ...bitstringEntry({ status, publicUrl }, 'suspension'),
    type: ['CredentialStatus', 'BitstringStatusListEntry'],
  }
}

function organisation(draft: Draft, certificate: SealCertificate, homepage: string): JsonObject {
  const named = (name: string) => (name ? { [draft.languages[0] ?? 'en']: name } : undefined)
  const country = countryConcept(certificate.country)
  // VATLU-…, NTRDE-…: the country of the register; a register of the world (LEIXG) has none.
  const register = countryConcept(certificate.legalIdentifier.slice(3, 5)) ?? country
  return draft.thing('Organisation', {
    legalName: named(certificate.organisation),
    altLabel: certificate.commonName === certificate.organisation ? undefined : named(certificate.commonName),
    location: [draft.thing('Location', { address: draft.thing('Address', { countryCode: country }) })],
    eIDASIdentifier: draft.thing('LegalIdentifier', {
      notation: certificate.legalIdentifier,
      spatial: register,
    }),
    homepage: draft.thing('WebResource', { contentURL: homepage }),
    additionalNote: certificate.claimsQualifiedSeal
      ? undefined
      : note(draft, sealNotQualified, headings.seal),
  })
}

function person(draft: Draft, { learner }: CredentialFacts, claim: JsonObject): JsonObject {
  const { givenName, familyName, number, dateOfBirth } = learner
  // A name is in no language, yet the shapes want exactly one: the primary one of the credential.
  const named = (name: string) => (name.trim() ? { [draft.languages[0] ?? 'en']: name.trim() } : undefined)
  return draft.thing('Person', {
    fullName: named(`${givenName} ${familyName}`),
    givenName: named(givenName),
    familyName: named(familyName),
    dateOfBirth: dateOfBirth && dateTime(dateOfBirth),
    identifier: number
      ? draft.thing('Identifier', { notation: number, schemeName: 'Learner number of the awarding body' })
      : undefined,
    hasClaim: [claim],
  })
}

/** RFC 9562 §5.4, version 4. */
function uuid(idBytes: Uint8Array): string {
  const bytes = Uint8Array.from(idBytes.subarray(0, 16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.from(bytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
