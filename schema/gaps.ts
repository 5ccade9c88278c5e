import type { GapRow as RowShape } from '#core/gaps/gap-rows.ts'
import { type GapDimension, type GapSlice, gapDimensions } from '#core/gaps/gap-slice.ts'
import type { GapCell as CellShape, GapTable as TableShape } from '#core/gaps/gap-table.ts'
import type { TrendPoint as PointShape } from '#core/gaps/gap-trend.ts'
import type { ModuleAdvice as AdviceShape } from '#core/gaps/next-module.ts'
import type { SkillsGap as GapShape } from '#core/gaps/skills-gap.ts'
import type { SnapshotHeader } from '#core/gaps/snapshot.ts'
import type { SnapshotId } from '#core/ids.ts'
import { parse, zId, zRequestId } from '#core/parse.ts'
import { builder } from './builder.ts'
import { Module } from './modules.ts'
import { Skill, SkillLevel } from './skills.ts'

export const Snapshot = builder.objectRef<SnapshotHeader>('Snapshot')
const SkillsGap = builder.objectRef<GapShape>('SkillsGap')
const GapRow = builder.objectRef<RowShape>('SkillsGapRow')
const ModuleAdvice = builder.objectRef<AdviceShape>('ModuleAdvice')
const Learners = builder.objectRef<GapShape['learners']>('LearnerNumbers')
const Between = builder.objectRef<NonNullable<GapShape['between']>>('GapBounds')
const GapTable = builder.objectRef<TableShape>('GapTable')
const GapCell = builder.objectRef<CellShape>('GapCell')
const TrendPoint = builder.objectRef<PointShape>('GapTrendPoint')

Snapshot.implement({
  description: 'Published numbers as of one moment, and all that must be said about them.',
  fields: (t) => ({
    id: t.exposeID('id'),
    publishedAt: t.field({ type: 'DateTime', resolve: ({ publishedAt }) => publishedAt }),
    ontologyVersion: t.string({ resolve: ({ ontology }) => ontology.version }),
    ontologyDigest: t.string({ resolve: ({ ontology }) => ontology.digest }),
    threshold: t.exposeInt('threshold', { description: 'Learners below which a number is hidden.' }),
    method: t.exposeString('method'),
    demandSource: t.exposeString('demandSource', { description: 'synthetic-sample or upload.' }),
    demandSet: t.id({ nullable: true, resolve: ({ demandSet }) => demandSet }),
    demandYear: t.int({ nullable: true, resolve: ({ demandYear }) => demandYear }),
    previous: t.id({ nullable: true, resolve: ({ previous }) => previous }),
  }),
})

const demandWords =
  'known; or why there is no gap to show: not-by-region, not-by-target-group, not-by-country.'

