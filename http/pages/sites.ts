import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { parse } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { isSiteAction, operateSite, type SiteAction, zOperateSite } from '#core/practicals/operate-site.ts'
import type { SiteControl, SiteState } from '#core/practicals/site-control.ts'
import { wantsOwnAccount } from '#core/practicals/site-options.ts'
import { type SiteOverview, siteOverviews } from '#core/practicals/site-overview.ts'
import { trainingCsv, trainingHours, zMonth } from '#core/practicals/training-report.ts'
import { Refusal } from '#core/refusal.ts'
import { sessionOf } from '../session.ts'
import { bullets, emptyState, factList, field, note, type Tone, table, tag } from './components.ts'
import { dateAndTime, shortNumber } from './dates.ts'
import { duration } from './duration.ts'
import { siteAccountWords } from './i18n/site-accounts.ts'
import { siteWords } from './i18n/sites.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type SitePorts = Pick<Ports, 'store' | 'sites' | 'clock' | 'random' | 'ontology'>

/** `/sites` and `/sites/report`: operators see, pause, drain and stop sites, and read what was run there. */
export function siteRoutes(ports: SitePorts): Hono {
  const app = new Hono()

  app.get('/sites', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, '/sites'), { status: 401 })
    return sitesPage(c, ports)
  })

  app.post('/sites/:site', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const { action, requestId, reason } = fields
    try {
      if (!isSiteAction(action)) throw new Refusal('invalid_input', 'action: is not one there is.')
      await operateSite(
        actor,
        action,
        parse(zOperateSite, { requestId, reason, site: c.req.param('site') }),
        ports,
      )
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.code === 'invalid_input') return sitesPage(c, ports, { status: 400, problem: 'wrong' })
      if (error.code === 'state_conflict') return sitesPage(c, ports, { status: 409, problem: 'conflict' })
      throw error
    }
    return c.redirect('/sites', 303)
  })

  app.get('/sites/report', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    return reportPage(c, ports)
  })

  app.get('/sites/report.csv', async (c) => {
    const { month, rows } = await reportOf(c, ports)
    c.header('Content-Disposition', `attachment; filename="training-hours-${month}.csv"`)
    c.header('Cache-Control', 'no-store')
    return c.body(trainingCsv(rows), 200, { 'Content-Type': 'text/csv; charset=utf-8' })
  })

  app.get('/sites/report.json', async (c) => {
    c.header('Cache-Control', 'no-store')
    return c.json(await reportOf(c, ports))
  })
  return app
}

