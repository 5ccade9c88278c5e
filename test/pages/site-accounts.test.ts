import { expect, test } from 'vitest'
import { practicalRoutes } from '#http/pages/practical.ts'
import { siteAccountRoutes } from '#http/pages/site-accounts.ts'
import { siteRoutes } from '#http/pages/sites.ts'
import { paperSite } from '#test/practicals/paper-site.ts'
import { sitesWorld } from '#test/practicals/sites-world.ts'
import { pageBrowser } from './page-browser.ts'

const mine = '/me/site-accounts'
const theirs = '/sites/one/accounts'

async function opened() {
  const accountPage = 'https://docs.example.org/accounts'
  const w = await sitesWorld((clock) => [
    paperSite('one', clock, { accountModel: 'individual', accountPage }),
    paperSite('two', clock, { killSwitch: 'Fire' }),
  ])
  const { actor, learner } = await w.enrolled()
  const routes = [siteAccountRoutes(w), siteRoutes(w), practicalRoutes(w)]
  return {
    w,
    learner,
    me: pageBrowser(routes, actor, w),
    operator: pageBrowser(routes, w.actor('site-operator'), w),
    nobody: pageBrowser(routes, undefined, w),
    start: `/practicals/start/${w.cohort.id}`,
  }
}

test('a learner is told that a site wants their own account and how to get one, names it, and runs there once it is confirmed', async () => {
  const { me, operator, learner, start } = await opened()
  const before = await me.text(start)
  expect(before).toContain('needs your own account there')
  expect(before).toContain('<a href="https://docs.example.org/accounts" rel="noopener">how to get one</a>')
  expect(before).toContain(`<a href="${mine}">name yours here</a>`)
  expect(before).not.toContain('Start the practical')
  expect(await me.text(`${start}?lang=fr`)).toContain('il vous y faut votre propre compte')

  expect((await me.post(mine, { site: 'one', user: ' u4711 ', consent: 'on' })).status).toBe(303)
  const named = await me.text(mine)
  expect(named).toContain('<strong>u4711</strong>')
  expect(named).toContain('waits to be confirmed')
  expect(named).not.toContain('two, ')
  expect(await me.text(`${mine}?lang=fr`)).toContain('attend d’être confirmé')
  expect(await me.text(start)).toContain('waits for the site’s operator to confirm it')

  expect(await operator.text('/sites')).toContain(`href="${theirs}"`)
  const listed = await operator.text(theirs)
  expect(listed).toContain(`${learner.person?.givenName} ${learner.person?.familyName}`)
  expect(listed).toContain('<input type="hidden" name="userName" value="u4711">')
  const confirm = (more: Record<string, string>) =>
    operator.post(theirs, { action: 'confirm', learnerId: learner.id, ...more })
  expect((await confirm({})).status).toBe(400)
  expect((await confirm({ userName: 'u4712' })).status).toBe(409)
  expect(await operator.text(theirs)).toContain('waits to be confirmed')
  expect((await confirm({ userName: 'u4711' })).status).toBe(303)
  expect((await confirm({ userName: 'u4711' })).status).toBe(409)
  expect(await operator.text(`${theirs}?lang=fr`)).toContain('confirmé')
  expect(await me.text(start)).toContain('Start the practical')

  expect((await me.post(mine, { site: 'one', action: 'remove' })).status).toBe(303)
  expect(await operator.text(theirs)).toContain('Nobody has named an account yet.')
})

test('the operator sees that two have named the same account, and that it can be confirmed for one', async () => {
  const { me, operator, w, learner } = await opened()
  await me.post(mine, { site: 'one', user: 'u4711', consent: 'on' })
  expect(await operator.text(theirs)).not.toContain('Somebody else has named')
  const second = await w.enrolled()
  const other = pageBrowser([siteAccountRoutes(w)], second.actor, w)
  expect((await other.post(mine, { site: 'one', user: 'u4711', consent: 'on' })).status).toBe(303)
  expect((await operator.text(theirs)).split('Somebody else has named this account too')).toHaveLength(3)
  expect(await operator.text(`${theirs}?lang=fr`)).toContain('Quelqu’un d’autre a aussi indiqué ce compte')
  const confirm = (learnerId: string) =>
    operator.post(theirs, { action: 'confirm', learnerId, userName: 'u4711' })
  expect((await confirm(second.learner.id)).status).toBe(303)
  const refused = await confirm(learner.id)
  expect(refused.status).toBe(409)
  expect(await refused.text()).toContain('confirmed as somebody else’s here')
})

test('the operator removes the account they were shown, not one that was named since', async () => {
  const { me, operator, w, learner } = await opened()
  await me.post(mine, { site: 'one', user: 'wrong', consent: 'on' })
  await me.post(mine, { site: 'one', action: 'remove' })
  await me.post(mine, { site: 'one', user: 'right', consent: 'on' })
  const remove = (userName: string) =>
    operator.post(theirs, { action: 'remove', learnerId: learner.id, userName })
  expect((await remove('wrong')).status).toBe(409)
  expect(await w.store.siteAccountsOf(learner.id)).toMatchObject([{ user: 'right' }])
  expect((await remove('right')).status).toBe(303)
  expect(await w.store.siteAccountsOf(learner.id)).toEqual([])
})

test.each([
  ['no consent', { site: 'one', user: 'u1' }, 400],
  ['a name with a command in it', { site: 'one', user: '$(id)', consent: 'on' }, 400],
  ['a name that leads elsewhere', { site: 'one', user: '../grade', consent: 'on' }, 400],
  ['a name of two lines', { site: 'one', user: 'a\nX-SLURM-USER-NAME: root', consent: 'on' }, 400],
  ['a site that wants no accounts', { site: 'two', user: 'u1', consent: 'on' }, 404],
  ['the token of another browser', { site: 'one', user: 'u1', consent: 'on', csrf: 'wrong' }, 403],
])('%s changes nothing', async (_title, form, status) => {
  const { me, w, learner } = await opened()
  expect((await me.post(mine, form)).status).toBe(status)
  expect(await w.store.siteAccountsOf(learner.id)).toEqual([])
})

test('learners see no account but their own, operators have none, and who is not signed in signs in first', async () => {
  const { me, operator, nobody, learner } = await opened()
  expect((await me.get(theirs)).status).toBe(403)
  expect((await me.post(theirs, { action: 'confirm', learnerId: learner.id })).status).toBe(403)
  expect((await operator.get(mine)).status).toBe(403)
  expect((await operator.get('/sites/three/accounts')).status).toBe(404)
  for (const path of [mine, theirs]) expect((await nobody.get(path)).status).toBe(401)
})
