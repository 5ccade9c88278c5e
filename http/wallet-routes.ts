import { Hono } from 'hono'
import type { Ports } from '#core/ports.ts'
import type { AcademyEnv } from './environment.ts'
import { issuerDocumentRoutes } from './issuer-documents.ts'
import { openid4vciRoutes } from './openid4vci.ts'

/** What wallets and verifiers ask for: the protocol of issuance, and the documents of the issuers. */
export function walletRoutes(ports: Ports): Hono<AcademyEnv> {
  const app = new Hono<AcademyEnv>()
  app.route('/', openid4vciRoutes(ports))
  app.route('/', issuerDocumentRoutes(ports))
  return app
}
