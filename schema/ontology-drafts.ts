import * as z from 'zod'
import { authorise } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import { alignSkill, unalignSkill, zAlignSkill, zUnalignSkill } from '#core/ontology/align-skill.ts'
import { changeDraft } from '#core/ontology/change-draft.ts'
import { type OntologyDraft as DraftShape, draftSteps } from '#core/ontology/draft.ts'
import type { Finding as FindingShape } from '#core/ontology/finding.ts'
import type { DraftReport as ReportShape } from '#core/ontology/judge-draft.ts'
import { renewDraft } from '#core/ontology/renew-draft.ts'
import {
  returnDraft,
  submitDraft,
  withdrawDraft,
  zDraftReason,
  zDraftRequest,
} from '#core/ontology/review-draft.ts'
import { startDraft, zStartDraft } from '#core/ontology/start-draft.ts'
import { parse, zId } from '#core/parse.ts'
import { builder } from './builder.ts'
import { connectStore, listCost, pageArgs } from './connections.ts'
import { given } from './given.ts'
import { Bump, BumpReason, OntologyChanges } from './ontology-changes.ts'

const Draft = builder.objectRef<DraftShape>('OntologyDraft')
const DraftEvent = builder.objectRef<DraftShape['history'][number]>('OntologyDraftEvent')
const SourceFile = builder.objectRef<{ name: string; text: string }>('OntologyFile')
const Report = builder.objectRef<ReportShape>('OntologyDraftReport')
const Finding = builder.objectRef<FindingShape>('OntologyFinding')

const DraftState = builder.enumType('OntologyDraftState', {
  values: { draft: {}, inReview: { value: 'in-review' }, published: {}, withdrawn: {} } as const,
})
const DraftStep = builder.enumType('OntologyDraftStep', { values: draftSteps })
const Severity = builder.enumType('OntologyFindingSeverity', { values: ['error', 'warning'] as const })

Draft.implement({
  description: 'A change of the ontology on its way to a version. For curators.',
  fields: (t) => ({
    id: t.exposeID('id'),
    title: t.exposeString('title'),
    base: t.exposeString('base', { description: 'The version it changes.' }),
    state: t.field({ type: DraftState, resolve: ({ state }) => state }),
    version: t.string({
      nullable: true,
      description: 'What it will be, or was, published as; null until it is submitted.',
      resolve: (draft) => ('version' in draft ? draft.version : null),
    }),
    revision: t.exposeInt('revision'),
    createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
    authors: t.exposeStringList('authors', { description: 'None of them may publish it.' }),
    meaningChanged: t.exposeStringList('meaningChanged', { description: 'Slugs of skills.' }),
    history: t.field({ type: [DraftEvent], resolve: ({ history }) => history }),
    files: t.field({
      type: [SourceFile],
      description: 'The source files; all of them, or those named.',
      args: { names: t.arg.stringList() },
      resolve: async ({ id }, { names }, { ports }) => {
        const files = await ports.store.findDraftFiles(id)
        return [...(files ?? [])]
          .filter(([name]) => !names || names.includes(name))
          .map(([name, text]) => ({ name, text }))
      },
    }),
    report: t.field({
      type: Report,
      description: 'The eleven rules, and what would change.',
      complexity: 200,
      resolve: async (draft, _args, { ports }) => {
        const { judgeDraft } = await import('#core/ontology/judge-draft.ts')
        return judgeDraft(draft, (await ports.store.findDraftFiles(draft.id)) ?? new Map(), ports)
      },
    }),
  }),
})

DraftEvent.implement({
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    by: t.exposeString('by'),
    what: t.field({ type: DraftStep, resolve: ({ what }) => what }),
    note: t.string({ nullable: true, resolve: ({ note }) => note }),
  }),
})

SourceFile.implement({
  fields: (t) => ({ name: t.exposeString('name'), text: t.exposeString('text') }),
})

Report.implement({
  fields: (t) => ({
    sound: t.boolean({
      description: 'No rule found an error.',
      resolve: ({ proposal }) => proposal !== undefined,
    }),
    findings: t.field({
      type: [Finding],
      args: { severity: t.arg({ type: Severity }) },
      resolve: ({ findings }, { severity }) =>
        findings.filter((finding) => !severity || finding.severity === severity),
    }),
    version: t.string({
      nullable: true,
      description: 'What it would be published as.',
      resolve: ({ proposal }) => proposal?.version,
    }),
    bump: t.field({ type: Bump, nullable: true, resolve: ({ proposal }) => proposal?.bump }),
    reasons: t.field({ type: [BumpReason], resolve: ({ proposal }) => proposal?.reasons ?? [] }),
    changes: t.field({ type: OntologyChanges, nullable: true, resolve: ({ proposal }) => proposal?.changes }),
  }),
})

