import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type Actor, mayDo } from '#core/access/operations.ts'
import { demandInForce } from '#core/gaps/demand-sets.ts'
import { checkDimensions, type GapDimension, gapDimensions } from '#core/gaps/gap-slice.ts'
import { gapTable } from '#core/gaps/gap-table.ts'
import { gapTrend } from '#core/gaps/gap-trend.ts'
import { portfolioGap } from '#core/gaps/portfolio-gap.ts'
import { publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import { skillsGap } from '#core/gaps/skills-gap.ts'
import { funnelDimension, modulePerformance, trainingFunnel } from '#core/gaps/training-funnel.ts'
import { demandUploads, restoreDemand, uploadDemand } from '#core/gaps/upload-demand.ts'
import { blockingSkills } from '#core/gaps/what-blocks.ts'
import { platformTag } from '#core/ids.ts'
import { parse, zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { AskAnalytics } from '#schema/builder.ts'
import { readForm } from '../../read-form.ts'
import { checkCsrf, csrfField, sessionOf } from '../../session.ts'
import { emptyState } from '../components.ts'
import type { Language } from '../language.ts'
import { type Html, sendPage } from '../layout.ts'
import { signInFirst } from '../sign-in-first.ts'
import { hiddenFields } from '../signed-form.ts'
import { gapHeading, sliceAsked, snapshotAsked, type Tab } from './asked.ts'
import { demandCsv, demandView } from './demand.ts'
import { sliceAsCsv, tableAsCsv } from './export.ts'
import { funnelView } from './funnel.ts'
import { modulesView } from './modules.ts'
import { overviewForm, overviewView, readOverview } from './overview.ts'
import { portfolioView } from './portfolio.ts'
import { prerequisitesView } from './prerequisites.ts'
import { sheetView } from './sheet.ts'
import { sliceForm, sliceView } from './slice.ts'
import { gapWords } from './words.ts'

type GapPorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'settings'>

const snapshotsListed = 24

/** `/gaps` and what is below: the published skills gap, for programme managers; works without script. */
export function gapRoutes(ports: GapPorts, analytics: AskAnalytics): Hono {
  const app = new Hono()

  /** A page of the section for who is signed in; before the first snapshot it says how to make one. */
  async function show(
    c: Context,
    tab: Tab,
    read: (actor: Actor) => Promise<(language: Language) => Html>,
  ): Promise<Response> {
    const actor = sessionOf(c)
    if (!actor) return sendPage(c, (language) => signInFirst(language, c.req.path), { status: 401 })
    let body: ((language: Language) => Html) | undefined
    try {
      body = await read(actor)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'snapshot_missing') throw error
    }
    const publishing = tab === 'overview' ? publishForm(c, actor, ports) : undefined
    return sendPage(c, (language) => {
      const words = gapWords[language]
      return {
        title: tab === 'overview' ? words.title : `${words.tabs[tab]} · ${words.title}`,
        body: html`${gapHeading(tab, language)}${body ? body(language) : emptyState(words.noSnapshot)}${publishing?.(language) ?? ''}`,
      }
    })
  }

  app.get('/gaps', (c) =>
    show(c, 'overview', async (actor) => {
      const slice = sliceAsked(c)
      const asked = snapshotAsked(c)
      const snapshot = asked.snapshot
      const listed = () => ports.store.listSnapshots(snapshotsListed)
      if (Object.keys(slice).length > 0 || c.req.query('slice') !== undefined) {
        const gap = await analytics(actor, 'skillsGap', slice, () =>
          skillsGap(actor, { ...slice, ...asked }, ports),
        )
        const [trend, snapshots] = await Promise.all([gapTrend(actor, slice, ports), listed()])
        return (language) =>
          sliceView(
            gap,
            trend,
            sliceForm({ slice, snapshot }, snapshots, language, ports),
            { snapshot },
            language,
            ports,
          )
      }
      const { rows, columns } = dimensionsAsked(c)
      const by = columns ? [rows, columns] : [rows]
      const overview = await analytics(actor, 'gapTable', { by: by.join(',') }, () =>
        readOverview(actor, { by, ...asked }, ports),
      )
      const snapshots = await listed()
      return (language) =>
        overviewView(
          overview,
          {
            map: overviewForm({ rows, columns, snapshot }, snapshots, language),
            slice: sliceForm({ slice: {}, snapshot }, snapshots, language, ports),
          },
          { all: c.req.query('all') !== undefined, snapshot },
          language,
          ports,
        )
    }),
  )

  app.get('/gaps/modules', (c) =>
    show(c, 'modules', async (actor) => {
      const { sector, role } = sliceAsked(c)
      const slice = { ...(sector ? { sector } : {}), ...(role ? { role } : {}) }
      const rankBy = c.req.query('rank') === 'gpuHours' ? 'gpuHours' : 'hours'
      const [gap, performance] = await analytics(actor, 'modulePerformance', slice, () =>
        Promise.all([skillsGap(actor, { ...slice, rankBy }, ports), modulePerformance(actor, {}, ports)]),
      )
      return (language) => modulesView(gap, performance.modules, rankBy, language, ports)
    }),
  )

  app.get('/gaps/funnel', (c) =>
    show(c, 'funnel', async (actor) => {
      const by = funnelDimension(c.req.query('by') ?? 'sector')
      const funnel = await analytics(actor, 'trainingFunnel', { by }, () =>
        trainingFunnel(actor, { by }, ports),
      )
      return (language) => funnelView(funnel, by, language, ports)
    }),
  )

  app.get('/gaps/prerequisites', (c) =>
    show(c, 'prerequisites', async (actor) => {
      const { sector, role } = sliceAsked(c)
      const slice = { ...(sector ? { sector } : {}), ...(role ? { role } : {}) }
      const blocking = await analytics(actor, 'blockingSkills', slice, () =>
        blockingSkills(actor, slice, ports),
      )
      return (language) => prerequisitesView(blocking, slice, language, ports)
    }),
  )

  app.get('/gaps/portfolio', (c) =>
    show(c, 'portfolio', async (actor) => {
      const { sector, role } = sliceAsked(c)
      const slice = { ...(sector ? { sector } : {}), ...(role ? { role } : {}) }
      const portfolio = await analytics(actor, 'portfolioCoverage', slice, () => portfolioGap(slice, ports))
      return (language) => portfolioView(portfolio, slice, language, ports)
    }),
  )

  app.get('/gaps/demand', (c) => showDemand(c, undefined))

  async function showDemand(c: Context, outcome: Parameters<typeof demandView>[1]): Promise<Response> {
    return show(c, 'demand', async (actor) => {
      const uploads = await demandUploads(actor, ports)
      const hidden = mayDo(actor, 'uploadDemand', { tenant: platformTag })
        ? hiddenFields(c, ports)
        : undefined
      return (language) => demandView(uploads, outcome, hidden, language, ports)
    })
  }

  app.post('/gaps/demand', async (c) => {
    await checkCsrf(c)
    const { requestId, file, action } = await readForm(c)
    if (!(file instanceof File) || file.size === 0) return showDemand(c, 'missing')
    const dryRun = action !== 'upload'
    const bytes = new Uint8Array(await file.arrayBuffer())
    const asked = { requestId: parse(zRequestId, requestId), fileName: file.name, bytes, dryRun }
    const found = await uploadDemand(sessionOf(c), asked, ports)
    return showDemand(c, { ...found, dryRun, fileName: found.set?.fileName ?? file.name.slice(0, 80) })
  })

  app.post('/gaps/demand/restore', async (c) => {
    await checkCsrf(c)
    const { requestId, id } = await readForm(c)
    const asked = { requestId: parse(zRequestId, requestId), id: id ? parse(zId('dmd'), id) : undefined }
    await restoreDemand(sessionOf(c), asked, ports)
    return c.redirect('/gaps/demand', 303)
  })

  app.get('/gaps/demand.csv', async (c) => {
    await demandUploads(sessionOf(c), ports)
    const { rows } = await demandInForce(ports)
    return asFile(c, 'demand.csv', 'text/csv; charset=utf-8', demandCsv(rows))
  })

  /** A table where rows are named, else a slice: the same as the page it was asked from. */
  async function answerOf(c: Context) {
    const actor = sessionOf(c)
    const asked = snapshotAsked(c)
    if (c.req.query('rows') === undefined) {
      const slice = sliceAsked(c)
      return {
        slice: await analytics(actor, 'skillsGap', slice, () =>
          skillsGap(actor, { ...slice, ...asked }, ports),
        ),
      }
    }
    const { rows, columns } = dimensionsAsked(c)
    const by = columns ? [rows, columns] : [rows]
    return {
      table: await analytics(actor, 'gapTable', { by: by.join(',') }, () =>
        gapTable(actor, { by, ...asked }, ports),
      ),
    }
  }

  app.get('/gaps/export.csv', async (c) => {
    const found = await answerOf(c)
    const text = 'table' in found ? tableAsCsv(found.table) : sliceAsCsv(found.slice)
    return asFile(c, 'skills-gap.csv', 'text/csv; charset=utf-8', text)
  })

  app.get('/gaps/export.json', async (c) => {
    const found = await answerOf(c)
    const body = JSON.stringify('table' in found ? found.table : found.slice, null, 2)
    return asFile(c, 'skills-gap.json', 'application/json', body)
  })

  app.get('/gaps/sheet', async (c) => {
    if (!sessionOf(c)) return sendPage(c, (language) => signInFirst(language, '/gaps'), { status: 401 })
    const found = await answerOf(c)
    return sendPage(c, (language) => ({
      title: gapWords[language].title,
      body: sheetView(found, language, ports),
    }))
  })

  app.post('/gaps/publish', async (c) => {
    await checkCsrf(c)
    const form = await readForm(c)
    await publishSnapshot(sessionOf(c), { requestId: parse(zRequestId, form['requestId']) }, ports)
    return c.redirect('/gaps', 303)
  })

  return app
}

/** Which dimensions the address names for rows and columns; sector × domain when it names none. */
function dimensionsAsked(c: Context): { rows: GapDimension; columns: GapDimension | undefined } {
  const named = (name: 'rows' | 'columns', usual: GapDimension): GapDimension | undefined => {
    const asked = c.req.query(name)
    if (asked === undefined || asked === '')
      return c.req.query('rows') && name === 'columns' ? undefined : usual
    if (asked === 'none') return undefined
    const found = gapDimensions.find((dimension) => dimension === asked)
    if (!found) throw new Refusal('invalid_input', `${name}: is not one of the dimensions.`, { field: name })
    return found
  }
  const rows = named('rows', 'sector') ?? 'sector'
  const columns = named('columns', 'domain')
  checkDimensions(columns ? [rows, columns] : [rows], () => 'columns')
  return { rows, columns }
}

function asFile(c: Context, name: string, type: string, text: string): Response {
  c.header('Content-Type', type)
  c.header('Content-Disposition', `attachment; filename="${name}"`)
  c.header('Cache-Control', 'no-store')
  return c.body(text)
}

function publishForm(
  c: Context,
  actor: Actor,
  { random }: Pick<Ports, 'random'>,
): ((language: Language) => Html) | undefined {
  if (!mayDo(actor, 'publishSnapshot', { tenant: platformTag })) return undefined
  const csrf = csrfField(c)
  const requestId = Buffer.from(random.bytes(16)).toString('base64url')
  return (language) => {
    const words = gapWords[language]
    return html`<section class="no-print"><h2>${words.publishTitle}</h2>
<p>${words.publishText}</p>
<form method="post" action="/gaps/publish">${csrf}<input type="hidden" name="requestId" value="${requestId}">
<p class="actions"><button class="button quiet" type="submit">${words.publish}</button></p></form></section>`
  }
}
