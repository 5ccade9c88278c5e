import { Hono } from 'hono'
import { europeanEdition } from '#core/edc/european-edition.ts'
import { parse, zId } from '#core/parse.ts'
import type { Ports } from '#core/ports.ts'
import type { Authenticator } from './authenticate.ts'
import type { AcademyEnv } from './environment.ts'
import { sessionOf } from './session.ts'

const zAwardId = zId('awd')

/**
 * `GET /awards/{award}/european-credential`: the sealed European Digital Credential as a file, for a bearer
 * token or for the browser of a signed-in learner or registrar.
 */
export function europeanCredentialRoutes(
  ports: Parameters<typeof europeanEdition>[2] & Pick<Ports, 'store'>,
  authenticator: Pick<Authenticator, 'actorOf'>,
): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()
  app.get('/awards/:award/european-credential', async (c) => {
    const actor = (await authenticator.actorOf(c.req.header('authorization'))) ?? sessionOf(c)
    const awardId = parse(zAwardId, c.req.param('award'))
    const { text, level, claimsQualifiedSeal } = await europeanEdition(actor, awardId, ports)
    return c.body(text, 200, {
      'Content-Type': 'application/ld+json',
      'Content-Disposition': `attachment; filename="european-credential-${awardId}.jsonld"`,
      'Cache-Control': 'private, no-store',
      'Academy-Seal': `${level}; ${claimsQualifiedSeal ? 'qualified-claimed' : 'self-made'}`,
    })
  })
  return app
}
