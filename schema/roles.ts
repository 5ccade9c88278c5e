import type {
  Role as RoleShape,
  RoleSkill as RoleSkillShape,
  Sector as SectorShape,
} from '#core/skills/ontology.ts'
import { builder } from './builder.ts'
import { connectList, listCost, pageArgs } from './connections.ts'
import { SkillLevel } from './skills.ts'
import { languageArg, words } from './text.ts'

export const Role = builder.objectRef<RoleShape>('Role')
const Sector = builder.objectRef<SectorShape>('Sector')
const RoleSkill = builder.objectRef<RoleSkillShape>('RoleSkill')

builder.node(Role, {
  description: 'A job, and the skills it asks for.',
  id: { resolve: ({ id }) => id },
  loadOne: (slug, { ports }) => ports.ontology.roles.get(slug) ?? null,
  fields: (t) => ({
    slug: t.exposeString('id'),
    label: t.string({ args: languageArg, resolve: ({ label }, args) => words(label, args) }),
    isco08: t.exposeString('isco08'),
    skills: t.field({ type: [RoleSkill], resolve: ({ skills }) => skills }),
  }),
})

RoleSkill.implement({
  fields: (t) => ({
    needed: t.field({ type: SkillLevel, resolve: ({ skill, level }) => ({ skill, level }) }),
    importance: t.exposeString('importance', { description: 'essential or optional.' }),
  }),
})

builder.node(Sector, {
  description: 'A part of the economy, and what it adds to roles.',
  id: { resolve: ({ id }) => id },
  loadOne: (slug, { ports }) => ports.ontology.sectors.get(slug) ?? null,
  fields: (t) => ({
    slug: t.exposeString('id'),
    label: t.string({ args: languageArg, resolve: ({ label }, args) => words(label, args) }),
    nace21: t.exposeStringList('nace21', { description: 'NACE Rev. 2.1.' }),
  }),
})

const RoleConnection = builder.connectionObject({ type: Role, name: 'RoleConnection' })
const SectorConnection = builder.connectionObject({ type: Sector, name: 'SectorConnection' })

builder.queryFields((t) => ({
  roles: t.field({
    type: RoleConnection,
    args: pageArgs,
    complexity: listCost,
    resolve: (_root, args, { ports }) => connectList(args, [...ports.ontology.roles.values()]),
  }),
  sectors: t.field({
    type: SectorConnection,
    args: pageArgs,
    complexity: listCost,
    resolve: (_root, args, { ports }) => connectList(args, [...ports.ontology.sectors.values()]),
  }),
}))
