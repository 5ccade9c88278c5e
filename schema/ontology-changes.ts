import {
  type OntologyChanges as ChangesShape,
  type EntryChange as EntryShape,
  entryKinds,
  type FieldChange as FieldShape,
} from '#core/ontology/compare-ontologies.ts'
import { bumps, type BumpReason as ReasonShape, whys } from '#core/ontology/version-rules.ts'
import { builder } from './builder.ts'
import { languageArg, words } from './text.ts'

export const OntologyChanges = builder.objectRef<ChangesShape>('OntologyChanges')
const EntryChange = builder.objectRef<EntryShape>('OntologyEntryChange')
const FieldChange = builder.objectRef<FieldShape>('OntologyFieldChange')
export const BumpReason = builder.objectRef<ReasonShape>('OntologyBumpReason')

const EntryKind = builder.enumType('OntologyEntryKind', { values: entryKinds })
const ChangeKind = builder.enumType('OntologyChangeKind', {
  description: 'Deprecated and reinstated: a skill that left or came back into use.',
  values: ['added', 'removed', 'changed', 'deprecated', 'reinstated'] as const,
})
export const Bump = builder.enumType('OntologyBump', {
  description:
    'What a version rises by: major where something went or means something else, minor where something came or is related otherwise, patch where only words changed.',
  values: bumps,
})

OntologyChanges.implement({
  description: 'What differs between two versions.',
  fields: (t) => ({
    entries: t.field({
      type: [EntryChange],
      complexity: { multiplier: 20 },
      resolve: ({ entries }) => entries,
    }),
    head: t.field({
      type: [FieldChange],
      description: 'Title, licence, levels, code lists and the like.',
      resolve: ({ head }) => head,
    }),
  }),
})

EntryChange.implement({
  fields: (t) => ({
    kind: t.field({ type: EntryKind, resolve: ({ kind }) => kind }),
    slug: t.exposeString('id'),
    label: t.string({ args: languageArg, resolve: ({ label }, args) => words(label, args) }),
    change: t.field({ type: ChangeKind, resolve: ({ change }) => change }),
    replacedBy: t.string({ nullable: true, description: 'Slug.', resolve: ({ replacedBy }) => replacedBy }),
    fields: t.field({ type: [FieldChange], resolve: ({ fields }) => fields }),
  }),
})

FieldChange.implement({
  fields: (t) => ({
    path: t.exposeString('path'),
    before: t.string({ nullable: true, resolve: ({ before }) => before }),
    after: t.string({ nullable: true, resolve: ({ after }) => after }),
  }),
})

BumpReason.implement({
  description: 'A change, and what it makes of the version.',
  fields: (t) => ({
    bump: t.field({ type: Bump, resolve: ({ bump }) => bump }),
    kind: t.exposeString('kind'),
    slug: t.exposeString('id', { description: 'Empty for the head.' }),
    why: t.string({ description: `One of ${whys.join(', ')}.`, resolve: ({ why }) => why }),
  }),
})
