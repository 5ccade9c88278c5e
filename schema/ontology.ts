import type { Ontology as OntologyShape } from '#core/skills/ontology.ts'
import { builder } from './builder.ts'

const Ontology = builder.objectRef<OntologyShape>('Ontology')

Ontology.implement({
  description: 'The skills ontology in force.',
  fields: (t) => ({
    version: t.exposeString('version'),
    digest: t.exposeString('digest', { description: 'SHA-256 of the canonical form, lower-case hex.' }),
    licence: t.exposeString('licence'),
    attribution: t.exposeString('attribution'),
    skillCount: t.int({ resolve: ({ skills }) => skills.size }),
    moduleCount: t.int({ resolve: ({ modules }) => modules.size }),
    roleCount: t.int({ resolve: ({ roles }) => roles.size }),
    sectorCount: t.int({ resolve: ({ sectors }) => sectors.size }),
    address: t.string({
      description: 'SKOS as HTML, JSON-LD or Turtle, by Accept.',
      resolve: ({ version }, _args, { ports }) => `${ports.settings.publicUrl}/ontology/${version}/`,
    }),
  }),
})

builder.queryField('ontology', (t) =>
  t.field({ type: Ontology, resolve: (_root, _args, { ports }) => ports.ontology }),
)
