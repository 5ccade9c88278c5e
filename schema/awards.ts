import { authorise, mayDo, mayEver } from '#core/access/operations.ts'
import {
  type AwardedSkill as AwardedSkillShape,
  type Award as AwardShape,
  type AwardStatus,
  reasonCodes,
} from '#core/awards/award.ts'
import { changeAwardStatus, type StatusChange, zChangeAwardStatus } from '#core/awards/change-award-status.ts'
import type { CorrectionAnswer } from '#core/awards/correct-award.ts'
import type { Credential } from '#core/credentials/credential.ts'
import { type Edition, editionNames, editions, editionUrl } from '#core/editions/editions.ts'
import { type AwardId, tenantOf } from '#core/ids.ts'
import { successorOf } from '#core/ontology/resolve-skill.ts'
import { parse, zId } from '#core/parse.ts'
import type { Metric as MetricShape, PracticalEvidence } from '#core/practicals/evidence.ts'
import { Refusal } from '#core/refusal.ts'
import { AwardFilterInput, AwardState } from './award-filter.ts'
import { builder } from './builder.ts'
import { connectList, connectStore, listCost, pageArgs } from './connections.ts'
import { given } from './given.ts'
import { Institution } from './institutions.ts'
import { Learner } from './learners.ts'
import { visibleAward, visibleLearner, visibleOffering } from './loaders.ts'
import { Offering } from './offerings.ts'
import { CredentialOffer } from './offers.ts'
import { Skill } from './skills.ts'
import { languageArg, words } from './text.ts'

export const Award = builder.objectRef<AwardShape>('Award')
const AwardedSkill = builder.objectRef<AwardedSkillShape>('AwardedSkill')
export const Evidence = builder.objectRef<PracticalEvidence>('PracticalEvidence')
const Metric = builder.objectRef<MetricShape>('Metric')
const CredentialEdition = builder.objectRef<Credential>('CredentialEdition')
const EditionLink = builder.objectRef<{ edition: Edition; url: string }>('EditionLink')
const AwardStatusEntry = builder.objectRef<AwardStatus>('AwardStatusEntry')
export const ReasonCode = builder.enumType('ReasonCode', {
  description: 'Why a status was changed. Which of them fit depends on the change.',
  values: Object.fromEntries(reasonCodes.map((code) => [code.replaceAll('-', '_'), { value: code }])),
})

builder.node(Award, {
  description: 'The fact: this learner passed this module at this institution on this date.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, context) => visibleAward(id as AwardId, context),
  fields: (t) => ({
    institution: t.field({ type: Institution, resolve: ({ tenant }) => tenant }),
    learner: t.field({
      type: Learner,
      nullable: true,
      resolve: ({ learnerId }, _args, context) => visibleLearner(learnerId, context),
    }),
    offering: t.field({
      type: Offering,
      nullable: true,
      resolve: ({ offeringId }, _args, context) => visibleOffering(offeringId, context),
    }),
    moduleSlug: t.exposeString('moduleId'),
    title: t.string({ args: languageArg, resolve: ({ title }, args) => words(title, args) }),
    skills: t.field({ type: [AwardedSkill], resolve: ({ skills }) => skills }),
    ontologyVersion: t.string({ resolve: ({ ontology }) => ontology.version }),
    eqfLevel: t.exposeInt('eqfLevel'),
    ects: t.exposeFloat('ects'),
    scorePercent: t.exposeFloat('scorePercent'),
    evidence: t.field({ type: [Evidence], resolve: ({ evidence }) => evidence }),
    offers: t.field({
      type: [CredentialOffer],
      nullable: true,
      description: 'For the learner and the registrar; null for others.',
      complexity: { multiplier: 5 },
      resolve: async ({ id, tenant, learnerId }, _args, { actor, ports }) =>
        mayDo(actor, 'offerCredential', { tenant, learnerId })
          ? (await ports.store.offersOf(learnerId)).filter(({ awardId }) => awardId === id)
          : null,
    }),
    credentials: t.field({
      type: [CredentialEdition],
      description:
        'Editions with an entry in the status lists: collected by wallets, or handed out as files.',
      complexity: { multiplier: 5 },
      resolve: ({ id }, _args, { ports }) => ports.store.credentialsOfAward(id),
    }),
    editions: t.field({
      type: [EditionLink],
      description: 'Every face of the award as a file; for its learner and the registrar.',
      resolve: ({ id }, _args, { ports: { settings } }) =>
        editionNames.map((edition) => ({ edition, url: editionUrl(settings.publicUrl, id, edition) })),
    }),
    awardedAt: t.field({ type: 'DateTime', resolve: ({ awardedAt }) => awardedAt }),
    validUntil: t.field({ type: 'DateTime', nullable: true, resolve: ({ validUntil }) => validUntil }),
    state: t.field({ type: AwardState, resolve: ({ status }) => status.state }),
    stateSince: t.field({ type: 'DateTime', resolve: ({ status }) => status.since }),
    stateReasonCode: t.field({
      type: ReasonCode,
      nullable: true,
      description: 'For registrars only.',
      resolve: ({ status, tenant }, _args, { actor }) =>
        mayDo(actor, 'changeAwardStatus', { tenant }) ? status.reasonCode : null,
    }),
    supersedes: t.field({
      type: Award,
      nullable: true,
      description: 'The award this one corrects.',
      resolve: ({ supersedes }, _args, context) => (supersedes ? visibleAward(supersedes, context) : null),
    }),
    replacedBy: t.field({
      type: Award,
      nullable: true,
      description: 'Of a superseded award: the corrected one.',
      resolve: ({ status }, _args, context) =>
        status.replacedBy ? visibleAward(status.replacedBy, context) : null,
    }),
    history: t.field({
      type: [AwardStatusEntry],
      nullable: true,
      description: 'What its status was, oldest first; for registrars only.',
      complexity: { multiplier: 5 },
      resolve: (award, _args, { actor, ports }) =>
        mayDo(actor, 'changeAwardStatus', award) ? ports.store.awardHistory(award) : null,
    }),
    stateReason: t.string({
      nullable: true,
      description: 'In the registrar’s words; for registrars only.',
      resolve: ({ status, tenant }, _args, { actor }) =>
        mayDo(actor, 'changeAwardStatus', { tenant }) ? status.reason : null,
    }),
  }),
})

