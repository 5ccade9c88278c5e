import { type Context, Hono } from 'hono'
import { mayEver } from '#core/access/operations.ts'
import { moduleBadge } from '#core/badges/badge.ts'
import {
  type Edition,
  type EditionFile,
  editionNames,
  editions,
  editionUrl,
} from '#core/editions/editions.ts'
import { type EditionPorts, makeEdition } from '#core/editions/make-edition.ts'
import { parse, zId } from '#core/parse.ts'
import type { Authenticator } from './authenticate.ts'
import { preferredType } from './content-negotiation.ts'
import type { AcademyEnv } from './environment.ts'
import { answerProblem } from './errors.ts'
import { sessionOf } from './session.ts'

const zAwardId = zId('awd')
const badgePath = /^([a-z0-9-]{1,80})\.(png|svg)$/

/**
 * `GET /awards/{award}/…`: each edition as a file at its own address, and by `Accept` at the award's; for a
 * bearer token or for the browser of a signed-in learner or registrar. The picture of an achievement is public.
 */
export function editionRoutes(
  ports: EditionPorts,
  authenticator: Pick<Authenticator, 'actorOf'>,
): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()
  for (const edition of editionNames) {
    app.get(`/awards/:award/${editions[edition].path}`, (c) => send(c, edition))
  }
  app.get('/awards/:award', async (c): Promise<Response> => {
    c.header('Vary', 'Accept', { append: true })
    const offers = [
      'application/json',
      ...editionNames.map((name) => editions[name].contentType),
      'text/html',
    ]
    const chosen = preferredType(c.req.header('accept'), offers)
    if (chosen === 'text/html') {
      const registrar = mayEver(sessionOf(c), 'listAwards')
      return c.redirect(registrar ? `/awards/${parse(zAwardId, c.req.param('award'))}/manage` : '/me', 303)
    }
    if (chosen === 'application/json') return sendList(c)
    const edition = editionNames.find((name) => editions[name].contentType === chosen)
    if (!edition) return c.text(`Here there is only: ${offers.join(', ')}.\n`, 406)
    return send(c, edition)
  })
  app.get('/badges/:slug/:file', async (c) => {
    const [, moduleId = '', kind] = badgePath.exec(c.req.param('file')) ?? []
    const module = ports.ontology.modules.get(moduleId)
    const institution = await ports.store.findInstitutionBySlug(c.req.param('slug'))
    if (!module || !institution) return answerProblem(c, 404, 'not_found', 'There is no such badge.')
    const badge = moduleBadge(module, institution, ports.ontology)
    const headers = { 'Cache-Control': 'public, max-age=86400', 'Access-Control-Allow-Origin': '*' }
    if (kind === 'svg')
      return c.body(await ports.badges.svg(badge), 200, { ...headers, 'Content-Type': 'image/svg+xml' })
    return c.body(Buffer.from(await ports.badges.png(badge)), 200, {
      ...headers,
      'Content-Type': 'image/png',
    })
  })
  return app

  async function actorOf(c: Context<AcademyEnv>) {
    return (await authenticator.actorOf(c.req.header('authorization'))) ?? sessionOf(c)
  }

  async function send(c: Context<AcademyEnv>, edition: Edition): Promise<Response> {
    const awardId = parse(zAwardId, c.req.param('award'))
    const file = await makeEdition(await actorOf(c), { awardId, edition, ...languageOf(c) }, ports)
    return c.body(Buffer.from(file.bytes), 200, headersOf(file))
  }

  async function sendList(c: Context<AcademyEnv>): Promise<Response> {
    const awardId = parse(zAwardId, c.req.param('award'))
    const list = editionNames.map((edition) => ({
      edition,
      contentType: editions[edition].contentType,
      url: editionUrl(ports.settings.publicUrl, awardId, edition),
    }))
    // Addresses tell nothing: whether there is such an award is said only by the editions themselves.
    return c.body(JSON.stringify({ award: awardId, editions: list }), 200, {
      'Content-Type': 'application/json',
      'Cache-Control': 'private, no-store',
    })
  }
}

/** The certificate's language by `?lang=`; that of the course without. */
function languageOf(c: Context<AcademyEnv>): { language?: string } {
  const language = c.req.query('lang')
  return language && /^[a-z]{2}$/.test(language) ? { language } : {}
}

function headersOf({ contentType, fileName, seal }: EditionFile): Record<string, string> {
  return {
    'Content-Type': contentType === 'text/plain' ? `${contentType}; charset=utf-8` : contentType,
    'Content-Disposition': `attachment; filename="${fileName}"`,
    'Cache-Control': 'private, no-store',
    ...(seal
      ? { 'Academy-Seal': `${seal.level}; ${seal.claimsQualifiedSeal ? 'qualified-claimed' : 'self-made'}` }
      : {}),
  }
}
