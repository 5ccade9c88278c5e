import { Hono } from 'hono'
import { importIntoDraft, zImportIntoDraft } from '#core/ontology/import-into-draft.ts'
import { parse } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Authenticator } from './authenticate.ts'
import type { AcademyEnv } from './environment.ts'

/**
 * `POST /ontology/drafts/{draft}/import` with a bearer token: a CASE package or the curators' tables into a draft, as
 * a form with `requestId`, `format`, `domain`, `approvedBy` and one `file` or several. GraphQL takes no files.
 */
export function ontologyImportRoutes(
  ports: Pick<Ports, 'store' | 'ontologies' | 'clock' | 'settings'>,
  authenticator: Pick<Authenticator, 'actorOf'>,
): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()
  app.post('/ontology/drafts/:draft/import', async (c) => {
    const actor = await authenticator.actorOf(c.req.header('authorization'))
    // Before the body is read: files are large, and only curators send them.
    if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
    const form = await c.req.formData().catch((cause: unknown) => {
      throw new Refusal('invalid_input', 'The form cannot be read.', { cause })
    })
    const draft = await importIntoDraft(actor, await importAsked(form, c.req.param('draft')), ports)
    const { id, revision, history } = draft
    return c.json({ id, revision, report: history.at(-1)?.note ?? '' })
  })
  return app
}

/** The form of an import, of the page and of the API. */
export async function importAsked(form: FormData, draftId: string) {
  const files = form.getAll('file').filter((one) => one instanceof File && one.size > 0) as File[]
  const text = (name: string) => {
    const value = form.get(name)
    return typeof value === 'string' && value !== '' ? { [name]: value } : {}
  }
  return parse(zImportIntoDraft, {
    requestId: form.get('requestId'),
    draftId,
    format: form.get('format'),
    files: await Promise.all(files.map(async (file) => ({ name: file.name, text: await file.text() }))),
    ...text('domain'),
    ...text('approvedBy'),
  })
}
