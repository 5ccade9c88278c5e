import type { CredentialFacts, EvidenceFact, SkillFact } from '#core/verification/facts.ts'
import type {
  Check as CheckShape,
  VerifiedIssuer as IssuerShape,
  Verification as VerificationShape,
} from '#core/verification/verification.ts'
import { builder } from './builder.ts'
import { languageArg, words } from './text.ts'

const Verification = builder.objectRef<VerificationShape>('Verification')
const Check = builder.objectRef<CheckShape>('VerificationCheck')
const VerifiedIssuer = builder.objectRef<IssuerShape>('VerifiedIssuer')
const Facts = builder.objectRef<CredentialFacts>('CredentialFacts')
const SkillFactRef = builder.objectRef<SkillFact>('SkillFact')
const EvidenceFactRef = builder.objectRef<EvidenceFact>('EvidenceFact')
const MetricFact = builder.objectRef<EvidenceFact['metrics'][number]>('MetricFact')

Verification.implement({
  description: 'The answer of the one engine: named checks, never only a yes or no.',
  fields: (t) => ({
    verified: t.exposeBoolean('verified'),
    outcome: t.exposeString('outcome', {
      description: 'One stable word for people’s sentences: valid, tampered, revoked …',
    }),
    failedCheck: t.exposeString('failedCheck', { nullable: true }),
    checks: t.field({ type: [Check], resolve: ({ checks }) => checks }),
    format: t.exposeString('format', { nullable: true }),
    issuer: t.field({ type: VerifiedIssuer, nullable: true, resolve: ({ issuer }) => issuer }),
    facts: t.field({
      type: Facts,
      nullable: true,
      description: 'Only once signature and disclosures held.',
      resolve: ({ facts }) => facts,
    }),
    holderProven: t.exposeBoolean('holderProven', {
      description: 'False for what was pasted: who shows it need not be its holder.',
    }),
    verifiedAt: t.field({ type: 'DateTime', resolve: ({ verifiedAt }) => verifiedAt }),
  }),
})

Check.implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    state: t.exposeString('state', { description: 'passed, failed, not-run or unknown.' }),
    code: t.exposeString('code'),
  }),
})

VerifiedIssuer.implement({
  fields: (t) => ({
    id: t.exposeString('id'),
    name: t.string({ args: languageArg, resolve: ({ name }, args) => words(name, args) }),
    country: t.exposeString('country', { nullable: true }),
    trust: t.exposeString('trust', { description: 'institution (one of ours) or register.' }),
  }),
})

Facts.implement({
  description: 'What the credential says. Parts its holder did not disclose are null.',
  fields: (t) => ({
    title: t.exposeString('title', { nullable: true }),
    description: t.exposeString('description', { nullable: true }),
    givenName: t.string({ nullable: true, resolve: ({ holder }) => holder.givenName }),
    familyName: t.string({ nullable: true, resolve: ({ holder }) => holder.familyName }),
    fullName: t.string({
      nullable: true,
      description: 'Where the format has the name in one piece.',
      resolve: ({ holder }) => holder.fullName,
    }),
    issuingAuthority: t.exposeString('issuingAuthority', { nullable: true }),
    issuingCountry: t.exposeString('issuingCountry', { nullable: true }),
    issuedOn: t.exposeString('issuedOn', { nullable: true, description: 'YYYY-MM-DD' }),
    expiresOn: t.exposeString('expiresOn', { nullable: true }),
    eqfLevel: t.exposeString('eqfLevel', { nullable: true }),
    ects: t.exposeString('ects', { nullable: true }),
    grade: t.exposeString('grade', { nullable: true }),
    outcomes: t.exposeStringList('outcomes'),
    skills: t.field({ type: [SkillFactRef], resolve: ({ skills }) => skills }),
    evidence: t.field({ type: [EvidenceFactRef], resolve: ({ evidence }) => evidence }),
    assurance: t.exposeString('assurance', {
      nullable: true,
      description: 'What the issuer says of its own seal.',
    }),
    hidden: t.exposeInt('hidden', { description: 'Parts not disclosed; decoys count too.' }),
  }),
})

SkillFactRef.implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    level: t.exposeInt('level', { nullable: true }),
    esco: t.exposeString('esco', { nullable: true, description: 'ESCO concept.' }),
  }),
})

EvidenceFactRef.implement({
  fields: (t) => ({
    practical: t.exposeString('practical'),
    environment: t.exposeString('environment', { description: 'local: not on an AI Factory.' }),
    site: t.exposeString('site', { nullable: true }),
    cpu: t.string({ nullable: true, resolve: ({ hardware }) => hardware?.cpu }),
    cores: t.int({ nullable: true, resolve: ({ hardware }) => hardware?.cores }),
    gpus: t.int({ nullable: true, resolve: ({ hardware }) => hardware?.gpus }),
    gpuType: t.string({ nullable: true, resolve: ({ hardware }) => hardware?.gpuType }),
    assurance: t.exposeString('assurance', { nullable: true }),
    metrics: t.field({ type: [MetricFact], resolve: ({ metrics }) => metrics }),
    narrative: t.exposeString('narrative', {
      nullable: true,
      description: 'The same in words, where the format has no place for figures.',
    }),
    finishedOn: t.exposeString('finishedOn', { nullable: true }),
    runDigest: t.exposeString('runDigest', { nullable: true }),
  }),
})

MetricFact.implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    value: t.exposeFloat('value'),
    unit: t.exposeString('unit', { nullable: true }),
    threshold: t.exposeFloat('threshold', { nullable: true }),
  }),
})

builder.queryField('verifyCredential', (t) =>
  t.field({
    type: Verification,
    description:
      'Anybody may ask. Nothing is kept of what was asked; of an award of ours only that it was verified at least once, where its learner agreed to statistics.',
    args: { credential: t.arg.string({ required: true, description: 'Compact text of the credential.' }) },
    complexity: 50,
    resolve: async (_root, { credential }, { ports }) => {
      // Loaded with the first question: it is a large part of what is here.
      const { verifyCredential } = await import('#core/verification/verify-credential.ts')
      return verifyCredential(credential, {}, ports)
    },
  }),
)
