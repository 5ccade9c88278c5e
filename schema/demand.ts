import type { DemandSet as SetShape } from '#core/gaps/demand-sets.ts'
import type { DemandProblem as ProblemShape } from '#core/gaps/read-demand.ts'
import {
  demandUploads,
  restoreDemand,
  type UploadedDemand as UploadedShape,
  type DemandUploads as UploadsShape,
  uploadDemand,
} from '#core/gaps/upload-demand.ts'
import { parse, zId, zRequestId } from '#core/parse.ts'
import { builder } from './builder.ts'

const DemandSet = builder.objectRef<SetShape>('DemandSet')
const Uploads = builder.objectRef<UploadsShape>('DemandUploads')
const Uploaded = builder.objectRef<UploadedShape & { fileName: string }>('UploadedDemand')
const Problem = builder.objectRef<ProblemShape & { fileName: string }>('DemandProblem')

DemandSet.implement({
  description: 'One uploaded file of demand.',
  fields: (t) => ({
    id: t.exposeID('id'),
    uploadedAt: t.field({ type: 'DateTime', resolve: ({ uploadedAt }) => uploadedAt }),
    fileName: t.exposeString('fileName'),
    rows: t.exposeInt('rows'),
    heads: t.exposeInt('heads'),
    years: t.exposeIntList('years'),
  }),
})

Uploads.implement({
  fields: (t) => ({
    inForce: t.id({
      nullable: true,
      description: 'Null: the shipped sample.',
      resolve: ({ inForce }) => inForce,
    }),
    sets: t.field({ type: [DemandSet], description: 'Newest first.', resolve: ({ sets }) => sets }),
  }),
})

Uploaded.implement({
  description:
    'What was found in a file, and the set it became: none where there was a mistake or it was a dry run.',
  fields: (t) => ({
    lines: t.exposeInt('lines'),
    rows: t.exposeInt('rows'),
    heads: t.exposeInt('heads'),
    years: t.exposeIntList('years'),
    problems: t.field({
      type: [Problem],
      description: 'At most 200.',
      resolve: ({ problems, fileName }) => problems.map((problem) => ({ ...problem, fileName })),
    }),
    set: t.field({ type: DemandSet, nullable: true, resolve: ({ set }) => set }),
  }),
})

Problem.implement({
  description: 'A mistake by its place; the value is not repeated. Row 1 is the header.',
  fields: (t) => ({
    fileName: t.exposeString('fileName'),
    row: t.exposeInt('row'),
    column: t.exposeString('column', { nullable: true }),
    code: t.exposeString('code'),
  }),
})

builder.queryField('demandUploads', (t) =>
  t.field({
    type: Uploads,
    nullable: true,
    authScopes: { may: 'readSkillsGap' },
    complexity: 20,
    resolve: (_root, _args, { actor, ports }) => demandUploads(actor, ports),
  }),
)

const UploadInput = builder.inputType('UploadDemandInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    fileName: t.string({ required: true }),
    csv: t.string({
      required: true,
      description:
        'role, sector, country, year, headcount. A request has room for 64 KiB; the page takes larger files.',
    }),
    dryRun: t.boolean({ defaultValue: false, description: 'Only look; nothing is kept.' }),
  }),
})

builder.mutationField('uploadDemand', (t) =>
  t.field({
    type: Uploaded,
    nullable: true,
    description: 'Puts demand in force for the next snapshot, whole or not at all.',
    errors: { union: { name: 'UploadDemandResult' } },
    authScopes: { may: 'uploadDemand' },
    args: { input: t.arg({ type: UploadInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const requestId = parse(zRequestId, input.requestId)
      const bytes = new TextEncoder().encode(input.csv)
      const { fileName, dryRun } = input
      const found = await uploadDemand(actor, { requestId, fileName, bytes, dryRun: dryRun ?? false }, ports)
      return { ...found, fileName: found.set?.fileName ?? fileName.slice(0, 80) }
    },
  }),
)

const RestoreInput = builder.inputType('RestoreDemandInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    id: t.id({ description: 'An earlier upload; the shipped sample when absent.' }),
  }),
})

builder.mutationField('restoreDemand', (t) =>
  t.field({
    type: Uploads,
    nullable: true,
    description: 'Puts an earlier upload, or the shipped sample, in force again.',
    errors: { union: { name: 'RestoreDemandResult' } },
    authScopes: { may: 'uploadDemand' },
    args: { input: t.arg({ type: RestoreInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) => {
      const id = input.id ? parse(zId('dmd'), input.id) : undefined
      return restoreDemand(actor, { requestId: parse(zRequestId, input.requestId), id }, ports)
    },
  }),
)