async function sitesPage(
  c: Context,
  ports: SitePorts,
  wrong?: { status: 400 | 409; problem: 'wrong' | 'conflict' },
): Promise<Response> {
  const overviews = await siteOverviews(sessionOf(c), ports)
  const sites = await Promise.all(
    overviews.map(async (site) => ({
      site,
      history: await ports.store.siteControlHistory(site.profile.name),
    })),
  )
  const hidden = hiddenFields(c, ports)
  const now = ports.clock.now()
  const render = (language: Language) => {
    const words = siteWords[language]
    return {
      title: words.title,
      body: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${wrong ? note(words[wrong.problem], 'bad') : ''}
<p class="actions"><a class="button quiet" href="/sites/report">${words.report}</a></p>
${
  sites.length === 0
    ? emptyState(words.noSites)
    : html`<ul class="cards wide">${sites.map(({ site, history }) => siteCard(site, history, now, hidden, language))}</ul>`
}`,
    }
  }
  return sendPage(c, render, { status: wrong?.status ?? 200 })
}

const stateTones: Record<SiteState, Tone> = { open: 'good', paused: 'wait', draining: 'wait', stopped: 'bad' }

function siteCard(
  site: SiteOverview,
  history: readonly SiteControl[],
  now: Date,
  hidden: () => Html,
  language: Language,
): Html {
  const words = siteWords[language]
  const { profile, live, state } = site
  const { name, dataPolicy } = profile
  return html`<li class="card" id="${name}"><h2>${name} ${tag(words.states[state], stateTones[state])} ${tag(words.healths[site.health], site.health === 'up' ? 'good' : 'bad')}${site.listed ? '' : html` ${tag(words.left, 'wait')}`}</h2>
${factList([
  [words.aiFactory, profile.environment === 'local' ? words.here : profile.aiFactory],
  [words.said, site.reason],
  [words.attempts, words.counts(live.waiting, live.queued, live.running)],
  [
    words.oldest,
    site.oldestQueuedAt &&
      words.since(
        `${dateAndTime(site.oldestQueuedAt, language)} (${duration((now.getTime() - site.oldestQueuedAt.getTime()) / 1000, language)})`,
      ),
  ],
  [words.today, bullets(todayLines(site, language))],
  [words.partitions, bullets(partitionLines(site, language))],
  [
    words.policy,
    words.policyText(words.models[profile.accountModel], words.data[dataPolicy.accepts], dataPolicy.country),
  ],
  [words.calendar, bullets(calendarLines(site, now, language))],
])}
${wantsOwnAccount(profile) ? html`<p class="actions"><a class="button quiet" href="/sites/${name}/accounts">${siteAccountWords[language].link}</a></p>` : ''}
${profile.killSwitch === false ? changeForm(name, state, hidden, language) : note(words.killSwitch, 'bad')}
${
  history.length === 0
    ? ''
    : html`<details><summary>${words.history}</summary>${bullets(history.map((one) => historyLine(one, language)))}</details>`
}</li>`
}

function todayLines({ today: { held, used }, dayCap }: SiteOverview, language: Language): string[] {
  const words = siteWords[language]
  const minutes = (seconds: number) => shortNumber(Math.round(seconds / 60), language)
  return (['gpu', 'core'] as const).flatMap((unit) => {
    const name = `${unit}Seconds` as const
    const unitWord = unit === 'gpu' ? words.gpuMinutes : words.coreMinutes
    const [u, h] = [minutes(used[name]), minutes(held[name])]
    if (!dayCap) return used[name] + held[name] > 0 ? [words.uncapped(u, h, unitWord)] : []
    return dayCap[name] > 0 ? [words.compute(u, h, minutes(dayCap[name]), unitWord)] : []
  })
}

function partitionLines({ profile, waits }: SiteOverview, language: Language): string[] {
  const words = siteWords[language]
  return profile.partitions.map(({ name, gpus, cpus, arch, maxMinutes }) => {
    const wait = waits.find((one) => one.partition === name)?.expectedWaitSeconds
    const what = [
      gpus ? `${gpus.count} × ${gpus.type}` : '',
      cpus ? words.cores(cpus) : '',
      arch,
      wait === undefined ? words.noWait : words.wait(duration(wait, language)),
    ]
    return words.partition(name, what.filter(Boolean).join(', '), maxMinutes)
  })
}

function calendarLines({ profile }: SiteOverview, now: Date, language: Language): string[] {
  const words = siteWords[language]
  return profile.calendar
    .filter(({ to }) => to > now)
    .sort((a, b) => a.from.getTime() - b.from.getTime())
    .slice(0, 5)
    .map((entry) => {
      const [from, to] = [dateAndTime(entry.from, language), dateAndTime(entry.to, language)]
      return entry.kind === 'closed'
        ? words.closed(from, to, entry.reason)
        : words.reserved(from, to, entry.reservation)
    })
}

const historyLine = ({ state, at, by, reason }: SiteControl, language: Language): string => {
  const words = siteWords[language]
  return words.historyLine(words.states[state], at ? dateAndTime(at, language) : '', by ?? '', reason ?? '')
}

const possible: Record<SiteState, readonly SiteAction[]> = {
  open: ['pause', 'drain', 'stop'],
  paused: ['resume', 'drain', 'stop'],
  draining: ['resume', 'pause', 'stop'],
  stopped: ['resume', 'pause'],
}

function changeForm(name: string, state: SiteState, hidden: () => Html, language: Language): Html {
  const words = siteWords[language]
  const id = `reason-${name}`
  return html`<details><summary>${words.change(name)}</summary>
<form method="post" action="/sites/${name}">${hidden()}
<div class="field"><label for="${id}">${words.reason}</label><p class="hint" id="${id}-hint">${words.reasonHint}</p>
<input id="${id}" name="reason" minlength="3" maxlength="300" aria-describedby="${id}-hint" required></div>
${bullets(possible[state].map((action) => words.actionHints[action]))}
<p class="actions">${possible[state].map((action) => html`<button name="action" value="${action}"${action === 'resume' ? '' : html` class="quiet"`}>${words.actions[action]}</button> `)}</p></form></details>`
}

async function reportOf(c: Context, ports: SitePorts) {
  const month = parse(zMonth, c.req.query('month') ?? ports.clock.now().toISOString().slice(0, 7))
  return { month, rows: await trainingHours(sessionOf(c), month, ports) }
}

async function reportPage(c: Context, ports: SitePorts): Promise<Response> {
  const asked = c.req.query('month') ?? ports.clock.now().toISOString().slice(0, 7)
  const month = zMonth.safeParse(asked)
  const rows = await trainingHours(sessionOf(c), month.success ? month.data : '2000-01', ports)
  const render = (language: Language) => {
    const words = siteWords[language]
    const figure = (value: number) => shortNumber(value, language)
    const sum = (of: (row: (typeof rows)[number]) => number) =>
      figure(Math.round(rows.reduce((total, row) => total + of(row), 0) * 100) / 100)
    const lines = rows.map((row) => [
      row.site,
      html`${row.moduleTitle === '' ? row.module : row.moduleTitle}, ${row.institution}, ${row.startsOn}`,
      row.jobs,
      figure(row.runHours),
      figure(row.gpuHours),
      figure(row.coreHours),
      words.notCharged(figure(row.unchargedGpuHours), figure(row.unchargedCoreHours)),
    ])
    const last = [
      words.total,
      '',
      sum(({ jobs }) => jobs),
      sum(({ runHours }) => runHours),
      sum(({ gpuHours }) => gpuHours),
      sum(({ coreHours }) => coreHours),
      words.notCharged(
        sum(({ unchargedGpuHours }) => unchargedGpuHours),
        sum(({ unchargedCoreHours }) => unchargedCoreHours),
      ),
    ]
    const { columns } = words
    return {
      title: words.report,
      body: html`<h1>${words.report}</h1>
<p class="lead">${words.reportLead}</p>
<form method="get" action="/sites/report">${field({
        name: 'month',
        label: words.month,
        error: month.success ? undefined : words.badMonth,
        control: (attributes) =>
          html`<input ${attributes} type="month" value="${month.success ? month.data : ''}" required>`,
      })}<p class="actions"><button class="quiet">${words.show}</button></p></form>
${
  rows.length === 0
    ? emptyState(words.nothing)
    : table(
        `${words.report} ${asked}`,
        [
          { title: columns.site },
          { title: columns.programme },
          { title: columns.jobs, number: true },
          { title: columns.run, number: true },
          { title: columns.gpu, number: true },
          { title: columns.core, number: true },
          { title: columns.uncharged, number: true },
        ],
        [...lines, last],
      )
}
${
  month.success
    ? html`<p class="actions"><a class="button quiet" href="/sites/report.csv?month=${month.data}">${words.csv}</a> <a class="button quiet" href="/sites/report.json?month=${month.data}">${words.json}</a> <a class="button quiet" href="/sites">${words.back}</a></p>`
    : ''
}`,
    }
  }
  return sendPage(c, render, { status: month.success ? 200 : 400 })
}
