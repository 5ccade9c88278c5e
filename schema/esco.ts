import * as z from 'zod'
import { startEscoImport } from '#core/ontology/align-skill.ts'
import { parse, zRequestId } from '#core/parse.ts'
import type { EscoHeader, EscoHit, EscoImportState } from '#core/skills/esco/esco-catalogue.ts'
import { type MissingConcept, missingConcepts } from '#core/skills/esco/missing-concepts.ts'
import type { Mapping, Skill as SkillShape } from '#core/skills/ontology.ts'
import { plainSearch } from '#core/skills/plain-search.ts'
import { builder } from './builder.ts'
import { Role } from './roles.ts'
import { Skill } from './skills.ts'
import { languageArg } from './text.ts'

const Esco = builder.objectRef<EscoHeader>('Esco')
const EscoConcept = builder.objectRef<EscoHit>('EscoConcept')
const EscoAlignment = builder.objectRef<{ skill: SkillShape; mapping: Mapping }>('EscoAlignment')
const EscoMissingMatch = builder.objectRef<MissingConcept>('EscoMissingMatch')
const EscoImport = builder.objectRef<EscoImportState>('EscoImport')

const EscoKind = builder.enumType('EscoKind', { values: ['skill', 'occupation'] as const })
const zFirst = z.int().min(1).max(50)

Esco.implement({
  description: 'ESCO as it was imported here. Whoever shows it shows the acknowledgement too.',
  fields: (t) => ({
    acknowledgement: t.exposeString('acknowledgement'),
    changes: t.exposeString('changes', {
      description: 'What was changed of the data (Decision 2011/833/EU).',
    }),
    version: t.exposeString('version', {
      nullable: true,
      description: 'As whoever imported it said; the files do not.',
    }),
    digest: t.exposeString('digest', { description: 'SHA-256 of the files.' }),
    importedAt: t.field({ type: 'DateTime', resolve: ({ importedAt }) => importedAt }),
    languages: t.exposeStringList('languages'),
    skillCount: t.int({ resolve: ({ report }) => report.skills }),
    occupationCount: t.int({ resolve: ({ report }) => report.occupations }),
    concepts: t.field({
      type: [EscoConcept],
      description: 'Called so in the asked language, the best hit first.',
      complexity: { multiplier: 10 },
      args: {
        ...languageArg,
        search: t.arg.string({
          required: true,
          description:
            'Beginnings of words; case, accents and, where nothing is called so, one wrong letter do not matter. Plain words: signs of a search language are refused.',
        }),
        kind: t.arg({ type: EscoKind, defaultValue: 'skill', required: true }),
        first: t.arg.int({ defaultValue: 20, required: true, description: '1 to 50.' }),
      },
      resolve: (_esco, { search, language, kind, first }, { ports }) =>
        ports.esco.search({
          text: plainSearch(search, 'search'),
          language,
          kind,
          limit: parse(zFirst, first),
        }),
    }),
    missingMatches: t.field({
      type: [EscoMissingMatch],
      description:
        'Matches of skills and roles to concepts that the imported ESCO does not have, for concepts vanish between its versions.',
      complexity: { multiplier: 50 },
      resolve: (_esco, _args, { ports }) =>
        missingConcepts([...ports.ontology.skills.values(), ...ports.ontology.roles.values()], ports.esco),
    }),
    concept: t.field({
      type: EscoConcept,
      nullable: true,
      args: { uri: t.arg.string({ required: true }) },
      resolve: (_esco, { uri }, { ports }) => ports.esco.find(uri.slice(0, 200)),
    }),
  }),
})

EscoConcept.implement({
  fields: (t) => ({
    uri: t.exposeString('uri', { description: 'http, and never rewritten.' }),
    kind: t.string({ resolve: ({ kind }) => kind }),
    label: t.string({
      nullable: true,
      description: 'In the asked language, else in English; null for a concept that only relations name.',
      args: languageArg,
      resolve: ({ label }, { language }) => label[language.split('-')[0] ?? ''] ?? label['en'],
    }),
    alternativeLabels: t.stringList({
      args: languageArg,
      resolve: async ({ uri }, { language }, { ports }) =>
        (await ports.esco.find(uri))?.alternatives[language.split('-')[0] ?? ''] ?? [],
    }),
    alignments: t.field({
      type: [EscoAlignment],
      description: 'Skills of ours that name it, and how they relate.',
      resolve: ({ uri }, _args, { ports }) =>
        [...ports.ontology.skills.values()].flatMap((skill) =>
          skill.mappings.flatMap((mapping) => (mapping.uri === uri ? [{ skill, mapping }] : [])),
        ),
    }),
  }),
})

EscoAlignment.implement({
  fields: (t) => ({
    skill: t.field({ type: Skill, resolve: ({ skill }) => skill }),
    relation: t.string({
      description: 'SKOS, seen from our skill.',
      resolve: ({ mapping }) => mapping.relation,
    }),
  }),
})

EscoMissingMatch.implement({
  fields: (t) => ({
    skill: t.field({
      type: Skill,
      nullable: true,
      description: 'Null where a role is matched.',
      resolve: ({ id }, _args, { ports }) => ports.ontology.skills.get(id),
    }),
    role: t.field({
      type: Role,
      nullable: true,
      description: 'Null where a skill is matched.',
      resolve: ({ id }, _args, { ports }) => ports.ontology.roles.get(id),
    }),
    relation: t.string({
      description: 'SKOS, seen from ours.',
      resolve: ({ mapping }) => mapping.relation,
    }),
    uri: t.string({
      description: 'Of the concept that is not there.',
      resolve: ({ mapping }) => mapping.uri,
    }),
    label: t.string({
      nullable: true,
      description: 'As the match has it.',
      resolve: ({ mapping }) => mapping.label,
    }),
  }),
})

EscoImport.implement({
  description: 'How the import begun last goes.',
  fields: (t) => ({
    state: t.string({ description: 'running, done or failed.', resolve: ({ state }) => state }),
    startedAt: t.field({ type: 'DateTime', resolve: ({ startedAt }) => startedAt }),
    filesDone: t.int({ nullable: true, resolve: (state) => ('filesDone' in state ? state.filesDone : null) }),
    files: t.int({ nullable: true, resolve: (state) => ('files' in state ? state.files : null) }),
    message: t.string({ nullable: true, resolve: (state) => ('message' in state ? state.message : null) }),
  }),
})

builder.queryFields((t) => ({
  esco: t.field({
    type: Esco,
    nullable: true,
    description: 'Null while nothing was imported.',
    resolve: (_root, _args, { ports }) => ports.esco.header(),
  }),
  escoImport: t.field({
    type: EscoImport,
    nullable: true,
    authScopes: { may: 'curateOntology' },
    resolve: (_root, _args, { ports }) => ports.esco.lastImport(),
  }),
}))

const StartInput = builder.inputType('StartEscoImportInput', {
  fields: (t) => ({ requestId: t.string({ required: true }) }),
})
const Started = builder.objectRef<{ started: boolean }>('EscoImportStarted').implement({
  fields: (t) => ({ started: t.exposeBoolean('started') }),
})

builder.mutationField('startEscoImport', (t) =>
  t.field({
    type: Started,
    nullable: true,
    description:
      'Imports the folder of ESCO_DIR beside everything else. The same files again change nothing.',
    errors: { union: { name: 'StartEscoImportResult' } },
    authScopes: { may: 'curateOntology' },
    args: { input: t.arg({ type: StartInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      parse(zRequestId, input.requestId)
      await startEscoImport(actor, ports)
      return { started: true }
    },
  }),
)
