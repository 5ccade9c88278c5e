/**
 * What each JSON term of a European Digital Credential means in RDF: its property and the kind of its
 * values. Only the terms we write and read. The kinds decide how a JSON value becomes RDF, so the rules
 * can judge the JSON as the official shapes judge the graph.
 */
export type TermKind =
  /** A node: an object, or the IRI of one. */
  | 'node'
  /** `{ "en": "…" }`. */
  | 'text'
  /** A literal without a stated type. */
  | 'plain'
  | 'string'
  | 'dateTime'
  | 'duration'
  | 'integer'
  | 'positiveInteger'
  | 'anyURI'
  | 'boolean'

const prefixes = {
  cred: 'https://www.w3.org/2018/credentials#',
  elm: 'http://data.europa.eu/snb/model/elm/',
  adms: 'http://www.w3.org/ns/adms#',
  dc: 'http://purl.org/dc/terms/',
  foaf: 'http://xmlns.com/foaf/0.1/',
  rov: 'http://www.w3.org/ns/regorg#',
  skos: 'http://www.w3.org/2004/02/skos/core#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
} as const

/** Terms of `http://data.europa.eu/snb/model/context/edc-ap`. */
const europeanTerms = {
  additionalNote: ['elm:additionalNote', 'node'],
  address: ['elm:address', 'node'],
  altLabel: ['skos:altLabel', 'text'],
  awardedBy: ['elm:awardedBy', 'node'],
  awardingBody: ['elm:awardingBody', 'node'],
  awardingDate: ['elm:awardingDate', 'dateTime'],
  content: ['elm:content', 'string'],
  contentEncoding: ['elm:contentEncoding', 'node'],
  contentSize: ['elm:contentSize', 'integer'],
  contentType: ['elm:contentType', 'node'],
  contentURL: ['elm:contentUrl', 'anyURI'],
  countryCode: ['elm:countryCode', 'node'],
  credentialProfiles: ['elm:credentialProfiles', 'node'],
  creditPoint: ['elm:creditPoint', 'node'],
  creditReceived: ['elm:creditReceived', 'node'],
  dateIssued: ['dc:issued', 'dateTime'],
  dateOfBirth: ['elm:dateOfBirth', 'dateTime'],
  dcType: ['dc:type', 'node'],
  description: ['dc:description', 'text'],
  displayDetail: ['elm:displayDetail', 'node'],
  displayParameter: ['elm:displayParameter', 'node'],
  eIDASIdentifier: ['elm:eidasLegalIdentifier', 'node'],
  eqfLevel: ['elm:EQFLevel', 'node'],
  familyName: ['foaf:familyName', 'text'],
  framework: ['elm:framework', 'node'],
  fullName: ['foaf:fullName', 'text'],
  givenName: ['foaf:givenName', 'text'],
  grade: ['elm:grade', 'node'],
  gradingScheme: ['elm:gradingScheme', 'node'],
  hasClaim: ['elm:hasClaim', 'node'],
  hasPart: ['elm:hasPart', 'node'],
  homepage: ['foaf:homepage', 'node'],
  idVerification: ['elm:idVerification', 'node'],
  identifier: ['adms:identifier', 'node'],
  image: ['elm:image', 'node'],
  inScheme: ['skos:inScheme', 'node'],
  individualDisplay: ['elm:individualDisplay', 'node'],
  influencedBy: ['elm:influencedBy', 'node'],
  language: ['dc:language', 'node'],
  learningOutcome: ['elm:learningOutcome', 'node'],
  learningSetting: ['elm:learningSetting', 'node'],
  legalName: ['rov:legalName', 'text'],
  location: ['elm:location', 'node'],
  mode: ['elm:mode', 'node'],
  notation: ['skos:notation', 'plain'],
  noteLiteral: ['elm:noteLiteral', 'text'],
  page: ['elm:page', 'positiveInteger'],
  point: ['elm:point', 'string'],
  prefLabel: ['skos:prefLabel', 'text'],
  primaryLanguage: ['elm:primaryLanguage', 'node'],
  provenBy: ['elm:provenBy', 'node'],
  relatedESCOSkill: ['elm:relatedESCOSkill', 'node'],
  relatedSkill: ['elm:relatedSkill', 'node'],
  reusabilityLevel: ['elm:reusabilityLevel', 'node'],
  schemeName: ['elm:schemeName', 'string'],
  spatial: ['dc:spatial', 'node'],
  specifiedBy: ['elm:specifiedBy', 'node'],
  subject: ['dc:subject', 'node'],
  thematicArea: ['elm:ISCEDFCode', 'node'],
  title: ['dc:title', 'text'],
  volumeOfLearning: ['elm:volumeOfLearning', 'duration'],
  workload: ['elm:workload', 'duration'],
} as const satisfies Record<string, readonly [iri: string, kind: TermKind]>

