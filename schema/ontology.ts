import { compareOntologies } from '#core/ontology/compare-ontologies.ts'
import type { OntologyVersion as VersionShape } from '#core/ontology/ontology-version.ts'
import { type ResolvedSkill as ResolvedShape, resolveSkill } from '#core/ontology/resolve-skill.ts'
import { parse, zSlug } from '#core/parse.ts'
import type { Ontology as OntologyShape } from '#core/skills/ontology.ts'
import { builder } from './builder.ts'
import { OntologyChanges } from './ontology-changes.ts'
import { Skill } from './skills.ts'

const Ontology = builder.objectRef<OntologyShape>('Ontology')
const OntologyVersion = builder.objectRef<VersionShape>('OntologyVersion')
const ResolvedSkill = builder.objectRef<ResolvedShape>('ResolvedSkill')

Ontology.implement({
  description: 'A published version of the skills ontology.',
  fields: (t) => ({
    version: t.exposeString('version'),
    digest: t.exposeString('digest', { description: 'SHA-256 of the canonical form, lower-case hex.' }),
    inForce: t.boolean({ resolve: ({ version }, _args, { ports }) => version === ports.ontology.version }),
    licence: t.exposeString('licence'),
    attribution: t.exposeString('attribution'),
    skillCount: t.int({ resolve: ({ skills }) => skills.size }),
    moduleCount: t.int({ resolve: ({ modules }) => modules.size }),
    roleCount: t.int({ resolve: ({ roles }) => roles.size }),
    sectorCount: t.int({ resolve: ({ sectors }) => sectors.size }),
    address: t.string({
      description: 'SKOS as HTML, JSON-LD or Turtle, by Accept; stays for good.',
      resolve: ({ version }, _args, { ports }) => `${ports.settings.publicUrl}/ontology/${version}`,
    }),
    changes: t.field({
      type: OntologyChanges,
      nullable: true,
      description: 'Against the version it followed; null for the first.',
      complexity: 20,
      resolve: async (ontology, _args, { ports }) => {
        const header = await ports.store.findOntologyVersion(ontology.version)
        const before =
          header?.previous === undefined ? undefined : await ports.ontologies.find(header.previous)
        return before && compareOntologies(before, ontology)
      },
    }),
  }),
})

OntologyVersion.implement({
  description: 'One line of the list of published versions.',
  fields: (t) => ({
    version: t.exposeString('version'),
    digest: t.exposeString('digest'),
    publishedAt: t.field({ type: 'DateTime', resolve: ({ publishedAt }) => publishedAt }),
    previous: t.string({ nullable: true, resolve: ({ previous }) => previous }),
    title: t.string({
      nullable: true,
      description: 'What it is for; null for a version that came with the software.',
      resolve: ({ origin }) => (origin.kind === 'draft' ? origin.title : null),
    }),
    authors: t.stringList({ resolve: ({ origin }) => (origin.kind === 'draft' ? origin.authors : []) }),
    publishedBy: t.string({
      nullable: true,
      resolve: ({ origin }) => (origin.kind === 'draft' ? origin.publishedBy : null),
    }),
  }),
})

ResolvedSkill.implement({
  description: 'What the name of a skill in one version stands for, then and now.',
  fields: (t) => ({
    asIssued: t.field({
      type: Skill,
      nullable: true,
      description: 'As the version has it; null when the version or the skill is not known here.',
      resolve: ({ asIssued }) => asIssued?.skill,
    }),
    now: t.field({
      type: Skill,
      nullable: true,
      description: 'The skill of this name in the version in force.',
      resolve: ({ now }) => now,
    }),
    replacedBy: t.field({
      type: Skill,
      nullable: true,
      description: 'The live skill at the end of the chain of replacements.',
      resolve: ({ replacedBy }) => replacedBy,
    }),
  }),
})

builder.queryFields((t) => ({
  ontology: t.field({
    type: Ontology,
    nullable: true,
    args: { version: t.arg.string({ description: 'The one in force when absent.' }) },
    resolve: (_root, { version }, { ports }) =>
      version ? ports.ontologies.find(version.slice(0, 30)) : ports.ontology,
  }),
  ontologyVersions: t.field({
    type: [OntologyVersion],
    description: 'The latest first.',
    resolve: (_root, _args, { ports }) => ports.store.listOntologyVersions(),
  }),
  resolvedSkill: t.field({
    type: ResolvedSkill,
    args: {
      version: t.arg.string({ required: true }),
      slug: t.arg.string({ required: true }),
    },
    resolve: (_root, { version, slug }, { ports }) =>
      resolveSkill({ version: version.slice(0, 30), skill: parse(zSlug, slug) }, ports),
  }),
}))