Finding.implement({
  description: 'What a rule found.',
  fields: (t) => ({
    rule: t.exposeInt('rule', { description: '1 to 11; 0 for a file of the wrong shape.' }),
    severity: t.field({ type: Severity, resolve: ({ severity }) => severity }),
    file: t.exposeString('file'),
    path: t.string({ description: 'Key path, with dots.', resolve: ({ path }) => path.join('.') }),
    line: t.int({ nullable: true, resolve: ({ line }) => line }),
    message: t.exposeString('message'),
  }),
})

const DraftConnection = builder.connectionObject({ type: Draft, name: 'OntologyDraftConnection' })

builder.queryFields((t) => ({
  ontologyDrafts: t.field({
    type: DraftConnection,
    nullable: true,
    description: 'Newest first.',
    authScopes: { may: 'curateOntology' },
    args: pageArgs,
    complexity: listCost,
    resolve: (_root, args, { actor, ports }) => {
      authorise(actor, 'curateOntology', { tenant: platformTag })
      return connectStore(args, (page) => ports.store.listDrafts(page))
    },
  }),
  ontologyDraft: t.field({
    type: Draft,
    nullable: true,
    authScopes: { may: 'curateOntology' },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, { actor, ports }) => {
      authorise(actor, 'curateOntology', { tenant: platformTag })
      return ports.store.findDraft(parse(zId('drf'), id))
    },
  }),
}))

const StartInput = builder.inputType('StartOntologyDraftInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    title: t.string({ required: true, description: 'What the change is for; published with the version.' }),
  }),
})
const FileInput = builder.inputType('OntologyFileInput', {
  fields: (t) => ({
    name: t.string({ required: true, description: 'ontology.yaml, skills/inference.yaml, …' }),
    text: t.string({ required: true }),
  }),
})
const EditInput = builder.inputType('EditOntologyDraftInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    draftId: t.id({ required: true }),
    files: t.field({ type: [FileInput], description: 'Each replaces the file of its name.' }),
    meaningChanged: t.stringList({
      description: 'Slugs of skills that mean something else now; replaces the list.',
    }),
  }),
})
const ImportFormat = builder.enumType('OntologyImportFormat', { values: ['case', 'csv'] as const })
const ImportInput = builder.inputType('ImportIntoOntologyDraftInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    draftId: t.id({ required: true }),
    format: t.field({ type: ImportFormat, required: true }),
    files: t.field({ type: [FileInput], required: true }),
    domain: t.string({ description: 'Where new skills go that name no domain.' }),
    approvedBy: t.string({ description: 'Of mappings that do not say who approved them.' }),
  }),
})
const AlignInput = builder.inputType('AlignSkillInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    draftId: t.id({ required: true }),
    skill: t.string({ required: true, description: 'Slug.' }),
    scheme: t.string({ required: true, description: 'esco or hpccf.' }),
    target: t.string({ required: true, description: 'Address of an ESCO skill, or a code as K1.1.' }),
    relation: t.string({ required: true, description: 'exactMatch, closeMatch, broadMatch or narrowMatch.' }),
    approvedBy: t.string({ required: true, description: 'In words that may be published.' }),
  }),
})
const UnalignInput = builder.inputType('UnalignSkillInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    draftId: t.id({ required: true }),
    skill: t.string({ required: true }),
    scheme: t.string({ required: true }),
    target: t.string({ required: true }),
  }),
})
const StepInput = builder.inputType('OntologyDraftInput', {
  fields: (t) => ({ requestId: t.string({ required: true }), draftId: t.id({ required: true }) }),
})
const ReturnInput = builder.inputType('ReturnOntologyDraftInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    draftId: t.id({ required: true }),
    reason: t.string({ required: true }),
  }),
})

const zEdit = zDraftRequest.extend({
  files: z
    .array(z.object({ name: z.string().max(100), text: z.string() }))
    .max(40)
    .nullish(),
  meaningChanged: z.array(z.string().max(80)).max(500).nullish(),
})

