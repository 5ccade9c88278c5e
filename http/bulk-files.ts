import { type Context, Hono } from 'hono'
import { stream } from 'hono/streaming'
import { readBulkJob, receiptCsv, receiptJson, rowsToFix } from '#core/bulk/receipt.ts'
import { uploadRows, zFileKind } from '#core/bulk/upload-rows.ts'
import { byteOrderMark } from '#core/csv/write-csv.ts'
import { parse, zId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Authenticator } from './authenticate.ts'
import type { AcademyEnv } from './environment.ts'
import { sessionOf } from './session.ts'

type BulkFilePorts = Pick<Ports, 'store' | 'random' | 'settings'>

const downloads = {
  'receipt.csv': { type: 'text/csv; charset=utf-8', write: receiptCsv, mark: true },
  'receipt.json': { type: 'application/json', write: receiptJson, mark: false },
  'rows-to-fix.csv': { type: 'text/csv; charset=utf-8', write: rowsToFix, mark: true },
} as const

/**
 * `POST /bulk-files` takes a file of rows that is too large for GraphQL, for bearer tokens; `GET
 * /bulk/{job}/receipt.csv` and its sisters give what came of a job, for a token or a signed-in registrar.
 */
export function bulkFileRoutes(
  ports: BulkFilePorts,
  authenticator: Pick<Authenticator, 'actorOf'>,
): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()

  app.post('/bulk-files', async (c) => {
    // A token only: no page elsewhere can make a browser bring one.
    const actor = await authenticator.actorOf(c.req.header('authorization'))
    // Before the file is taken into memory.
    if (!actor) throw new Refusal('not_signed_in', 'Sign in first: this needs an access token.')
    const kind = parse(zFileKind, c.req.query('kind') ?? 'issue')
    const name = c.req.query('name') ?? 'rows.csv'
    const bytes = new Uint8Array(await c.req.arrayBuffer())
    const { upload, encoding, delimiter, ignored } = await uploadRows(actor, { kind, name, bytes }, ports)
    c.header('Cache-Control', 'no-store')
    return c.json({ upload, encoding, delimiter, ignoredColumns: ignored }, 201)
  })

  for (const [name, { type, write, mark }] of Object.entries(downloads)) {
    app.get(`/bulk/:job/${name}`, async (c: Context<AcademyEnv>) => {
      const actor = (await authenticator.actorOf(c.req.header('authorization'))) ?? sessionOf(c)
      const job = await readBulkJob(actor, parse(zId('blk'), c.req.param('job')), ports)
      c.header('Content-Type', type)
      c.header('Content-Disposition', `attachment; filename="${job.id}-${name}"`)
      c.header('Cache-Control', 'private, no-store')
      // Line by line: a job may have a hundred thousand rows.
      return stream(c, async (out) => {
        if (mark) await out.write(byteOrderMark)
        let waiting = ''
        for await (const line of write(job, ports)) {
          waiting += line
          if (waiting.length < 32_768) continue
          await out.write(waiting)
          waiting = ''
        }
        await out.write(waiting)
      })
    })
  }
  return app
}
