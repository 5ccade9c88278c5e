import { Refusal, refusalCodes } from '#core/refusal.ts'
import { builder } from './builder.ts'

const RefusalCode = builder.enumType('RefusalCode', {
  description: 'Every expected no. Codes are never renamed; new ones may come.',
  values: refusalCodes,
})

builder.objectType(Refusal, {
  name: 'Refusal',
  description: 'An expected no: nothing was changed.',
  fields: (t) => ({
    code: t.field({ type: RefusalCode, resolve: ({ code }) => code }),
    message: t.exposeString('message', { description: 'In English; names the field, never the value.' }),
    field: t.string({
      nullable: true,
      description: 'Dotted path of the input field it is about.',
      resolve: ({ field }) => field,
    }),
  }),
})
