import type { Practical } from '#core/practicals/practical.ts'
import { taskSeed } from '#core/practicals/run-secrets.ts'
import { builder } from './builder.ts'
import { Offering } from './offerings.ts'
import { languageArg, words } from './text.ts'

const PracticalTask = builder.objectRef<Practical>('PracticalTask')

PracticalTask.implement({
  description: 'What a practical asks: what a learner reads before the start, and where they begin.',
  fields: (t) => ({
    practical: t.string({ resolve: ({ id }) => id }),
    version: t.exposeInt('version'),
    specHash: t.exposeString('specHash', { description: 'SHA-256 of the canonical spec.' }),
    title: t.string({ args: languageArg, resolve: ({ title }, args) => words(title, args) }),
    description: t.string({
      args: languageArg,
      resolve: ({ description }, args) => words(description, args),
    }),
    instructions: t.stringList({
      description: 'In paragraphs.',
      args: languageArg,
      resolve: ({ instructions }, { language }) =>
        instructions?.[language.slice(0, 2) === 'fr' ? 'fr' : 'en'] ?? [],
    }),
    attemptsPerDay: t.exposeInt('attemptsPerDay'),
    example: t.field({
      type: 'JSON',
      description: 'A configuration to begin with; the caller’s own where each learner gets another task.',
      resolve: (practical, _args, { actor, ports }) =>
        practical.exampleFor(taskSeed(ports.signers, actor?.learnerId ?? 'nobody', practical.id)),
    }),
  }),
})

builder.objectField(Offering, 'practicalTask', (t) =>
  t.field({
    type: PracticalTask,
    nullable: true,
    description: 'The practical of its module, where one runs here.',
    resolve: ({ moduleId }, _args, { ports }) => {
      const id = ports.ontology.modules.get(moduleId)?.practical?.id
      return id === undefined ? null : ports.practicals.find(id)
    },
  }),
)
