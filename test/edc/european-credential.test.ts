import { describe, expect, test } from 'vitest'
import type { Award } from '#core/awards/award.ts'
import { makeEuropeanCredential, writeEuropeanCredential } from '#core/edc/european-credential.ts'
import type { JsonObject } from '#core/edc/graph.ts'
import { missingElements } from '#core/edc/micro-credential.ts'
import { findProblems } from '#core/edc/rules.ts'
import { isMember, vocabularies } from '#core/edc/vocabularies.ts'
import { Refusal } from '#core/refusal.ts'
import {
  awardOf,
  certificateOfNorthLake,
  dotPng,
  factsOf,
  localEvidence,
  moduleOf,
  ontology,
  practicalModule,
  siteEvidence,
} from './samples.ts'

type Any = ReturnType<typeof JSON.parse>

function refusalOf(act: () => unknown): Refusal {
  try {
    act()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const written = (more: Parameters<typeof factsOf>[0] = {}): Any => makeEuropeanCredential(factsOf(more))

describe('the credential', () => {
  test('has the two contexts in order, both types, the schema and a version 4 urn', () => {
    const credential = written()
    expect(credential['@context']).toEqual([
      'https://www.w3.org/2018/credentials/v1',
      'http://data.europa.eu/snb/model/context/edc-ap',
    ])
    expect(credential.type).toEqual(['VerifiableCredential', 'EuropeanDigitalCredential'])
    expect(credential.id).toMatch(
      /^urn:credential:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    expect(credential.credentialSchema).toEqual([
      { id: 'http://data.europa.eu/snb/model/ap/edc-generic-full', type: 'ShaclValidator2017' },
    ])
  })

  test('is dated with whole seconds in UTC, and ends twice when the award ends', () => {
    const credential = written({
      award: awardOf(practicalModule, { validUntil: new Date('2031-11-20T00:00:00.500Z') }),
    })
    for (const member of ['issued', 'issuanceDate', 'validFrom']) {
      expect(credential[member]).toBe('2026-11-23T09:00:00Z')
    }
    expect(credential.expirationDate).toBe('2031-11-20T00:00:00Z')
    expect(credential.validUntil).toBe(credential.expirationDate)
    expect(Object.keys(written())).not.toContain('validUntil')
  })

  test('names issuer, country and legal identifier exactly as the certificate of the seal', () => {
    const { issuer } = written()
    expect(issuer.legalName).toEqual({ en: certificateOfNorthLake.organisation })
    expect(issuer.altLabel).toEqual({ en: certificateOfNorthLake.commonName })
    expect(issuer.eIDASIdentifier.notation).toBe('VATLU-00000000')
    expect(issuer.eIDASIdentifier.spatial.id).toMatch(/\/LUX$/)
    expect(issuer.location[0].address.countryCode.id).toMatch(/\/LUX$/)
  })

  test('says that a seal is not qualified unless the certificate claims so', () => {
    expect(written().issuer.additionalNote.noteLiteral.en).toContain(
      'does not claim to be a qualified certificate',
    )
    expect(written().issuer.additionalNote.noteLiteral.fr).toContain('certificat qualifié')
    const qualified = written({ certificate: { ...certificateOfNorthLake, claimsQualifiedSeal: true } })
    expect(qualified.issuer.additionalNote).toBeUndefined()
  })

  test('gives each outcome its skills by our address and by ESCO with the label of ESCO', () => {
    const { learningOutcome } = written().credentialSubject.hasClaim[0].specifiedBy
    expect(learningOutcome).toHaveLength(practicalModule.outcomes.length)
    for (const [position, outcome] of practicalModule.outcomes.entries()) {
      const shown = learningOutcome[position]
      expect(shown.title).toEqual({ en: outcome.statement.en, fr: outcome.statement.fr })
      expect(shown.relatedSkill.map(({ id }: { id: string }) => id)).toEqual(
        outcome.skills.map(
          ({ skill }) => `https://academy.example/ontology/${ontology.version}/skill/${skill}`,
        ),
      )
      for (const { id, prefLabel } of shown.relatedESCOSkill ?? []) {
        expect(prefLabel.en).toBe(ontology.escoLabels.get(id)?.['en'])
      }
    }
    const esco = learningOutcome.flatMap((outcome: Any) => outcome.relatedESCOSkill ?? [])
    expect(esco.length).toBeGreaterThan(0)
  })

  test('states a practical as a part of the assessment: machine, assurance, figures, digests', () => {
    const credential = written({ award: awardOf(practicalModule, { evidence: [siteEvidence] }) })
    const [part] = credential.credentialSubject.hasClaim[0].provenBy[0].hasPart
    expect(part.grade.noteLiteral.en).toBe('throughput 41.5 tokens/s (at least 20 needed)')
    expect(part.additionalNote[0].noteLiteral.en).toBe(
      'Run at the site lumen, partition gpu. Hardware: 64 × EPYC, 512 GiB of memory, 4 × MI250X. Assurance level 3: run under supervision, graded by a separate job.',
    )
    expect(part.identifier[0].notation).toBe(siteEvidence.runDigest)
    expect(part.specifiedBy.identifier.notation).toBe(siteEvidence.specHash)
  })

  test('says of a local run that it was local', () => {
    const credential = written({ award: awardOf(practicalModule, { evidence: [localEvidence] }) })
    const [part] = credential.credentialSubject.hasClaim[0].provenBy[0].hasPart
    expect(part.additionalNote[0].noteLiteral.en).toMatch(
      /^Run on a local machine, not at a computing site\./,
    )
    expect(part.additionalNote[0].noteLiteral.fr).toMatch(/^Exécuté sur une machine locale/)
  })

  test.each([
    ['Ελένη', 'Παπαδοπούλου'],
    ['Иван', 'Петров'],
    ['王', '小明'],
    ['José "Pepe"', "O'Brien\\"],
    ['مريم', 'حسن'],
    ['👩🏽‍💻', 'Ṻ̈'],
  ])('keeps the name %s %s as it is, in exactly one language', (givenName, familyName) => {
    const { credentialSubject } = written({ learner: { givenName, familyName, number: 'n-1' } })
    expect(credentialSubject.fullName).toEqual({ en: `${givenName} ${familyName}` })
    expect(JSON.parse(JSON.stringify(credentialSubject.familyName))).toEqual({ en: familyName })
  })

  test('shows a title that exists in one language in that language', () => {
    const title = { en: 'Only English' } as unknown as Award['title']
    const credential = written({ award: awardOf(practicalModule, { title }) })
    expect(credential.credentialSubject.hasClaim[0].title).toEqual({ en: 'Only English' })
    expect(credential.displayParameter.title).toEqual({ en: 'Only English' })
  })

  test.each([...ontology.modules.keys()])('of the module %s conforms and has all eleven elements', (id) => {
    const module = moduleOf(id)
    expect(findProblems(written({ module, award: awardOf(module) }))).toEqual([])
  })
})

describe('a micro-credential', () => {
  const fr = { en: '', fr: '' }
  test.each<
    [string, Partial<Award> | { learner: { givenName: string; familyName: string; number: string } }]
  >([
    ['learner', { learner: { givenName: ' ', familyName: '', number: 'n-1' } }],
    ['learner', { learner: { givenName: 'Ada', familyName: 'Example', number: '' } }],
    ['title', { title: fr }],
    ['learningOutcomes', { outcomes: [] }],
    ['learningOutcomes', { outcomes: [{ id: 'o1', statement: fr }] }],
    ['workload', { workloadHours: 0 }],
    ['workload', { workloadHours: Number.NaN }],
    ['workload', { workloadHours: -5 }],
    ['level', { eqfLevel: 99 }],
    ['assessmentType', { assessmentType: 'tarot' }],
    ['participation', { participation: 'telepathy' }],
    ['qualityAssurance', { qualityAssurance: fr }],
  ])('without %s is refused by name', (element, change) => {
    const facts = 'learner' in change ? factsOf(change) : factsOf({ award: awardOf(practicalModule, change) })
    const refusal = refusalOf(() => makeEuropeanCredential(facts))
    expect(refusal.code).toBe('credential_incomplete')
    expect(refusal.message).toBe(`The credential lacks: ${element}.`)
  })

  test('without a country, an awarding body or a date is seen as incomplete', () => {
    const nobody = { ...certificateOfNorthLake, organisation: '', country: 'ZZ' }
    expect(refusalOf(() => makeEuropeanCredential(factsOf({ certificate: nobody }))).message).toBe(
      'The credential lacks: country, awardingBody.',
    )
    const { issued: _, ...undated } = writeEuropeanCredential(factsOf()) as JsonObject
    expect(missingElements(undated)).toEqual(['issueDate'])
  })

  test('never quotes a value in the refusal', () => {
    const award = awardOf(practicalModule, { iscedF: 'SECRET', title: { en: ' ', fr: '' } })
    const refusal = refusalOf(() => makeEuropeanCredential(factsOf({ award })))
    expect(`${refusal.message} ${refusal.detail}`).not.toContain('SECRET')
  })
})

describe('pictures', () => {
  test.each([
    ['no pages at all', []],
    ['a language without pages', [{ language: 'en', pages: [] }]],
  ])('%s: refused', (_, images) => {
    expect(refusalOf(() => makeEuropeanCredential(factsOf({ images }))).code).toBe('credential_incomplete')
  })

  test.each([
    ['bytes that are no PNG', 'en', 'PNG', Buffer.from('<svg onload=alert(1)>')],
    ['a PNG called JPEG', 'en', 'JPEG', dotPng],
    ['a language that is none', 'tlh', 'PNG', dotPng],
  ] as const)('%s: refused', (_, language, type, bytes) => {
    const images = [{ language, pages: [{ type, bytes }] }]
    expect(refusalOf(() => makeEuropeanCredential(factsOf({ images }))).code).toBe('invalid_input')
  })

  test('larger than 2 MiB: refused', () => {
    const bytes = Buffer.concat([dotPng, Buffer.alloc(2 * 1024 * 1024)])
    const images = [{ language: 'en', pages: [{ type: 'PNG' as const, bytes }] }]
    expect(refusalOf(() => makeEuropeanCredential(factsOf({ images }))).code).toBe('too_large')
  })
})

describe('our own rules', () => {
  const changed = (change: (credential: Any) => void): Any => {
    const credential = structuredClone(written())
    change(credential)
    return credential
  }
  const specification = (credential: Any) => credential.credentialSubject.hasClaim[0].specifiedBy

  test.each<[string, (credential: Any) => void, string, string]>([
    [
      'an EQF level 99',
      (c) => {
        specification(c).eqfLevel.id = 'http://data.europa.eu/snb/eqf/99'
      },
      'ours',
      'not_a_member',
    ],
    [
      'a mode of another list',
      (c) => {
        specification(c).mode[0].id = 'http://data.europa.eu/snb/assessment/6a4db9f11d'
      },
      'ours',
      'not_a_member',
    ],
    [
      'a misspelt property',
      (c) => {
        specification(c).volumeOfLearnig = 'PT1H'
      },
      'document',
      'term_unknown',
    ],
    [
      'a property of another class',
      (c) => {
        c.credentialSubject.grade = []
        c.credentialSubject.title = { en: 'x' }
      },
      'ours',
      'property_unknown',
    ],
    [
      'a bare date',
      (c) => {
        c.issued = '2026-11-20'
      },
      'shape',
      'wrong_datatype',
    ],
    [
      'a date without a zone',
      (c) => {
        c.issued = '2026-11-20T10:00:00'
      },
      'ours',
      'zone_missing',
    ],
    [
      'a title without a language',
      (c) => {
        c.displayParameter.title = 'x'
      },
      'shape',
      'wrong_datatype',
    ],
    [
      'a name in two languages',
      (c) => {
        c.credentialSubject.fullName = { en: 'A', fr: 'B' }
      },
      'shape',
      'too_many',
    ],
    [
      'the contexts swapped',
      (c) => {
        c['@context'].reverse()
      },
      'document',
      'context_wrong',
    ],
    [
      'VC 2.0',
      (c) => {
        c['@context'][0] = 'https://www.w3.org/ns/credentials/v2'
      },
      'document',
      'context_wrong',
    ],
    [
      'no class on the credential',
      (c) => {
        c.type = 'VerifiableCredential'
      },
      'document',
      'type_missing',
    ],
    [
      'a class that does not exist',
      (c) => {
        c.issuer.type = 'Company'
      },
      'document',
      'type_unknown',
    ],
    [
      'an id that is no IRI',
      (c) => {
        c.issuer.id = 'org 1'
      },
      'document',
      'id_not_an_iri',
    ],
    [
      'one id for two things',
      (c) => {
        c.credentialSubject.id = c.issuer.id
      },
      'ours',
      'id_reused',
    ],
    [
      'a scheme that is not a scheme',
      (c) => {
        specification(c).eqfLevel.inScheme.id = 'urn:x:y'
      },
      'shape',
      'not_in_scheme',
    ],
  ])('find %s', (_, change, kind, what) => {
    expect(findProblems(changed(change))).toContainEqual(expect.objectContaining({ kind, what }))
  })

  test.each([[null], [7], ['text'], [[]], [[{}]]])('answer %j without throwing', (input) => {
    expect(findProblems(input)).not.toEqual([])
  })

  test('stop at a depth and at a number of objects', () => {
    let deep: Any = {}
    for (let level = 0; level < 10_000; level++) deep = { hasPart: deep }
    expect(findProblems({ ...written(), credentialSubject: deep })).toContainEqual(
      expect.objectContaining({ what: 'too_deep' }),
    )
    const many = Array.from({ length: 6000 }, () => ({ type: 'Note' }))
    expect(findProblems({ ...written(), identifier: many })).toContainEqual(
      expect.objectContaining({ what: 'too_many_objects' }),
    )
  })

  test('know every code the shipped ontology can put into an award', () => {
    for (const code of ontology.fieldsOfStudy.keys()) {
      expect(isMember('fieldOfStudy', `${vocabularies.fieldOfStudy.base}${code}`), code).toBe(true)
    }
  })
})
