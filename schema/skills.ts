import type { Mapping, SkillLevel as SkillLevelShape, Skill as SkillShape } from '#core/skills/ontology.ts'
import { levels } from '#core/skills/ontology.ts'
import { plainSearch } from '#core/skills/plain-search.ts'
import { inLearningOrder } from '#core/skills/prerequisites.ts'
import { builder } from './builder.ts'
import { connectList, listCost, pageArgs } from './connections.ts'
import { Module } from './modules.ts'
import { languageArg, words } from './text.ts'

export const Skill = builder.objectRef<SkillShape>('Skill')
export const SkillLevel = builder.objectRef<SkillLevelShape>('SkillLevel')
const SkillMapping = builder.objectRef<Mapping>('SkillMapping')

builder.node(Skill, {
  description: 'Something a person can do, in the published ontology.',
  id: { resolve: ({ id }) => id },
  loadOne: (slug, { ports }) => ports.ontology.skills.get(slug) ?? null,
  fields: (t) => ({
    slug: t.exposeString('id', { description: 'Permanent.' }),
    domain: t.exposeString('domain'),
    label: t.string({ args: languageArg, resolve: ({ label }, args) => words(label, args) }),
    description: t.string({
      args: languageArg,
      resolve: ({ description }, args) => words(description, args),
    }),
    emerging: t.exposeBoolean('emerging'),
    deprecated: t.boolean({ resolve: ({ status }) => status === 'deprecated' }),
    replacedBy: t.field({
      type: Skill,
      nullable: true,
      resolve: ({ replacedBy }, _args, { ports }) =>
        replacedBy === undefined ? null : ports.ontology.skills.get(replacedBy),
    }),
    requires: t.field({
      type: [SkillLevel],
      description: 'Needed before starting, all of them.',
      resolve: ({ requires }) => requires,
    }),
    prerequisites: t.field({
      type: [SkillLevel],
      description:
        'Everything needed before starting, at the highest level asked, in an order to learn it in.',
      complexity: { field: 1, multiplier: 20 },
      resolve: async ({ requires }, _args, { ports }) => {
        const closure = await ports.graph.closure(requires)
        return inLearningOrder(closure.keys(), ports.ontology.skills).map((skill) => ({
          skill,
          level: closure.get(skill) ?? levels[0],
        }))
      },
    }),
    mappings: t.field({ type: [SkillMapping], resolve: ({ mappings }) => mappings }),
    taughtBy: t.field({
      type: [Module],
      description: 'Modules with an outcome in this skill.',
      resolve: ({ id }, _args, { ports }) =>
        [...ports.ontology.modules.values()].filter(({ outcomes }) =>
          outcomes.some(({ skills }) => skills.some(({ skill }) => skill === id)),
        ),
    }),
  }),
})

SkillLevel.implement({
  description: 'A skill at a level.',
  fields: (t) => ({
    skill: t.field({
      type: Skill,
      nullable: true,
      description: 'Null when the ontology in force no longer has it.',
      resolve: ({ skill }, _args, { ports }) => ports.ontology.skills.get(skill),
    }),
    slug: t.exposeString('skill'),
    level: t.int({ description: '1 basic to 4 highly advanced.', resolve: ({ level }) => level }),
  }),
})

SkillMapping.implement({
  description: 'Where another vocabulary says the same, or nearly.',
  fields: (t) => ({
    relation: t.exposeString('relation', {
      description: 'SKOS: exactMatch, closeMatch, broadMatch, narrowMatch.',
    }),
    scheme: t.exposeString('scheme'),
    uri: t.exposeString('uri', { nullable: true }),
    notation: t.exposeString('notation', { nullable: true }),
    label: t.exposeString('label', { nullable: true }),
    approvedBy: t.string({
      nullable: true,
      description: 'Who approved it; versions before 0.3.0 do not say.',
      resolve: ({ approvedBy }) => approvedBy,
    }),
    approvedOn: t.string({
      nullable: true,
      description: 'YYYY-MM-DD',
      resolve: ({ approvedOn }) => approvedOn,
    }),
  }),
})

/** A skill and a level as an input. */
export const SkillLevelInput = builder.inputType('SkillLevelInput', {
  fields: (t) => ({
    skill: t.string({ required: true, description: 'Slug.' }),
    level: t.int({ required: true, description: `${levels[0]} to ${levels.at(-1)}.` }),
  }),
})

const SkillConnection = builder.connectionObject({ type: Skill, name: 'SkillConnection' })

builder.queryFields((t) => ({
  skill: t.field({
    type: Skill,
    nullable: true,
    args: { slug: t.arg.string({ required: true }) },
    resolve: (_root, { slug }, { ports }) => ports.ontology.skills.get(slug),
  }),
  skills: t.field({
    type: SkillConnection,
    args: {
      ...pageArgs,
      ...languageArg,
      domain: t.arg.string({ description: 'Slug of a domain.' }),
      search: t.arg.string({
        description:
          'Beginnings of words of the label in the asked language, at most 300 characters; the best hit first. Case and accents do not matter, nor, where nothing is called so, one wrong letter in words of four or more. Plain words: signs of a search language are refused.',
      }),
    },
    complexity: listCost,
    resolve: async (_root, { search, domain, ...args }, { ports }) => {
      const { skills } = ports.ontology
      const found = search?.trim()
        ? (
            await ports.graph.search({
              text: plainSearch(search, 'search'),
              language: args.language,
              limit: skills.size,
            })
          )
            .map((id) => skills.get(id))
            .filter((skill) => skill !== undefined)
        : [...skills.values()]
      return connectList(
        args,
        found.filter((skill) => !domain || skill.domain === domain),
      )
    },
  }),
}))
