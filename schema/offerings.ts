import { authorise } from '#core/access/operations.ts'
import type { OfferingId } from '#core/ids.ts'
import { createOffering, zCreateOffering } from '#core/offerings/create-offering.ts'
import { enrol, zEnrol } from '#core/offerings/enrol.ts'
import type { Enrolment as EnrolmentShape, Offering as OfferingShape } from '#core/offerings/offering.ts'
import { targetGroups } from '#core/offerings/offering.ts'
import { parse, zId } from '#core/parse.ts'
import { builder } from './builder.ts'
import { connectStore, listCost, pageArgs } from './connections.ts'
import { given } from './given.ts'
import { Institution } from './institutions.ts'
import { Learner } from './learners.ts'
import { visibleLearner, visibleOffering } from './loaders.ts'
import { Module } from './modules.ts'

export const Offering = builder.objectRef<OfferingShape>('Offering')
export const Enrolment = builder.objectRef<EnrolmentShape>('Enrolment')

export const TargetGroup = builder.enumType('TargetGroup', {
  values: Object.fromEntries(targetGroups.map((group) => [group.replaceAll('-', '_'), { value: group }])),
})

Enrolment.implement({
  fields: (t) => ({
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
    enrolledAt: t.field({ type: 'DateTime', resolve: ({ enrolledAt }) => enrolledAt }),
    analyticsConsent: t.exposeBoolean('analyticsConsent'),
  }),
})

const EnrolmentConnection = builder.connectionObject({ type: Enrolment, name: 'EnrolmentConnection' })

builder.node(Offering, {
  description: 'A dated run of a module at one institution.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, context) => visibleOffering(id as OfferingId, context),
  fields: (t) => ({
    institution: t.field({ type: Institution, resolve: ({ tenant }) => tenant }),
    module: t.field({
      type: Module,
      nullable: true,
      resolve: ({ moduleId }, _args, { ports }) => ports.ontology.modules.get(moduleId),
    }),
    moduleSlug: t.exposeString('moduleId'),
    startsOn: t.exposeString('startsOn', { description: 'YYYY-MM-DD' }),
    endsOn: t.exposeString('endsOn'),
    language: t.exposeString('language'),
    seats: t.exposeInt('seats'),
    allowsLocalEvidence: t.exposeBoolean('allowsLocalEvidence'),
    participants: t.field({
      type: EnrolmentConnection,
      description: 'For those who assess and issue.',
      args: pageArgs,
      complexity: listCost,
      nullable: true,
      resolve: ({ id, tenant }, args, { actor, ports }) => {
        authorise(actor, 'readCohort', { tenant })
        return connectStore(args, (page) => ports.store.participantsOf(id, page))
      },
    }),
  }),
})

const OfferingConnection = builder.connectionObject({ type: Offering, name: 'OfferingConnection' })

builder.queryFields((t) => ({
  offering: t.field({
    type: Offering,
    nullable: true,
    authScopes: { may: 'readOffering' },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => visibleOffering(parse(zId('ofg'), id), context),
  }),
  offerings: t.field({
    type: OfferingConnection,
    nullable: true,
    description: 'Of the caller’s institution.',
    authScopes: { may: 'readOffering' },
    args: pageArgs,
    complexity: listCost,
    resolve: (_root, args, { actor, ports }) => {
      const tenant = actor?.tenant
      if (!tenant) return null
      authorise(actor, 'readOffering', { tenant })
      return connectStore(args, (page) => ports.store.listOfferings(tenant, page))
    },
  }),
}))

const CreateOfferingInput = builder.inputType('CreateOfferingInput', {
  fields: (t) => ({
    requestId: t.string({
      required: true,
      description: '8 to 64 of letters, digits, - and _; makes a repeat safe.',
    }),
    moduleId: t.string({ required: true, description: 'Slug of the module.' }),
    startsOn: t.string({ required: true, description: 'YYYY-MM-DD' }),
    endsOn: t.string({ required: true }),
    language: t.string({ required: true }),
    seats: t.int({ required: true }),
    allowsLocalEvidence: t.boolean({
      description: 'Whether a practical run on the local executor may count.',
    }),
  }),
})

const EnrolInput = builder.inputType('EnrolInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    learnerId: t.id({ required: true }),
    offeringId: t.id({ required: true }),
    analyticsConsent: t.boolean({
      required: true,
      description: 'To count in anonymous skills-gap statistics.',
    }),
    country: t.string({
      description: 'ISO 3166-1 alpha-2; who would rather not say leaves it out, like all below.',
    }),
    nuts1: t.string({ description: 'Region of that country at NUTS level 1, as FR1.' }),
    targetGroup: t.field({ type: TargetGroup }),
    sector: t.string({ description: 'Slug of the sector.' }),
    organisation: t.string({ description: 'Employer or school; its name is not kept, only a pseudonym.' }),
  }),
})

builder.mutationFields((t) => ({
  createOffering: t.field({
    type: Offering,
    nullable: true,
    errors: { union: { name: 'CreateOfferingResult' } },
    authScopes: { may: 'createOffering' },
    args: { input: t.arg({ type: CreateOfferingInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) =>
      createOffering(actor, parse(zCreateOffering, given(input)), ports),
  }),
  enrol: t.field({
    type: Enrolment,
    nullable: true,
    errors: { union: { name: 'EnrolResult' } },
    authScopes: { may: 'enrol' },
    args: { input: t.arg({ type: EnrolInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) => enrol(actor, parse(zEnrol, given(input)), ports),
  }),
}))
