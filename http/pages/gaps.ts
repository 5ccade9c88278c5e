import { Hono } from 'hono'
import { html } from 'hono/html'
import { mayDo } from '#core/access/operations.ts'
import { gapTable } from '#core/gaps/gap-table.ts'
import { publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import { type SkillsGap, skillsGap } from '#core/gaps/skills-gap.ts'
import { platformTag } from '#core/ids.ts'
import { parse, zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { readForm } from '../read-form.ts'
import { checkCsrf, csrfField, sessionOf } from '../session.ts'
import { emptyState } from './components.ts'
import { answer, chooser, publishing, sectors } from './gap-view.ts'
import { gapWords } from './gap-words.ts'
import { sendPage } from './layout.ts'
import { namesAndNumbers } from './names-and-numbers.ts'
import { signInFirst } from './sign-in-first.ts'

type GapPorts = Pick<Ports, 'store' | 'ontology' | 'clock' | 'random' | 'settings'>

const snapshotsListed = 24

/** `/gaps`: the published skills gap by sector and role, for programme managers; works without script. */
export function gapRoutes(ports: GapPorts): Hono {
  const app = new Hono()

  app.get('/gaps', async (c) => {
    const actor = sessionOf(c)
    if (!actor) return sendPage(c, (language) => signInFirst(language, '/gaps'), { status: 401 })
    const asked = {
      sector: c.req.query('sector') || undefined,
      role: c.req.query('role') || undefined,
      snapshot: c.req.query('snapshot') || undefined,
    }
    const snapshot = asked.snapshot === undefined ? undefined : parse(zId('snp'), asked.snapshot)
    const question = (slice: { sector?: string | undefined; role?: string | undefined }) => ({
      ...(slice.sector === undefined ? {} : { sector: slice.sector }),
      ...(slice.role === undefined ? {} : { role: slice.role }),
      ...(snapshot === undefined ? {} : { snapshot }),
    })
    const bySector = async (role: string | undefined) => {
      const by = role === undefined ? (['sector'] as const) : (['sector', 'role'] as const)
      const { cells } = await gapTable(actor, { by, ...(snapshot === undefined ? {} : { snapshot }) }, ports)
      return cells.filter(({ column }) => role === undefined || column === role)
    }
    let gap: SkillsGap | undefined
    try {
      gap = await skillsGap(actor, question(asked), ports)
    } catch (error) {
      // Before the first snapshot the page says how to make one.
      if (!(error instanceof Refusal) || error.code !== 'snapshot_missing') throw error
    }
    const overview = gap && asked.sector === undefined ? await bySector(asked.role) : []
    const listed = await ports.store.listSnapshots(snapshotsListed)
    const publishForm = mayDo(actor, 'publishSnapshot', { tenant: platformTag })
      ? { csrf: csrfField(c), requestId: Buffer.from(ports.random.bytes(16)).toString('base64url') }
      : undefined

    return sendPage(c, (language) => {
      const words = gapWords[language]
      const show = namesAndNumbers(language, ports, words.hidden)
      return {
        title: words.title,
        body: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${chooser(asked, listed, language, ports)}
${gap ? html`${answer(gap, show, language)}${overview.length > 0 ? sectors(overview, asked.role, show, language) : ''}` : emptyState(words.noSnapshot)}
${publishForm ? publishing(publishForm, language) : ''}`,
      }
    })
  })

  app.post('/gaps/publish', async (c) => {
    await checkCsrf(c)
    const form = await readForm(c)
    await publishSnapshot(sessionOf(c), { requestId: parse(zRequestId, form['requestId']) }, ports)
    return c.redirect('/gaps', 303)
  })

  return app
}
