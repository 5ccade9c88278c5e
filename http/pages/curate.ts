import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type Actor, authorise } from '#core/access/operations.ts'
import { type DraftId, platformTag } from '#core/ids.ts'
import { changeDraft } from '#core/ontology/change-draft.ts'
import type { OntologyDraft } from '#core/ontology/draft.ts'
import { importIntoDraft } from '#core/ontology/import-into-draft.ts'
import { judgeDraft } from '#core/ontology/judge-draft.ts'
import { publishDraft } from '#core/ontology/publish-draft.ts'
import { renewDraft } from '#core/ontology/renew-draft.ts'
import { returnDraft, submitDraft, withdrawDraft, zDraftReason } from '#core/ontology/review-draft.ts'
import { startDraft, zStartDraft } from '#core/ontology/start-draft.ts'
import { parse, zId, zRequestId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Page } from '#core/store.ts'
import { importAsked } from '../ontology-imports.ts'
import { sessionOf } from '../session.ts'
import { emptyState, field, table, tag } from './components.ts'
import { words } from './curate-words.ts'
import { longDate } from './dates.ts'
import { draftView, stateTones } from './draft-view.ts'
import type { Language } from './language.ts'
import { type Html, sendPage } from './layout.ts'
import { signInFirst } from './sign-in-first.ts'
import { hiddenFields, readSignedForm } from './signed-form.ts'

type CuratePorts = Pick<
  Ports,
  'store' | 'ontology' | 'ontologies' | 'graph' | 'clock' | 'random' | 'settings'
>

const draftsListed = 30

/** `/curate`: drafts of the ontology, from the first edit to a published version; for curators, without script. */
export function curateRoutes(ports: CuratePorts): Hono {
  const app = new Hono()

  app.get('/curate', async (c) => {
    const actor = sessionOf(c)
    if (!actor) return sendPage(c, (language) => signInFirst(language, '/curate'), { status: 401 })
    authorise(actor, 'curateOntology', { tenant: platformTag })
    return deskPage(c, ports)
  })

  app.post('/curate', async (c) => {
    const { actor, fields } = await readSignedForm(c)
    const input = parse(zStartDraft, { requestId: fields['requestId'], title: fields['title'] })
    const draft = await startDraft(actor, input, ports)
    return c.redirect(`/curate/${draft.id}`, 303)
  })

  app.get('/curate/:draft', (c) => draftPage(c, ports))

  app.get('/curate/:draft/file', async (c) => {
    const { draft } = await openDraft(c, ports)
    const name = c.req.query('name') ?? ''
    const content = (await ports.store.findDraftFiles(draft.id))?.get(name)
    if (content === undefined) throw new Refusal('not_found', 'The draft has no file of this name.')
    if (c.req.query('raw') !== undefined) {
      c.header('Content-Disposition', `attachment; filename="${name.replaceAll('/', '-')}"`)
      return c.body(content, 200, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Cache-Control': 'no-store',
      })
    }
    const hidden = hiddenFields(c, ports)
    return sendPage(c, (language) => ({
      title: name,
      body: fileForm(draft, name, content, hidden, language),
    }))
  })

  const step = (path: string, take: (actor: Actor, asked: Asked, fields: Fields) => Promise<unknown>) =>
    app.post(`/curate/:draft/${path}`, async (c) => {
      const { actor, fields } = await readSignedForm(c)
      const asked = { requestId: parse(zRequestId, fields['requestId']), draftId: draftIdOf(c) }
      try {
        await take(actor, asked, fields)
      } catch (error) {
        if (!(error instanceof Refusal) || words.en.refused[error.code] === undefined) throw error
        return draftPage(c, ports, error)
      }
      return c.redirect(`/curate/${asked.draftId}`, 303)
    })

  step('file', async (actor, asked, fields) => {
    const { name, upload, text } = fields
    const content = upload instanceof File && upload.size > 0 ? await upload.text() : text
    if (typeof name !== 'string' || typeof content !== 'string')
      throw new Refusal('invalid_input', 'text: is missing.', { field: 'text' })
    const edit = { kind: 'file' as const, name, text: content.replaceAll('\r\n', '\n') }
    await changeDraft(actor, { ...asked, edits: [edit], note: name }, ports)
  })
  app.post('/curate/:draft/import', async (c) => {
    const { actor } = await readSignedForm(c)
    try {
      // Read again as it was sent, for several files have one name.
      await importIntoDraft(actor, await importAsked(await c.req.formData(), c.req.param('draft')), ports)
    } catch (error) {
      if (!(error instanceof Refusal) || words.en.refused[error.code] === undefined) throw error
      return draftPage(c, ports, error)
    }
    return c.redirect(`/curate/${c.req.param('draft')}`, 303)
  })
  step('meaning', async (actor, asked, fields) => {
    const ticked = Object.keys(fields).flatMap((name) => /^meaning-(.*)$/.exec(name)?.[1] ?? [])
    await changeDraft(actor, { ...asked, edits: [], note: 'meaning', meaningChanged: ticked }, ports)
  })
  step('submit', (actor, asked) => submitDraft(actor, asked, ports))
  step('return', (actor, asked, fields) =>
    returnDraft(actor, parse(zDraftReason, { ...asked, reason: fields['reason'] }), ports),
  )
  step('renew', (actor, asked) => renewDraft(actor, asked, ports))
  step('publish', (actor, asked) => publishDraft(actor, asked, ports))
  step('withdraw', (actor, asked) => withdrawDraft(actor, asked, ports))
  return app
}

