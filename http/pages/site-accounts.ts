import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { parse } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import {
  confirmSiteAccount,
  type NamedSiteAccount,
  ownSiteAccounts,
  removeSiteAccount,
  siteAccountsAt,
  stateSiteAccount,
  zConfirmSiteAccount,
  zRemoveSiteAccount,
  zSiteAccountOf,
  zStateSiteAccount,
} from '#core/practicals/name-site-account.ts'
import type { SiteProfile } from '#core/practicals/site.ts'
import type { SiteAccount } from '#core/practicals/site-account.ts'
import { Refusal } from '#core/refusal.ts'
import { sessionOf } from '../session.ts'
import { emptyState, factList, field, note, tag } from './components.ts'
import { dateAndTime } from './dates.ts'
import { siteAccountWords } from './i18n/site-accounts.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type AccountPorts = Pick<Ports, 'store' | 'sites' | 'clock' | 'random'>
type Wrong = { status: 400 | 409; problem: 'wrong' | 'conflict' }

/** `/me/site-accounts` for learners, `/sites/{site}/accounts` for operators: whose account at a site is whose. */
export function siteAccountRoutes(ports: AccountPorts): Hono {
  const app = new Hono()

  app.get('/me/site-accounts', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    return minePage(c, ports)
  })

  app.post('/me/site-accounts', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const { action, requestId, site, user, consent } = fields
    const done = await unlessWrong(async () => {
      if (action === 'remove')
        await removeSiteAccount(
          actor,
          parse(zSiteAccountOf, { requestId, site, learnerId: actor.learnerId }),
          ports,
        )
      else
        await stateSiteAccount(
          actor,
          parse(zStateSiteAccount, {
            requestId,
            site,
            user: typeof user === 'string' ? user.trim() : user,
            consent: consent === 'on',
          }),
          ports,
        )
    })
    return done ? minePage(c, ports, done) : c.redirect(c.req.path, 303)
  })

  app.get('/sites/:site/accounts', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    return sitePage(c, ports)
  })

  app.post('/sites/:site/accounts', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const { action, requestId, learnerId, userName } = fields
    const done = await unlessWrong(async () => {
      const asked = { requestId, site: c.req.param('site'), learnerId }
      if (action === 'confirm')
        await confirmSiteAccount(actor, parse(zConfirmSiteAccount, { ...asked, userName }), ports)
      else if (action === 'remove')
        await removeSiteAccount(actor, parse(zRemoveSiteAccount, { ...asked, userName }), ports)
      else throw new Refusal('invalid_input', 'action: is not one there is.')
    })
    return done ? sitePage(c, ports, done) : c.redirect(c.req.path, 303)
  })
  return app
}

/** What the page says when it could not be done; other refusals have a page of their own. */
async function unlessWrong(act: () => Promise<void>): Promise<Wrong | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'invalid_input') return { status: 400, problem: 'wrong' }
    if (error.code === 'state_conflict') return { status: 409, problem: 'conflict' }
    throw error
  }
}

async function minePage(c: Context, ports: AccountPorts, wrong?: Wrong): Promise<Response> {
  const found = await ownSiteAccounts(sessionOf(c), ports)
  const hidden = hiddenFields(c, ports)
  const render = (language: Language) => {
    const words = siteAccountWords[language]
    return {
      title: words.mine,
      body: html`<h1>${words.mine}</h1>
<p class="lead">${words.lead}</p>
${wrong ? note(words[wrong.problem], 'bad') : ''}
${found.length === 0 ? emptyState(words.none) : html`<ul class="cards wide">${found.map(({ profile, account }) => siteCard(profile, account, hidden, language))}</ul>`}
<p class="actions"><a class="button quiet" href="/me">${words.back}</a></p>`,
    }
  }
  return sendPage(c, render, { status: wrong?.status ?? 200 })
}

function siteCard(
  { name, aiFactory, accountPage }: SiteProfile,
  account: SiteAccount | undefined,
  hidden: () => Html,
  language: Language,
): Html {
  const words = siteAccountWords[language]
  const site = html`${hidden()}<input type="hidden" name="site" value="${name}">`
  const how =
    accountPage === undefined ? '' : html`<p><a href="${accountPage}" rel="noopener">${words.how}</a></p>`
  return html`<li class="card"><h2>${name}, ${aiFactory} ${stateTag(account, language)}</h2>
${
  account
    ? html`${accountLine(account, language)}
<form method="post">${site}<p class="soft">${words.removeHint}</p>
<p class="actions"><button class="quiet" name="action" value="remove">${words.remove}</button></p></form>`
    : html`${how}<form method="post">${site}
${field({
  name: `user-${name}`,
  label: words.user,
  hint: words.userHint,
  control: () =>
    html`<input id="user-${name}" name="user" aria-describedby="user-${name}-hint" maxlength="64" pattern="[A-Za-z0-9_][A-Za-z0-9._\\-]*" autocapitalize="none" autocomplete="off" spellcheck="false" required>`,
})}
<label class="choice"><input type="checkbox" name="consent" required>${words.consent}</label>
<p class="actions"><button name="action" value="state">${words.state}</button></p></form>`
}</li>`
}

function accountLine({ user, statedAt }: SiteAccount, language: Language): Html {
  const words = siteAccountWords[language]
  return factList([
    [words.account, html`<strong>${user}</strong>, ${words.since(dateAndTime(statedAt, language))}`],
  ])
}

function stateTag(account: SiteAccount | undefined, language: Language): Html {
  const words = siteAccountWords[language]
  if (!account) return tag(words.absent)
  return account.state === 'confirmed' ? tag(words.confirmed, 'good') : tag(words.waits, 'wait')
}

async function sitePage(c: Context, ports: AccountPorts, wrong?: Wrong): Promise<Response> {
  const site = c.req.param('site') ?? ''
  const accounts = await siteAccountsAt(sessionOf(c), site, ports)
  const hidden = hiddenFields(c, ports)
  const render = (language: Language) => {
    const words = siteAccountWords[language]
    return {
      title: words.title(site),
      body: html`<h1>${words.title(site)}</h1>
<p class="lead">${words.operatorLead}</p>
${wrong ? note(words[wrong.problem], 'bad') : ''}
${accounts.length === 0 ? emptyState(words.nobody) : html`<ul class="cards wide">${accounts.map((account) => learnerCard(account, hidden, language))}</ul>`}
<p class="actions"><a class="button quiet" href="/sites#${site}">${words.sites}</a></p>`,
    }
  }
  return sendPage(c, render, { status: wrong?.status ?? 200 })
}

function learnerCard(account: NamedSiteAccount, hidden: () => Html, language: Language): Html {
  const words = siteAccountWords[language]
  const confirm =
    account.state === 'stated' ? html`<button name="action" value="confirm">${words.confirm}</button> ` : ''
  return html`<li class="card"><h2>${account.learnerName} ${stateTag(account, language)}</h2>
${accountLine(account, language)}
${account.alsoNamedBy > 0 ? note(words.alsoNamed(account.alsoNamedBy), 'wait') : ''}
<form method="post">${hidden()}<input type="hidden" name="learnerId" value="${account.learnerId}"><input type="hidden" name="userName" value="${account.user}">
<p class="actions">${confirm}<button class="quiet" name="action" value="remove">${words.unknown}</button></p></form></li>`
}
