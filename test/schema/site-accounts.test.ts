import { expect, test } from 'vitest'
import { fixedSites } from '#core/practicals/site.ts'
import { academy } from '#test/edge/academy.ts'
import { paperSite } from '#test/practicals/paper-site.ts'

test('over GraphQL a learner names an account with consent, an operator confirms it, the learner takes it back', async () => {
  const { graphql, tokenOf, ports, logged, answered } = await academy()
  Object.assign(ports, {
    sites: fixedSites([paperSite('one', ports.clock, { accountModel: 'individual' })]),
  })
  await ports.store.saveLearnerOnce('learner', {
    id: ports.random.id(ports.institutions.northLake.tag, 'lrn'),
    tenant: ports.institutions.northLake.tag,
    rev: 0,
    person: { givenName: 'Ada', familyName: 'Lindqvist', email: 'ada@example.org' },
    recognisedSkills: [],
  })
  const learner = await tokenOf('learner')
  const operator = await tokenOf('operator')
  const state = (consent: boolean, user: string) => `mutation { stateSiteAccount(input: {
    requestId: "state-one-${consent}", site: "one", user: "${user}", consent: ${consent} }) {
    __typename ... on SiteAccount { learnerId user state } ... on Refusal { code message } } }`
  const refused = await graphql(state(false, 'u4711'), { token: learner })
  expect(refused.data).toMatchObject({
    stateSiteAccount: { code: 'invalid_input', message: expect.stringContaining('consent') },
  })
  const stated = await graphql(state(true, 'u4711'), { token: learner })
  expect(stated.data).toMatchObject({ stateSiteAccount: { user: 'u4711', state: 'stated' } })
  const { learnerId } = (stated.data?.['stateSiteAccount'] ?? {}) as { learnerId: string }

  const listed = await graphql('{ siteAccounts(site: "one") { user learnerName state alsoNamedBy } }', {
    token: operator,
  })
  expect(listed.data).toEqual({
    siteAccounts: [
      { user: 'u4711', learnerName: expect.stringMatching(/\w \w/), state: 'stated', alsoNamedBy: 0 },
    ],
  })
  const on = (name: string, fields: string, more = '') => `mutation { ${name}(input: {
    requestId: "${name}-1${more.length}", site: "one", learnerId: "${learnerId}" ${more} }) {
    __typename ... on ${fields} ... on Refusal { code } } }`
  const confirm = on('confirmSiteAccount', 'SiteAccount { state }', 'userName: "u4711"')
  const unseen = on('confirmSiteAccount', 'SiteAccount { state }')
  expect((await graphql(unseen, { token: operator })).errors).toBeDefined()
  const other = on('confirmSiteAccount', 'SiteAccount { state }', 'userName: "somebody"')
  expect((await graphql(other, { token: operator })).data).toMatchObject({
    confirmSiteAccount: { code: 'state_conflict' },
  })
  expect((await graphql(confirm, { token: learner })).data).not.toMatchObject({
    confirmSiteAccount: { state: 'confirmed' },
  })
  expect((await graphql(confirm, { token: operator })).data).toMatchObject({
    confirmSiteAccount: { state: 'confirmed' },
  })
  const remove = on('removeSiteAccount', 'RemovedSiteAccount { site }')
  for (let time = 0; time < 2; time++)
    expect((await graphql(remove, { token: learner })).data).toMatchObject({
      removeSiteAccount: { __typename: 'RemovedSiteAccount', site: 'one' },
    })
  expect((await graphql('{ mySiteAccounts { user } }', { token: learner })).data).toEqual({
    mySiteAccounts: [],
  })
  expect(JSON.stringify([logged, answered])).not.toContain('u4711')
})