AwardStatusEntry.implement({
  description: 'A status an award had, and who decided it.',
  fields: (t) => ({
    state: t.field({ type: AwardState, resolve: ({ state }) => state }),
    since: t.field({ type: 'DateTime', resolve: ({ since }) => since }),
    reasonCode: t.field({ type: ReasonCode, nullable: true, resolve: ({ reasonCode }) => reasonCode }),
    reason: t.string({ nullable: true, resolve: ({ reason }) => reason }),
    by: t.string({ nullable: true, resolve: ({ by }) => by }),
    approvedBy: t.string({ nullable: true, resolve: ({ approvedBy }) => approvedBy }),
  }),
})

AwardedSkill.implement({
  description: 'A skill as it was when awarded, and what it is now.',
  fields: (t) => ({
    slug: t.exposeString('skill'),
    level: t.int({ resolve: ({ level }) => level }),
    label: t.string({
      description: 'As issued.',
      args: languageArg,
      resolve: ({ label }, args) => words(label, args),
    }),
    escoUri: t.exposeString('escoUri', { nullable: true }),
    now: t.field({
      type: Skill,
      nullable: true,
      description: 'The skill of this name in the ontology in force.',
      resolve: ({ skill }, _args, { ports }) => ports.ontology.skills.get(skill),
    }),
    replacedBy: t.field({
      type: Skill,
      nullable: true,
      description: 'What it was replaced by since, to the one that is in use.',
      resolve: ({ skill }, _args, { ports }) => successorOf(skill, ports.ontology),
    }),
  }),
})

Evidence.implement({
  description: 'What a practical run showed, and how far that can be trusted.',
  fields: (t) => ({
    practical: t.exposeString('practical'),
    practicalVersion: t.exposeInt('practicalVersion'),
    specHash: t.exposeString('specHash', { description: 'SHA-256 of the canonical spec.' }),
    graderSha256: t.exposeString('graderSha256', {
      nullable: true,
      description: 'SHA-256 of the programs of the grader.',
    }),
    imageDigest: t.exposeString('imageDigest', {
      nullable: true,
      description: 'Of the image in which the learner’s programs were shut in, where the site uses one.',
    }),
    environment: t.exposeString('environment', { description: 'local: not on an AI Factory.' }),
    site: t.exposeString('site'),
    assurance: t.exposeString('assurance'),
    level: t.int({ resolve: ({ level }) => level }),
    hardware: t.string({
      resolve: ({ hardware }) =>
        `${hardware.cpu}, ${hardware.cores} cores, ${hardware.memoryGiB} GiB${hardware.gpus > 0 ? `, ${hardware.gpus} × ${hardware.gpuType ?? 'GPU'}` : ''}`,
    }),
    metrics: t.field({ type: [Metric], resolve: ({ metrics }) => metrics }),
    runDigest: t.exposeString('runDigest'),
    finishedAt: t.field({ type: 'DateTime', resolve: ({ finishedAt }) => finishedAt }),
  }),
})

Metric.implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    value: t.exposeFloat('value'),
    unit: t.exposeString('unit'),
    threshold: t.exposeFloat('threshold', { nullable: true, description: 'Smallest value that passes.' }),
  }),
})

EditionLink.implement({
  description: 'Where one edition is downloaded, with the bearer token of who may have it.',
  fields: (t) => ({
    edition: t.string({ resolve: ({ edition }) => edition }),
    contentType: t.string({ resolve: ({ edition }) => editions[edition].contentType }),
    url: t.exposeString('url'),
  }),
})

