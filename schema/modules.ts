import { findModules } from '#core/skills/find-modules.ts'
import type { LearningOutcome, Module as ModuleShape } from '#core/skills/ontology.ts'
import { plainSearch } from '#core/skills/plain-search.ts'
import { builder } from './builder.ts'
import { connectList, listCost, pageArgs } from './connections.ts'
import { SkillLevel } from './skills.ts'
import { languageArg, words } from './text.ts'

export const Module = builder.objectRef<ModuleShape>('Module')
const Outcome = builder.objectRef<LearningOutcome>('LearningOutcome')

builder.node(Module, {
  description: 'A short course that ends in an award.',
  id: { resolve: ({ id }) => id },
  loadOne: (slug, { ports }) => ports.ontology.modules.get(slug) ?? null,
  fields: (t) => ({
    slug: t.exposeString('id'),
    title: t.string({ args: languageArg, resolve: ({ title }, args) => words(title, args) }),
    description: t.string({
      args: languageArg,
      resolve: ({ description }, args) => words(description, args),
    }),
    targetGroups: t.exposeStringList('targetGroups'),
    eqfLevel: t.exposeInt('eqfLevel'),
    ects: t.exposeFloat('ects'),
    workloadHours: t.exposeFloat('workloadHours'),
    mode: t.exposeString('mode', { description: 'Form of participation.' }),
    assessment: t.exposeString('assessment'),
    passMarkPercent: t.exposeFloat('passMarkPercent', { description: 'At or above passes.' }),
    assessedByRun: t.exposeBoolean('assessedByRun', { description: 'A graded practical run alone decides.' }),
    secondAssessor: t.boolean({
      description: 'An assessor who decides otherwise than the run needs a second one.',
      resolve: ({ secondAssessor }) => secondAssessor === true,
    }),
    iscedF: t.exposeString('iscedF'),
    languages: t.exposeStringList('languages'),
    supervision: t.exposeString('supervision'),
    qualityAssurance: t.string({
      args: languageArg,
      resolve: ({ qualityAssurance }, args) => words(qualityAssurance, args),
    }),
    stackability: t.string({
      args: languageArg,
      resolve: ({ stackability }, args) => words(stackability.statement, args),
    }),
    entry: t.field({ type: [SkillLevel], resolve: ({ entry }) => entry }),
    outcomes: t.field({ type: [Outcome], resolve: ({ outcomes }) => outcomes }),
    practical: t.string({
      nullable: true,
      description: 'The practical that is shipped with the module.',
      resolve: ({ practical }) => practical?.id,
    }),
  }),
})

Outcome.implement({
  fields: (t) => ({
    statement: t.string({ args: languageArg, resolve: ({ statement }, args) => words(statement, args) }),
    skills: t.field({ type: [SkillLevel], resolve: ({ skills }) => skills }),
  }),
})

const ModuleConnection = builder.connectionObject({ type: Module, name: 'ModuleConnection' })

builder.queryFields((t) => ({
  module: t.field({
    type: Module,
    nullable: true,
    args: { slug: t.arg.string({ required: true }) },
    resolve: (_root, { slug }, { ports }) => ports.ontology.modules.get(slug),
  }),
  modules: t.field({
    type: ModuleConnection,
    args: {
      ...pageArgs,
      ...languageArg,
      targetGroup: t.arg.string({ description: 'Only modules for this group.' }),
      teaches: t.arg.string({ description: 'Only modules with an outcome in this skill (slug).' }),
      domain: t.arg.string({ description: 'Only modules that teach a skill of this domain (slug).' }),
      sector: t.arg.string({
        description: 'Only modules that teach a skill this sector adds to a role (slug).',
      }),
      eqfLevel: t.arg.int(),
      maxHours: t.arg.float({ description: 'Hours of work, at most.' }),
      practical: t.arg.boolean({ description: 'Only with, or only without a practical.' }),
      search: t.arg.string({
        description:
          'Beginnings of words of title, description, outcomes or names of skills taught. Plain words: signs of a search language are refused.',
      }),
    },
    description: 'By EQF level, then by slug.',
    complexity: listCost,
    resolve: (_root, args, { ports }) => {
      const { targetGroup, teaches, domain, sector, eqfLevel, maxHours, practical, search, language } = args
      const filter = {
        targetGroup: targetGroup ?? undefined,
        domain: domain ?? undefined,
        sector: sector ?? undefined,
        eqfLevel: eqfLevel ?? undefined,
        hours: maxHours ?? undefined,
        practical: practical ?? undefined,
        text: search ? plainSearch(search, 'search') : undefined,
      }
      const found = findModules(ports.ontology, filter, language).filter(
        ({ outcomes }) =>
          !teaches || outcomes.some(({ skills }) => skills.some(({ skill }) => skill === teaches)),
      )
      return connectList(args, found)
    },
  }),
}))
