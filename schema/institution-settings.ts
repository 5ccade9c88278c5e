import { authorise } from '#core/access/operations.ts'
import {
  changeInstitutionSettings,
  type InstitutionSettings as SettingsShape,
  zChangeInstitutionSettings,
} from '#core/institutions/institution-settings.ts'
import { parse } from '#core/parse.ts'
import { Refusal } from '#core/refusal.ts'
import { builder } from './builder.ts'
import { given } from './given.ts'

const InstitutionSettings = builder.objectRef<SettingsShape>('InstitutionSettings')

InstitutionSettings.implement({
  description: 'What an institution has chosen for itself.',
  fields: (t) => ({
    fourEyes: t.exposeBoolean('fourEyes', {
      description: 'A second registrar must agree before the status of an award changes or it is corrected.',
    }),
    endAskedBy: t.exposeString('endAskedBy', {
      nullable: true,
      description: 'Who wants four eyes to end; a second registrar must ask for it, too.',
    }),
  }),
})

builder.queryField('institutionSettings', (t) =>
  t.field({
    type: InstitutionSettings,
    nullable: true,
    description: 'Of the caller’s institution.',
    authScopes: { may: 'changeInstitution' },
    resolve: (_root, _args, { actor, ports }) => {
      if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
      authorise(actor, 'changeInstitution', { tenant: actor.tenant })
      return ports.store.institutionSettings(actor.tenant)
    },
  }),
)

const ChangeSettingsInput = builder.inputType('ChangeInstitutionSettingsInput', {
  fields: (t) => ({ requestId: t.string({ required: true }), fourEyes: t.boolean({ required: true }) }),
})

builder.mutationField('changeInstitutionSettings', (t) =>
  t.field({
    type: InstitutionSettings,
    nullable: true,
    description: 'One registrar can ask for four eyes; two must ask before they end.',
    errors: { union: { name: 'ChangeInstitutionSettingsResult' } },
    authScopes: { may: 'changeInstitution' },
    args: { input: t.arg({ type: ChangeSettingsInput, required: true }) },
    resolve: (_root, { input }, { actor, ports }) =>
      changeInstitutionSettings(actor, parse(zChangeInstitutionSettings, given(input)), ports),
  }),
)