CredentialEdition.implement({
  description: 'An award in one format, bound to one key of its holder, or to none when it is a file.',
  fields: (t) => ({
    id: t.exposeID('id'),
    format: t.string({ resolve: ({ format }) => format }),
    issuedAt: t.field({ type: 'DateTime', resolve: ({ issuedAt }) => issuedAt }),
    expiresAt: t.field({ type: 'DateTime', resolve: ({ expiresAt }) => expiresAt }),
  }),
})

const AwardConnection = builder.connectionObject({ type: Award, name: 'AwardConnection' })

builder.queryFields((t) => ({
  award: t.field({
    type: Award,
    nullable: true,
    authScopes: { may: 'readAward' },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => visibleAward(parse(zId('awd'), id), context),
  }),
  awards: t.field({
    type: AwardConnection,
    nullable: true,
    description:
      'Of one learner; without one, a learner’s own, or all of a registrar’s institution, or those of them that fit.',
    authScopes: { may: 'readAward' },
    args: { ...pageArgs, learnerId: t.arg.id(), where: t.arg({ type: AwardFilterInput }) },
    complexity: listCost,
    resolve: async (_root, { learnerId, where, ...page }, { actor, ports }) => {
      const { store } = ports
      if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
      if (where) {
        authorise(actor, 'listAwards', { tenant: actor.tenant })
        const { zAwardFilter } = await import('#core/bulk/order-bulk-job.ts')
        const { selectSomeAwards } = await import('#core/bulk/select-awards.ts')
        const filter = parse(zAwardFilter, given(where))
        return connectStore(page, (part) => selectSomeAwards(actor.tenant, filter, part, ports))
      }
      const asked = learnerId ? parse(zId('lrn'), learnerId) : undefined
      const whose = asked ?? (mayEver(actor, 'listAwards') ? undefined : actor.learnerId)
      if (whose) {
        authorise(actor, 'readAward', { tenant: tenantOf(whose) ?? actor.tenant, learnerId: whose })
        return connectList(page, await store.awardsOf(whose))
      }
      authorise(actor, 'listAwards', { tenant: actor.tenant })
      return connectStore(page, (part) => store.listAwards(actor.tenant, part))
    },
  }),
}))

const ChangeAwardStatusInput = builder.inputType('ChangeAwardStatusInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    awardId: t.id({ required: true }),
    reasonCode: t.field({ type: ReasonCode, description: '`other` when absent.' }),
    reason: t.string({
      required: true,
      description: 'For the institution’s own record; never shown to the public.',
    }),
  }),
})

const changes = {
  revokeAward: 'revoke',
  suspendAward: 'suspend',
  reinstateAward: 'reinstate',
} as const satisfies Record<string, StatusChange>

for (const [field, change] of Object.entries(changes)) {
  builder.mutationField(field, (t) =>
    t.field({
      type: Award,
      nullable: true,
      errors: { union: { name: `${field.charAt(0).toUpperCase()}${field.slice(1)}Result` } },
      authScopes: { may: 'changeAwardStatus' },
      args: { input: t.arg({ type: ChangeAwardStatusInput, required: true }) },
      resolve: (_root, { input }, { actor, ports }) =>
        changeAwardStatus(actor, change, parse(zChangeAwardStatus, given(input)), ports),
    }),
  )
}

const CorrectAwardInput = builder.inputType('CorrectAwardInput', {
  description: 'What is not named stays as it is.',
  fields: (t) => ({
    requestId: t.string({ required: true }),
    awardId: t.id({ required: true }),
    reasonCode: t.field({ type: ReasonCode, description: 'name, result, dates, content or other.' }),
    reason: t.string({ required: true, description: 'For the institution’s own record.' }),
    givenName: t.string(),
    familyName: t.string(),
    email: t.string(),
    scorePercent: t.float({ description: 'Not below the pass mark: revoke the award instead.' }),
    awardedOn: t.string({ description: 'YYYY-MM-DD' }),
    validUntil: t.string({ description: 'YYYY-MM-DD' }),
    contentOfToday: t.boolean({
      description: 'True: title, outcomes, skills and the rest as the module is described now.',
    }),
  }),
})

const CorrectedAward = builder.objectRef<CorrectionAnswer>('CorrectedAward').implement({
  description: 'The old award is superseded, and the learner is offered the new one.',
  fields: (t) => ({
    award: t.field({
      type: Award,
      description: 'The new one; the old one as long as the correction waits.',
      resolve: ({ award }) => award,
    }),
    offer: t.field({ type: CredentialOffer, nullable: true, resolve: ({ offer }) => offer }),
  }),
})

builder.mutationField('correctAward', (t) =>
  t.field({
    type: CorrectedAward,
    nullable: true,
    description: 'Replaces a valid award by a corrected one, in every edition.',
    errors: { union: { name: 'CorrectAwardResult' } },
    authScopes: { may: 'changeAwardStatus' },
    args: { input: t.arg({ type: CorrectAwardInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { correctAward, zCorrectAward } = await import('#core/awards/correct-award.ts')
      const { contentOfToday, ...asked } = given(input)
      const correction = contentOfToday === true ? { ...asked, contentOfToday } : asked
      return correctAward(actor, parse(zCorrectAward, correction), ports)
    },
  }),
)