type Fields = Awaited<ReturnType<typeof readSignedForm>>['fields']
type Asked = { requestId: string; draftId: DraftId }

const draftIdOf = (c: Context): DraftId => parse(zId('drf'), c.req.param('draft'))

async function openDraft(
  c: Context,
  { store }: CuratePorts,
): Promise<{ actor: Actor; draft: OntologyDraft }> {
  const actor = sessionOf(c)
  authorise(actor, 'curateOntology', { tenant: platformTag })
  const draft = await store.findDraft(draftIdOf(c))
  if (!draft) throw new Refusal('not_found', 'There is no such draft.')
  return { actor, draft }
}

async function deskPage(c: Context, ports: CuratePorts): Promise<Response> {
  const after = c.req.query('after')
  const page = await ports.store.listDrafts({ limit: draftsListed, ...(after ? { cursor: after } : {}) })
  const hidden = hiddenFields(c, ports)
  return sendPage(c, (language) => {
    const text = words[language]
    return {
      title: text.title,
      body: html`<h1>${text.title}</h1>
<p class="lead">${text.lead}</p>
<p>${text.inForce(ports.ontology.version)} <a href="/ontology/${ports.ontology.version}">${text.seePublished(ports.ontology.version)}</a></p>
<h2>${text.drafts}</h2>
${page.items.length === 0 ? emptyState(text.noDrafts) : draftTable(page, language)}
<p><a href="/curate/esco">${text.escoTitle}</a></p>
<h2>${text.start}</h2>
<form method="post" action="/curate">${hidden()}
${field({
  name: 'title',
  label: text.startTitle,
  hint: text.startHint,
  control: (attributes) => html`<input ${attributes} required minlength="3" maxlength="200">`,
})}
<p class="actions"><button>${text.startButton}</button></p>
</form>`,
    }
  })
}

function draftTable({ items, cursor }: Page<OntologyDraft>, language: Language): Html {
  const text = words[language]
  const rows = items.map((draft) => [
    html`<a href="/curate/${draft.id}">${draft.title}</a>`,
    tag(text.states[draft.state], stateTones[draft.state]),
    draft.base,
    'version' in draft ? draft.version : '–',
    longDate(draft.createdAt, language),
  ])
  const columns = [text.draft, text.state, text.base, text.willBe, text.begun].map((title) => ({ title }))
  const more =
    cursor === undefined
      ? ''
      : html`<p><a href="/curate?${new URLSearchParams({ after: cursor }).toString()}">${text.more}</a></p>`
  return html`${table(text.drafts, columns, rows)}${more}`
}

async function draftPage(c: Context, ports: CuratePorts, refusal?: Refusal): Promise<Response> {
  const { actor, draft } = await openDraft(c, ports)
  const [files, base] = await Promise.all([
    ports.store.findDraftFiles(draft.id),
    ports.store.findOntologyContent(draft.base),
  ])
  const report = await judgeDraft(draft, files ?? new Map(), ports)
  const hidden = hiddenFields(c, ports)
  const page = {
    draft,
    files: files ?? new Map(),
    baseFiles: base?.files ?? new Map(),
    report,
    inForce: ports.ontology,
    actor,
    hidden,
  }
  return sendPage(
    c,
    (language) => ({
      title: draft.title,
      body: draftView(
        refusal
          ? {
              ...page,
              refused: { text: words[language].refused[refusal.code] ?? '', message: refusal.message },
            }
          : page,
        language,
      ),
    }),
    { status: refusal ? 409 : 200 },
  )
}

function fileForm(
  draft: OntologyDraft,
  name: string,
  content: string,
  hidden: () => Html,
  language: Language,
): Html {
  const text = words[language]
  return html`<h1><code>${name}</code></h1>
<p class="soft">${text.filesHint}</p>
<form method="post" action="/curate/${draft.id}/file" enctype="multipart/form-data">${hidden()}
<input type="hidden" name="name" value="${name}">
${field({
  name: 'text',
  label: text.text,
  control: (attributes) => html`<textarea ${attributes} rows="28" spellcheck="false" wrap="off">
${content}</textarea>`,
})}
${field({
  name: 'upload',
  label: text.orUpload,
  control: (attributes) => html`<input ${attributes} type="file" accept=".yaml,.yml,.csv,text/*">`,
})}
<p class="actions"><button>${text.save}</button> <a class="button quiet" href="/curate/${draft.id}">${text.back}</a></p>
</form>`
}