/** Terms of the VC 1.1 context; they have their meaning on the credential itself. */
const credentialTerms = {
  credentialSchema: 'node',
  credentialStatus: 'node',
  credentialSubject: 'node',
  expirationDate: 'dateTime',
  issuanceDate: 'dateTime',
  issued: 'dateTime',
  issuer: 'node',
  validFrom: 'dateTime',
  validUntil: 'dateTime',
} as const satisfies Record<string, TermKind>

/** Terms of a status entry; their meaning comes from the W3C's context for status lists, when it is there. */
const statusTerms = {
  statusListCredential: 'node',
  statusListIndex: 'plain',
  statusPurpose: 'plain',
} as const satisfies Record<string, TermKind>

export type Term = keyof typeof europeanTerms | keyof typeof credentialTerms | keyof typeof statusTerms

/** Kind of a term's values on any object; `undefined` for a term we do not know. */
export const kindOf: ReadonlyMap<string, TermKind> = new Map([
  ...Object.entries(europeanTerms).map(([term, [, kind]]): [string, TermKind] => [term, kind]),
  ...Object.entries(statusTerms),
])

/** The same on the credential itself. */
export const kindOnCredential: ReadonlyMap<string, TermKind> = new Map<string, TermKind>([
  ...kindOf,
  ...Object.entries(credentialTerms),
])

/** Classes the credential is made of; all are in `elm:` but the named ones. */
const classIris = {
  Concept: 'skos:Concept',
  ConceptScheme: 'skos:ConceptScheme',
  Location: 'dc:Location',
} as const
export const classNames = [
  'Address',
  'AwardingProcess',
  'Concept',
  'ConceptScheme',
  'CredentialStatus',
  'CreditPoint',
  'DisplayDetail',
  'DisplayParameter',
  'EuropeanDigitalCredential',
  'GradingScheme',
  'Identifier',
  'IndividualDisplay',
  'LearningAchievement',
  'LearningActivity',
  'LearningActivitySpecification',
  'LearningAssessment',
  'LearningAssessmentSpecification',
  'LearningOutcome',
  'LegalIdentifier',
  'Location',
  'MediaObject',
  'Note',
  'Organisation',
  'Person',
  'Qualification',
  'ShaclValidator2017',
  'WebResource',
] as const
export type ClassName = (typeof classNames)[number]

/** Our own JSON-LD context in the place of `edc-ap`: nothing is ever fetched. */
export function ownContext(): { '@context': Record<string, unknown> } {
  const context: Record<string, unknown> = { ...prefixes }
  for (const name of classNames) {
    context[name] = Object.hasOwn(classIris, name) ? classIris[name as keyof typeof classIris] : `elm:${name}`
  }
  for (const [term, [iri, kind]] of Object.entries(europeanTerms)) context[term] = definition(iri, kind)
  return { '@context': context }
}

function definition(iri: string, kind: TermKind): Record<string, string> {
  switch (kind) {
    case 'text':
      return { '@id': iri, '@container': '@language' }
    case 'node':
      return { '@id': iri, '@type': '@id' }
    case 'plain':
      return { '@id': iri }
    default:
      return { '@id': iri, '@type': `xsd:${kind}` }
  }
}
