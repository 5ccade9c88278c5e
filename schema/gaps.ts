import type { GapRow as RowShape } from '#core/gaps/gap-rows.ts'
import type { ModuleAdvice as AdviceShape } from '#core/gaps/next-module.ts'
import { publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import { type SkillsGap as GapShape, skillsGap } from '#core/gaps/skills-gap.ts'
import type { SnapshotHeader } from '#core/gaps/snapshot.ts'
import { parse, zId, zRequestId } from '#core/parse.ts'
import { builder } from './builder.ts'
import { Module } from './modules.ts'
import { Skill, SkillLevel } from './skills.ts'

const Snapshot = builder.objectRef<SnapshotHeader>('Snapshot')
const SkillsGap = builder.objectRef<GapShape>('SkillsGap')
const GapRow = builder.objectRef<RowShape>('SkillsGapRow')
const ModuleAdvice = builder.objectRef<AdviceShape>('ModuleAdvice')

Snapshot.implement({
  description: 'Published numbers as of one moment, and all that must be said about them.',
  fields: (t) => ({
    id: t.exposeID('id'),
    publishedAt: t.field({ type: 'DateTime', resolve: ({ publishedAt }) => publishedAt }),
    ontologyVersion: t.string({ resolve: ({ ontology }) => ontology.version }),
    ontologyDigest: t.string({ resolve: ({ ontology }) => ontology.digest }),
    threshold: t.exposeInt('threshold', { description: 'Learners below which a number is hidden.' }),
    method: t.exposeString('method'),
    demandSource: t.exposeString('demandSource'),
    previous: t.id({ nullable: true, resolve: ({ previous }) => previous }),
  }),
})

SkillsGap.implement({
  fields: (t) => ({
    snapshot: t.field({ type: Snapshot, resolve: ({ snapshot }) => snapshot }),
    sector: t.string({ nullable: true, resolve: ({ sector }) => sector }),
    role: t.string({ nullable: true, resolve: ({ role }) => role }),
    heads: t.exposeInt('heads', { description: 'Demanded, rounded.' }),
    gapPersonLevels: t.exposeFloat('gapPersonLevels', { nullable: true }),
    coveragePercent: t.exposeFloat('coveragePercent', { nullable: true }),
    changePersonLevels: t.exposeFloat('changePersonLevels', {
      nullable: true,
      description: 'Against the previous snapshot, over the rows both show.',
    }),
    suppressed: t.exposeBoolean('suppressed', { description: 'Some number of the slice is hidden.' }),
    rows: t.field({ type: [GapRow], complexity: { multiplier: 20 }, resolve: ({ rows }) => rows }),
    modules: t.field({
      type: [ModuleAdvice],
      description: 'Which modules close most of the gap per hour; at most ten.',
      complexity: { multiplier: 10 },
      resolve: ({ modules }) => modules,
    }),
    nextModule: t.field({
      type: Module,
      nullable: true,
      resolve: ({ nextModule }, _args, { ports }) =>
        nextModule === null ? null : ports.ontology.modules.get(nextModule),
    }),
  }),
})

GapRow.implement({
  description: 'One skill of a slice; null where the number is hidden.',
  fields: (t) => ({
    slug: t.exposeString('skill'),
    skill: t.field({
      type: Skill,
      nullable: true,
      resolve: ({ skill }, _args, { ports }) => ports.ontology.skills.get(skill),
    }),
    importance: t.exposeString('importance'),
    level: t.int({ description: 'Highest level demanded.', resolve: ({ level }) => level }),
    demandPersonLevels: t.exposeFloat('demandPersonLevels'),
    supplyPersonLevels: t.exposeFloat('supplyPersonLevels', { nullable: true }),
    gapPersonLevels: t.exposeFloat('gapPersonLevels', { nullable: true }),
    coveragePercent: t.exposeFloat('coveragePercent', { nullable: true }),
    changePersonLevels: t.exposeFloat('changePersonLevels', { nullable: true }),
    suppressed: t.exposeBoolean('suppressed'),
    partial: t.exposeBoolean('partial', { description: 'Some sectors of the slice are hidden.' }),
  }),
})

ModuleAdvice.implement({
  fields: (t) => ({
    slug: t.exposeString('module'),
    module: t.field({
      type: Module,
      nullable: true,
      resolve: ({ module }, _args, { ports }) => ports.ontology.modules.get(module),
    }),
    closesPersonLevels: t.exposeFloat('closesPersonLevels'),
    closesPerHour: t.exposeFloat('closesPerHour'),
    skills: t.field({ type: [SkillLevel], resolve: ({ skills }) => skills }),
    missingEntry: t.field({ type: [SkillLevel], resolve: ({ missingEntry }) => missingEntry }),
  }),
})

builder.queryField('skillsGap', (t) =>
  t.field({
    type: SkillsGap,
    nullable: true,
    description: 'From published snapshots alone; no live record is read.',
    authScopes: { may: 'readSkillsGap' },
    args: {
      sector: t.arg.string({ description: 'Slug; all sectors when absent.' }),
      role: t.arg.string({ description: 'Slug; all roles when absent.' }),
      snapshotId: t.arg.id({ description: 'The last published one when absent.' }),
    },
    resolve: (_root, { sector, role, snapshotId }, { actor, ports }) =>
      skillsGap(
        actor,
        {
          ...(sector ? { sector } : {}),
          ...(role ? { role } : {}),
          ...(snapshotId ? { snapshot: parse(zId('snp'), snapshotId) } : {}),
        },
        ports,
      ),
  }),
)

const PublishSnapshotInput = builder.inputType('PublishSnapshotInput', {
  fields: (t) => ({ requestId: t.string({ required: true }) }),
})

builder.mutationField('publishSnapshot', (t) =>
  t.field({
    type: Snapshot,
    nullable: true,
    errors: { union: { name: 'PublishSnapshotResult' } },
    authScopes: { may: 'publishSnapshot' },
    args: { input: t.arg({ type: PublishSnapshotInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) =>
      publishSnapshot(actor, { requestId: parse(zRequestId, input.requestId) }, ports),
  }),
)
