import { parse } from '#core/parse.ts'
import type { NamedSiteAccount } from '#core/practicals/name-site-account.ts'
import type { SiteAccount as AccountShape } from '#core/practicals/site-account.ts'
import { builder } from './builder.ts'

/** Loaded when somebody asks: few sites want an account of each learner. */
const naming = () => import('#core/practicals/name-site-account.ts')

const SiteAccount = builder.objectRef<
  AccountShape & Partial<Pick<NamedSiteAccount, 'learnerName' | 'alsoNamedBy'>>
>('SiteAccount')

const RemovedSiteAccount = builder.objectRef<{ site: string; learnerId: string }>('RemovedSiteAccount')

RemovedSiteAccount.implement({
  fields: (t) => ({ site: t.exposeString('site'), learnerId: t.exposeID('learnerId') }),
})

SiteAccount.implement({
  description:
    'A learner’s own account at a site that wants one for each. Work runs under it once it is confirmed; grading never does.',
  fields: (t) => ({
    learnerId: t.exposeID('learnerId'),
    learnerName: t.string({
      nullable: true,
      description: 'For operators, who compare it with their records.',
      resolve: ({ learnerName }) => learnerName,
    }),
    alsoNamedBy: t.int({
      nullable: true,
      description: 'For operators: how many others have named the same account. It can be confirmed for one.',
      resolve: ({ alsoNamedBy }) => alsoNamedBy,
    }),
    site: t.exposeString('site'),
    user: t.exposeString('user', { description: 'User name there.' }),
    state: t.exposeString('state', {
      description:
        'stated: the learner has named it and agreed to its use. confirmed: an operator knows it as theirs.',
    }),
    statedAt: t.field({ type: 'DateTime', resolve: ({ statedAt }) => statedAt }),
    confirmedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ confirmedAt }) => confirmedAt }),
  }),
})

builder.queryFields((t) => ({
  mySiteAccounts: t.field({
    type: [SiteAccount],
    nullable: true,
    description: 'The caller’s own accounts at sites.',
    authScopes: { may: 'nameSiteAccount' },
    resolve: async (_root, _args, { actor, ports }) => {
      const { ownSiteAccounts } = await naming()
      return (await ownSiteAccounts(actor, ports)).flatMap(({ account }) => account ?? [])
    },
  }),
  siteAccounts: t.field({
    type: [SiteAccount],
    nullable: true,
    description: 'What learners have named at a site, for its operators; what waits to be confirmed first.',
    authScopes: { may: 'operateSites' },
    args: { site: t.arg.string({ required: true }) },
    resolve: async (_root, { site }, { actor, ports }) => (await naming()).siteAccountsAt(actor, site, ports),
  }),
}))

const StateSiteAccountInput = builder.inputType('StateSiteAccountInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    site: t.string({ required: true }),
    user: t.string({ required: true, description: 'User name at the site; never a password.' }),
    consent: t.boolean({
      required: true,
      description:
        'True: practicals may run under the account, and the site’s operator sees the learner’s name beside it.',
    }),
  }),
})

const SiteAccountInput = builder.inputType('SiteAccountInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    site: t.string({ required: true }),
    learnerId: t.id({ required: true }),
    userName: t.string({
      description: 'The user name that is meant. Refused when the learner names another by now.',
    }),
  }),
})

const ConfirmSiteAccountInput = builder.inputType('ConfirmSiteAccountInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    site: t.string({ required: true }),
    learnerId: t.id({ required: true }),
    userName: t.string({
      required: true,
      description: 'The user name that was compared. Refused when the learner names another by now.',
    }),
  }),
})

builder.mutationFields((t) => ({
  stateSiteAccount: t.field({
    type: SiteAccount,
    nullable: true,
    description: 'A learner names their own account at a site that wants one, and agrees to its use.',
    errors: { union: { name: 'StateSiteAccountResult' } },
    authScopes: { may: 'nameSiteAccount' },
    args: { input: t.arg({ type: StateSiteAccountInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { stateSiteAccount, zStateSiteAccount } = await naming()
      return stateSiteAccount(actor, parse(zStateSiteAccount, { ...input }), ports)
    },
  }),
  confirmSiteAccount: t.field({
    type: SiteAccount,
    nullable: true,
    description: 'An operator says that the account is the learner’s: from now on work runs under it.',
    errors: { union: { name: 'ConfirmSiteAccountResult' } },
    authScopes: { may: 'operateSites' },
    args: { input: t.arg({ type: ConfirmSiteAccountInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { confirmSiteAccount, zConfirmSiteAccount } = await naming()
      return confirmSiteAccount(actor, parse(zConfirmSiteAccount, { ...input }), ports)
    },
  }),
  removeSiteAccount: t.field({
    type: RemovedSiteAccount,
    nullable: true,
    description:
      'The learner takes the account back, or an operator does not know it as theirs. Nothing more is sent under it.',
    errors: { union: { name: 'RemoveSiteAccountResult' } },
    authScopes: { mayAny: ['nameSiteAccount', 'operateSites'] },
    args: { input: t.arg({ type: SiteAccountInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { removeSiteAccount, zRemoveSiteAccount } = await naming()
      const { userName, ...whose } = input
      const asked = parse(zRemoveSiteAccount, userName == null ? whose : { ...whose, userName })
      await removeSiteAccount(actor, asked, ports)
      return asked
    },
  }),
}))