builder.mutationFields((t) => ({
  startOntologyDraft: t.field({
    type: Draft,
    nullable: true,
    errors: { union: { name: 'StartOntologyDraftResult' } },
    authScopes: { may: 'curateOntology' },
    args: { input: t.arg({ type: StartInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) => startDraft(actor, parse(zStartDraft, input), ports),
  }),
  editOntologyDraft: t.field({
    type: Draft,
    nullable: true,
    errors: { union: { name: 'EditOntologyDraftResult' } },
    authScopes: { may: 'curateOntology' },
    args: { input: t.arg({ type: EditInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) => {
      const { files, meaningChanged, ...asked } = parse(zEdit, input)
      const edits = (files ?? []).map(({ name, text }) => ({ kind: 'file' as const, name, text }))
      const note = edits.map(({ name }) => name).join(', ')
      return changeDraft(
        actor,
        { ...asked, edits, note, ...(meaningChanged ? { meaningChanged } : {}) },
        ports,
      )
    },
  }),
  importIntoOntologyDraft: t.field({
    type: Draft,
    nullable: true,
    description:
      'A CASE package or the curators’ tables, as text. Packages longer than a request may be go to POST /ontology/drafts/{id}/import.',
    errors: { union: { name: 'ImportIntoOntologyDraftResult' } },
    authScopes: { may: 'curateOntology' },
    args: { input: t.arg({ type: ImportInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { importIntoDraft, zImportIntoDraft } = await import('#core/ontology/import-into-draft.ts')
      return importIntoDraft(actor, parse(zImportIntoDraft, given(input)), ports)
    },
  }),
  alignSkill: t.field({
    type: Draft,
    nullable: true,
    description:
      'Says in a draft how a skill relates to an ESCO concept or an HPC-CF code, and who approved it, today.',
    errors: { union: { name: 'AlignSkillResult' } },
    authScopes: { may: 'curateOntology' },
    args: { input: t.arg({ type: AlignInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) => alignSkill(actor, parse(zAlignSkill, input), ports),
  }),
  unalignSkill: t.field({
    type: Draft,
    nullable: true,
    errors: { union: { name: 'UnalignSkillResult' } },
    authScopes: { may: 'curateOntology' },
    args: { input: t.arg({ type: UnalignInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) => unalignSkill(actor, parse(zUnalignSkill, input), ports),
  }),
  submitOntologyDraft: t.field({
    type: Draft,
    nullable: true,
    description: 'Hands it to another curator; the version is raised as the rules ask.',
    errors: { union: { name: 'SubmitOntologyDraftResult' } },
    authScopes: { may: 'curateOntology' },
    args: { input: t.arg({ type: StepInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) => submitDraft(actor, parse(zDraftRequest, input), ports),
  }),
  returnOntologyDraft: t.field({
    type: Draft,
    nullable: true,
    errors: { union: { name: 'ReturnOntologyDraftResult' } },
    authScopes: { may: 'curateOntology' },
    args: { input: t.arg({ type: ReturnInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) => returnDraft(actor, parse(zDraftReason, input), ports),
  }),
  renewOntologyDraft: t.field({
    type: Draft,
    nullable: true,
    description: 'Lays it over the version in force, when another was published since it was begun.',
    errors: { union: { name: 'RenewOntologyDraftResult' } },
    authScopes: { may: 'curateOntology' },
    args: { input: t.arg({ type: StepInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) => renewDraft(actor, parse(zDraftRequest, input), ports),
  }),
  publishOntologyDraft: t.field({
    type: Draft,
    nullable: true,
    description: 'By a curator who had no part in it; its version is in force from then on.',
    errors: { union: { name: 'PublishOntologyDraftResult' } },
    authScopes: { may: 'curateOntology' },
    args: { input: t.arg({ type: StepInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { publishDraft } = await import('#core/ontology/publish-draft.ts')
      return publishDraft(actor, parse(zDraftRequest, input), ports)
    },
  }),
  withdrawOntologyDraft: t.field({
    type: Draft,
    nullable: true,
    errors: { union: { name: 'WithdrawOntologyDraftResult' } },
    authScopes: { may: 'curateOntology' },
    args: { input: t.arg({ type: StepInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) => withdrawDraft(actor, parse(zDraftRequest, input), ports),
  }),
}))
