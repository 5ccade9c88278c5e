import { editionNames, type EditionFile as FileShape } from '#core/editions/editions.ts'
import { parse, zId } from '#core/parse.ts'
import { builder } from './builder.ts'

const EditionFile = builder.objectRef<FileShape>('EditionFile')
const EditionName = builder.enumType('Edition', {
  values: Object.fromEntries(
    editionNames.map((edition) => [edition.replaceAll(/\W/g, '_'), { value: edition }]),
  ),
})

EditionFile.implement({
  description: 'One face of an award as a file.',
  fields: (t) => ({
    edition: t.string({ resolve: ({ edition }) => edition }),
    contentType: t.exposeString('contentType'),
    fileName: t.exposeString('fileName'),
    text: t.string({
      nullable: true,
      description: 'Null for pictures.',
      resolve: ({ bytes, contentType }) =>
        /^(image\/png|application\/pdf)$/.test(contentType) ? null : Buffer.from(bytes).toString('utf8'),
    }),
    base64: t.string({ resolve: ({ bytes }) => Buffer.from(bytes).toString('base64') }),
  }),
})

const DownloadEditionInput = builder.inputType('DownloadEditionInput', {
  fields: (t) => ({
    requestId: t.string({
      required: true,
      description: 'Any: the same edition of the same award is issued once, however often it is asked for.',
    }),
    awardId: t.id({ required: true }),
    edition: t.field({ type: EditionName, required: true }),
    language: t.string({
      description: 'Of the printed certificate, two letters; that of the course when absent.',
    }),
  }),
})

builder.mutationField('downloadEdition', (t) =>
  t.field({
    type: EditionFile,
    nullable: true,
    description: 'Issues an edition where that is needed, and answers it.',
    errors: { union: { name: 'DownloadEditionResult' } },
    authScopes: { may: 'downloadEdition' },
    complexity: 50,
    args: { input: t.arg({ type: DownloadEditionInput, required: true }) },
    resolve: async (_root, { input: { awardId, edition, language } }, { actor, ports }) => {
      // Seals, badges and the rules of the European model are loaded when an edition is asked for.
      const { makeEdition } = await import('#core/editions/make-edition.ts')
      return makeEdition(
        actor,
        {
          awardId: parse(zId('awd'), awardId),
          edition,
          ...(language && /^[a-z]{2}$/.test(language) ? { language } : {}),
        },
        ports,
      )
    },
  }),
)
