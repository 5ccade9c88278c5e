import type { ClassName, Term } from './term-table.ts'
import type { VocabularyName } from './vocabularies.ts'

/** What a class asks of one property. Absent `min` is 0, absent `max` is any number. */
export interface PropertyRule {
  min?: 1
  max?: 1
  /** Classes of which every value must have one. */
  to?: readonly ClassName[]
  /** The value is a concept of this vocabulary: named by an IRI and in its scheme. */
  in?: VocabularyName
  /** The shapes do not look at the vocabulary here; we do. */
  ours?: true
  /** At most one value in each language. */
  oncePerLanguage?: true
  /** Must be named by an IRI. */
  named?: true
  /** A property the value itself must have exactly once, here and not everywhere. */
  having?: Term
}

export type ClassRule = Partial<Record<Term, PropertyRule>>

const anyIdentifier = { to: ['Identifier', 'LegalIdentifier'] } as const satisfies PropertyRule
const organisation = { to: ['Organisation', 'Person'] } as const satisfies PropertyRule
const title = { min: 1, oncePerLanguage: true } as const satisfies PropertyRule
const description = { oncePerLanguage: true } as const satisfies PropertyRule
const notes = { to: ['Note'] } as const satisfies PropertyRule
const webPages = { to: ['WebResource'] } as const satisfies PropertyRule

const claim = {
  title,
  description,
  identifier: anyIdentifier,
  additionalNote: notes,
  awardedBy: { min: 1, max: 1, to: ['AwardingProcess'] },
} as const satisfies ClassRule

const specification = {
  identifier: anyIdentifier,
  title,
  description,
  additionalNote: notes,
  homepage: webPages,
  altLabel: {},
  language: { in: 'language' },
  mode: { in: 'mode', ours: true },
} as const satisfies ClassRule

const identifier = {
  notation: { min: 1, max: 1 },
  dateIssued: { max: 1 },
  dcType: { to: ['Concept'] },
  schemeName: { max: 1 },
} as const satisfies ClassRule