SkillsGap.implement({
  fields: (t) => ({
    snapshot: t.field({ type: Snapshot, resolve: ({ snapshot }) => snapshot }),
    sector: t.string({ nullable: true, resolve: ({ slice }) => slice.sector }),
    role: t.string({ nullable: true, resolve: ({ slice }) => slice.role }),
    country: t.string({ nullable: true, resolve: ({ slice }) => slice.country }),
    nuts1: t.string({ nullable: true, resolve: ({ slice }) => slice.nuts1 }),
    targetGroup: t.string({ nullable: true, resolve: ({ slice }) => slice.targetGroup }),
    domain: t.string({ nullable: true, resolve: ({ slice }) => slice.domain }),
    skill: t.string({ nullable: true, resolve: ({ slice }) => slice.skill }),
    heads: t.exposeInt('heads', { description: 'Demanded, rounded.' }),
    demand: t.exposeString('demand', { description: demandWords }),
    learners: t.field({ type: Learners, resolve: ({ learners }) => learners }),
    gapPersonLevels: t.exposeFloat('gapPersonLevels', { nullable: true }),
    coveragePercent: t.exposeFloat('coveragePercent', { nullable: true }),
    between: t.field({
      type: Between,
      nullable: true,
      description: 'For two places at once, where no table of both and a skill is published.',
      resolve: ({ between }) => between,
    }),
    changePersonLevels: t.exposeFloat('changePersonLevels', {
      nullable: true,
      description:
        'Of the gap against the previous snapshot, over the rows both show; without demand of supply.',
    }),
    suppressed: t.exposeBoolean('suppressed', { description: 'Some number of the slice is hidden.' }),
    rows: t.field({
      type: [GapRow],
      description: 'By skill; none for two places at once.',
      complexity: { multiplier: 20 },
      resolve: ({ rows }) => rows,
    }),
    modules: t.field({
      type: [ModuleAdvice],
      description: 'Which modules close most of the gap per hour, or per GPU-hour; at most ten.',
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

Learners.implement({
  description: 'Distinct learners; null where the number is hidden.',
  fields: (t) => ({
    enrolled: t.exposeInt('enrolled', { nullable: true }),
    holding: t.exposeInt('holding', { nullable: true, description: 'Who holds some verified skill.' }),
  }),
})

Between.implement({
  description: 'What single tables say of two places at once: the gap lies between these.',
  fields: (t) => ({
    atLeastPersonLevels: t.exposeFloat('atLeastPersonLevels'),
    atMostPersonLevels: t.exposeFloat('atMostPersonLevels'),
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
    learners: t.exposeInt('learners', { nullable: true, description: 'Who holds it at any level.' }),
    supplyPersonLevels: t.exposeFloat('supplyPersonLevels', { nullable: true }),
    gapPersonLevels: t.exposeFloat('gapPersonLevels', { nullable: true }),
    coveragePercent: t.exposeFloat('coveragePercent', { nullable: true }),
    changePersonLevels: t.exposeFloat('changePersonLevels', { nullable: true }),
    suppressed: t.exposeBoolean('suppressed'),
    partial: t.exposeBoolean('partial', { description: 'Some levels or sectors of the slice are hidden.' }),
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
    gpuHours: t.exposeFloat('gpuHours', { nullable: true, description: 'Null where it uses no GPU.' }),
    closesPerGpuHour: t.exposeFloat('closesPerGpuHour', { nullable: true }),
    skills: t.field({ type: [SkillLevel], resolve: ({ skills }) => skills }),
    missingEntry: t.field({ type: [SkillLevel], resolve: ({ missingEntry }) => missingEntry }),
  }),
})

GapTable.implement({
  description: 'The gap broken down by one or two dimensions.',
  fields: (t) => ({
    snapshot: t.field({ type: Snapshot, resolve: ({ snapshot }) => snapshot }),
    by: t.exposeStringList('by'),
    demand: t.exposeString('demand', { description: demandWords }),
    rows: t.exposeStringList('rows', { description: 'Codes that have a cell, in the order of their list.' }),
    columns: t.exposeStringList('columns'),
    cells: t.field({
      type: [GapCell],
      description: 'A cell that is not here is hidden, or nothing is demanded in it.',
      complexity: { multiplier: 50 },
      resolve: ({ cells }) => cells,
    }),
  }),
})

GapCell.implement({
  description: 'Null where the number is hidden.',
  fields: (t) => ({
    row: t.exposeString('row'),
    column: t.string({ nullable: true, resolve: ({ column }) => column }),
    heads: t.exposeInt('heads'),
    demandPersonLevels: t.exposeFloat('demandPersonLevels'),
    supplyPersonLevels: t.exposeFloat('supplyPersonLevels', { nullable: true }),
    learners: t.exposeInt('learners', { nullable: true }),
    gapPersonLevels: t.exposeFloat('gapPersonLevels', { nullable: true }),
    coveragePercent: t.exposeFloat('coveragePercent', { nullable: true }),
    between: t.field({ type: Between, nullable: true, resolve: ({ between }) => between }),
    suppressed: t.exposeBoolean('suppressed'),
    partial: t.exposeBoolean('partial'),
  }),
})

TrendPoint.implement({
  description: 'A slice as of the last snapshot of a month.',
  fields: (t) => ({
    month: t.exposeString('month', { description: 'YYYY-MM' }),
    snapshot: t.field({ type: Snapshot, resolve: ({ snapshot }) => snapshot }),
    gapPersonLevels: t.exposeFloat('gapPersonLevels', { nullable: true }),
    coveragePercent: t.exposeFloat('coveragePercent', { nullable: true }),
    supplyPersonLevels: t.exposeFloat('supplyPersonLevels', { nullable: true }),
    learners: t.field({ type: Learners, resolve: ({ learners }) => learners }),
  }),
})

const dimensionNames = {
  sector: 'SECTOR',
  role: 'ROLE',
  country: 'COUNTRY',
  nuts1: 'NUTS1',
  targetGroup: 'TARGET_GROUP',
  domain: 'DOMAIN',
  skill: 'SKILL',
} as const satisfies Record<GapDimension, string>

const Dimension = builder.enumType('GapDimension', {
  description: 'By what a gap may be asked for. Country and NUTS1 are one question at two grains.',
  values: Object.fromEntries(gapDimensions.map((value) => [dimensionNames[value], { value }])) as Record<
    (typeof dimensionNames)[GapDimension],
    { value: GapDimension }
  >,
})

const RankBy = builder.enumType('RankModulesBy', {
  values: { HOURS: { value: 'hours' as const }, GPU_HOURS: { value: 'gpuHours' as const } },
})

const Slice = builder.inputType('GapSliceInput', {
  description: 'At most two dimensions, each with one code; empty: everything.',
  fields: (t) => ({
    sector: t.string(),
    role: t.string(),
    country: t.string({ description: 'ISO 3166-1.' }),
    nuts1: t.string({ description: 'NUTS level 1, as FR1.' }),
    targetGroup: t.string(),
    domain: t.string(),
    skill: t.string(),
  }),
})

type Given = { readonly [D in GapDimension]?: string | null | undefined }

/** Members that are null or empty are not there. */
export function sliceOf(given: Given | null | undefined): GapSlice {
  return Object.fromEntries(gapDimensions.flatMap((name) => (given?.[name] ? [[name, given[name]]] : [])))
}

/** The id of a snapshot as an argument; the last published one when absent. */
export function snapshotOf(id: string | null | undefined): { snapshot?: SnapshotId } {
  return id ? { snapshot: parse(zId('snp'), id) } : {}
}

export { Slice as GapSliceInput }

builder.queryField('skillsGap', (t) =>
  t.field({
    type: SkillsGap,
    nullable: true,
    description:
      'The gap of a slice of at most two dimensions, from published snapshots alone; no live record is read. A third is refused `invalid_input`, naming it.',
    authScopes: { may: 'readSkillsGap' },
    args: {
      sector: t.arg.string({ description: 'Slug; all sectors when absent.' }),
      role: t.arg.string({ description: 'Slug; all roles when absent.' }),
      country: t.arg.string({ description: 'ISO 3166-1.' }),
      nuts1: t.arg.string({ description: 'NUTS level 1; supply alone.' }),
      targetGroup: t.arg.string({ description: 'Slug; supply alone.' }),
      domain: t.arg.string({ description: 'Slug.' }),
      skill: t.arg.string({ description: 'Slug.' }),
      rankModulesBy: t.arg({ type: RankBy, defaultValue: 'hours' }),
      snapshotId: t.arg.id({ description: 'The last published one when absent.' }),
    },
    complexity: 20,
    resolve: (_root, { snapshotId, rankModulesBy, ...given }, { actor, ports, analytics }) => {
      const slice = sliceOf(given)
      const question = { ...slice, ...snapshotOf(snapshotId), rankBy: rankModulesBy ?? 'hours' }
      return analytics(actor, 'skillsGap', slice, async () => {
        const { skillsGap } = await import('#core/gaps/skills-gap.ts')
        return skillsGap(actor, question, ports)
      })
    },
  }),
)

builder.queryField('gapTable', (t) =>
  t.field({
    type: GapTable,
    nullable: true,
    description:
      'The gap broken down by one or two dimensions; three are refused `invalid_input`, naming `by`.',
    authScopes: { may: 'readSkillsGap' },
    args: {
      by: t.arg({ type: [Dimension], required: true }),
      snapshotId: t.arg.id({ description: 'The last published one when absent.' }),
    },
    complexity: 100,
    resolve: (_root, { by, snapshotId }, { actor, ports, analytics }) =>
      analytics(actor, 'gapTable', { by: by.join(',') }, async () => {
        const { gapTable } = await import('#core/gaps/gap-table.ts')
        return gapTable(actor, { by, ...snapshotOf(snapshotId) }, ports)
      }),
  }),
)

builder.queryField('gapTrend', (t) =>
  t.field({
    type: [TrendPoint],
    nullable: true,
    description: 'How a slice moved, month by month, oldest first; at most 36 months.',
    authScopes: { may: 'readSkillsGap' },
    args: { slice: t.arg({ type: Slice }), months: t.arg.int({ defaultValue: 12 }) },
    complexity: 100,
    resolve: (_root, { slice: given, months }, { actor, ports, analytics }) => {
      const slice = sliceOf(given)
      const question = { ...slice, months: Math.max(1, months ?? 12) }
      return analytics(actor, 'gapTrend', slice, async () => {
        const { gapTrend } = await import('#core/gaps/gap-trend.ts')
        return gapTrend(actor, question, ports)
      })
    },
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
    resolve: async (_root, { input }, { actor, ports }) => {
      const { publishSnapshot } = await import('#core/gaps/publish-snapshot.ts')
      return publishSnapshot(actor, { requestId: parse(zRequestId, input.requestId) }, ports)
    },
  }),
)