/** Application profile EDC 1.2.0 (ELM 3.2), the classes and properties we write. */
export const classRules: Readonly<Record<ClassName, ClassRule>> = {
  EuropeanDigitalCredential: {
    identifier: anyIdentifier,
    credentialProfiles: { min: 1, in: 'credentialProfile' },
    displayParameter: { min: 1, max: 1, to: ['DisplayParameter'] },
    issuer: { min: 1, max: 1, ...organisation, having: 'eIDASIdentifier' },
    credentialSubject: { min: 1, max: 1, ...organisation },
    issuanceDate: { max: 1 },
    issued: { min: 1, max: 1 },
    validFrom: { min: 1, max: 1 },
    expirationDate: { max: 1 },
    validUntil: { max: 1 },
    credentialSchema: { min: 1, to: ['ShaclValidator2017'], named: true },
    credentialStatus: { max: 1, to: ['CredentialStatus'], named: true },
  },
  DisplayParameter: {
    title,
    description,
    language: { min: 1, in: 'language' },
    primaryLanguage: { min: 1, max: 1, in: 'language' },
    individualDisplay: { min: 1, to: ['IndividualDisplay'] },
  },
  IndividualDisplay: {
    language: { min: 1, max: 1, in: 'language', ours: true },
    displayDetail: { min: 1, to: ['DisplayDetail'] },
  },
  DisplayDetail: { image: { min: 1, max: 1, to: ['MediaObject'] }, page: { min: 1, max: 1 } },
  MediaObject: {
    title: { oncePerLanguage: true },
    description,
    content: { min: 1, max: 1 },
    contentType: { min: 1, max: 1, in: 'fileType', ours: true },
    contentEncoding: { min: 1, max: 1, in: 'encoding', ours: true },
    contentSize: { max: 1 },
    contentURL: { max: 1 },
  },
  Organisation: {
    identifier: anyIdentifier,
    altLabel: {},
    dcType: { to: ['Concept'] },
    homepage: webPages,
    additionalNote: notes,
    location: { min: 1, to: ['Location'] },
    eIDASIdentifier: { max: 1, to: ['LegalIdentifier'] },
    legalName: title,
  },
  Location: { identifier: anyIdentifier, description, address: { min: 1, to: ['Address'] } },
  Address: { identifier: anyIdentifier, countryCode: { min: 1, max: 1, in: 'country' } },
  Identifier: identifier,
  LegalIdentifier: { ...identifier, spatial: { min: 1, max: 1, in: 'country' } },
  Person: {
    identifier: anyIdentifier,
    location: { max: 1, to: ['Location'] },
    fullName: { max: 1 },
    givenName: { max: 1 },
    familyName: { max: 1 },
    dateOfBirth: { max: 1 },
    hasClaim: { min: 1, to: ['LearningAchievement', 'LearningActivity', 'LearningAssessment'] },
  },
  LearningAchievement: {
    ...claim,
    dcType: { to: ['Concept'] },
    creditReceived: { to: ['CreditPoint'] },
    provenBy: { to: ['LearningAssessment'] },
    influencedBy: { to: ['LearningActivity'] },
    specifiedBy: { max: 1, to: ['Qualification'] },
    hasPart: { to: ['LearningAchievement'] },
  },
  AwardingProcess: {
    identifier: anyIdentifier,
    description,
    location: { max: 1, to: ['Location'] },
    additionalNote: notes,
    awardingBody: { min: 1, ...organisation },
    awardingDate: { max: 1 },
  },
  LearningAssessment: {
    ...claim,
    dcType: { to: ['Concept'] },
    dateIssued: { max: 1 },
    location: { max: 1, to: ['Location'] },
    grade: { min: 1, max: 1, to: ['Note'] },
    idVerification: { max: 1, in: 'supervision', ours: true },
    specifiedBy: { max: 1, to: ['LearningAssessmentSpecification'] },
    hasPart: { to: ['LearningAssessment'] },
  },
  LearningAssessmentSpecification: {
    ...specification,
    dcType: { max: 1, in: 'assessmentType', ours: true },
    gradingScheme: { max: 1, to: ['GradingScheme'] },
    hasPart: { to: ['LearningAssessmentSpecification'] },
  },
  GradingScheme: { identifier: anyIdentifier, title, description },
  LearningActivity: {
    ...claim,
    dcType: { to: ['Concept'] },
    location: { to: ['Location'] },
    workload: { max: 1 },
    specifiedBy: { max: 1, to: ['LearningActivitySpecification'] },
    hasPart: { to: ['LearningActivity'] },
  },
  LearningActivitySpecification: {
    ...specification,
    dcType: { in: 'activityType', ours: true },
    volumeOfLearning: { max: 1 },
    hasPart: { to: ['LearningActivitySpecification'] },
  },
  Qualification: {
    ...specification,
    dcType: { in: 'learningOpportunity', ours: true },
    volumeOfLearning: { max: 1 },
    thematicArea: { in: 'fieldOfStudy' },
    creditPoint: { to: ['CreditPoint'] },
    learningSetting: { max: 1, in: 'learningSetting' },
    learningOutcome: { to: ['LearningOutcome'] },
    eqfLevel: { max: 1, in: 'eqfLevel' },
    hasPart: { to: ['Qualification'] },
  },
  LearningOutcome: {
    identifier: anyIdentifier,
    title,
    dcType: { max: 1, in: 'outcomeType' },
    additionalNote: notes,
    reusabilityLevel: { max: 1, in: 'reusability' },
    relatedSkill: { to: ['Concept'] },
    relatedESCOSkill: { in: 'escoSkill' },
  },
  CreditPoint: {
    framework: { min: 1, max: 1, in: 'creditFramework', ours: true },
    point: { min: 1, max: 1 },
  },
  Note: { noteLiteral: { min: 1 }, subject: { max: 1, to: ['Concept'] } },
  WebResource: {
    title: { oncePerLanguage: true },
    language: { max: 1, in: 'language' },
    contentURL: { min: 1, max: 1 },
  },
  Concept: {
    prefLabel: { oncePerLanguage: true },
    notation: { max: 1 },
    inScheme: { to: ['ConceptScheme'] },
  },
  ConceptScheme: {},
  CredentialStatus: {
    statusPurpose: { max: 1 },
    statusListIndex: { max: 1 },
    statusListCredential: { max: 1 },
  },
  ShaclValidator2017: {},
}
