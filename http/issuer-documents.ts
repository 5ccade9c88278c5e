import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { aiSkillTypeMetadata } from '#core/credentials/type-metadata.ts'
import { platformTag } from '#core/ids.ts'
import { type Institution, institutionDid, institutionUrl } from '#core/institutions/institution.ts'
import { pemCertificate } from '#core/jose/pem-certificate.ts'
import { authorizationServerMetadata, issuerMetadata } from '#core/openid4vci/metadata.ts'
import { allowOwnAddress } from '#core/openid4vci/openid4vci-sdk.ts'
import type { Ports } from '#core/ports.ts'
import type { AcademyEnv } from './environment.ts'
import { answerProblem } from './errors.ts'

type DocumentPorts = Pick<Ports, 'store' | 'random' | 'signers' | 'settings'>

/** Documents by which wallets and verifiers get to know the issuer and its keys. Public, readable from any page. */
export function issuerDocumentRoutes(ports: DocumentPorts): Hono<AcademyEnv> {
  const { publicUrl, keyDocumentsTtlSeconds } = ports.settings
  // A next key is published for this long before it signs: nobody may keep these documents longer.
  const kept = `public, max-age=${keyDocumentsTtlSeconds}`
  allowOwnAddress(publicUrl)
  const app = new Hono<AcademyEnv>()
  for (const path of ['/.well-known/*', '/eudi/.well-known/*', '/jwks.json', '/institutions/*', '/vct/*'])
    app.use(path, cors())

  const json = (c: Context, document: object, type = 'application/json') =>
    c.body(JSON.stringify(document), 200, { 'Content-Type': type, 'Cache-Control': kept })

  // OpenID4VCI 1.0 §12.2.2 puts the well-known part before the path of the identifier; older wallets put it behind.
  app.get('/.well-known/openid-credential-issuer', (c) => json(c, issuerMetadata('plain', ports)))
  for (const path of [
    '/.well-known/openid-credential-issuer/eudi',
    '/eudi/.well-known/openid-credential-issuer',
  ]) {
    app.get(path, (c) => json(c, issuerMetadata('eudi', ports)))
  }
  for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
    app.get(path, (c) => json(c, authorizationServerMetadata(ports)))
  }

  app.get('/jwks.json', async (c) => json(c, { keys: await jwksOf(platformTag) }))
  app.get('/.well-known/jwt-vc-issuer', async (c) =>
    json(c, { issuer: publicUrl, jwks: { keys: await jwksOf(platformTag) } }),
  )
  app.get('/.well-known/jwt-vc-issuer/institutions/:slug', (c) =>
    withInstitution(c, async (institution) =>
      json(c, {
        issuer: institutionUrl(publicUrl, institution.slug),
        jwks: { keys: await jwksOf(institution.tag) },
      }),
    ),
  )
  app.get('/institutions/:slug/did.json', (c) =>
    withInstitution(c, async (institution) =>
      json(c, await didDocument(institution), 'application/did+json'),
    ),
  )

  // Open Badges 3.0: the issuer's profile and its keys answer at the addresses its badges name.
  app.get('/institutions/:slug', (c) =>
    withInstitution(c, async (institution) => json(c, profileOf(institution))),
  )
  app.get('/institutions/:slug/keys/:kid', (c) =>
    withInstitution(c, async ({ tag }) => {
      const key = (await jwksOf(tag)).find(({ kid }) => kid === c.req.param('kid'))
      if (!key) return answerProblem(c, 404, 'not_found', 'The institution publishes no such key.')
      return json(c, key, 'application/jwk+json')
    }),
  )

  // RFC 2585 §4: the certificates above an institution's key, and what its authority took back.
  app.get('/institutions/:slug/ca.pem', (c) =>
    withInstitution(c, async ({ tag }) => {
      const { x5c } = await ports.signers.active(tag)
      const above = [...x5c.slice(1), ...(await ports.signers.anchors())]
      return c.body(above.map(pemCertificate).join(''), 200, {
        'Content-Type': 'application/x-pem-file',
        'Cache-Control': kept,
      })
    }),
  )
  for (const [file, listOf] of [
    ['ca.crl', (tag: Institution['tag']) => tag],
    ['root.crl', () => platformTag],
  ] as const) {
    app.get(`/institutions/:slug/${file}`, (c) =>
      withInstitution(c, ({ tag }) => revocations(c, listOf(tag))),
    )
  }
  app.get('/vct/ai-skill/1', (c) =>
    // The very bytes that `vct#integrity` of a credential names.
    c.body(aiSkillTypeMetadata(publicUrl).text, 200, {
      'Content-Type': 'application/json',
      'Cache-Control': kept,
    }),
  )
  return app

  async function revocations(c: Context<AcademyEnv>, tag: Institution['tag']): Promise<Response> {
    const list = await ports.signers.revocationList(tag)
    if (!list)
      return answerProblem(c, 404, 'not_found', 'The authority of this institution has its own list.')
    return c.body(Buffer.from(list), 200, { 'Content-Type': 'application/pkix-crl', 'Cache-Control': kept })
  }

  async function jwksOf(tag: Institution['tag']) {
    const keys = await ports.signers.published(tag)
    return keys.map(({ kid, alg, publicJwk, x5c }) => ({
      ...publicJwk,
      kid,
      alg,
      use: 'sig',
      ...(x5c.length > 0 ? { x5c } : {}),
    }))
  }

  /** did:web document; did-jwt wants methods of type JsonWebKey2020. */
  async function didDocument(institution: Institution) {
    const did = institutionDid(publicUrl, institution.slug)
    const keys = await ports.signers.published(institution.tag)
    const methods = keys.map(({ kid, publicJwk }) => ({
      id: `${did}#${kid}`,
      type: 'JsonWebKey2020',
      controller: did,
      publicKeyJwk: { ...publicJwk, kid },
    }))
    return {
      '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/suites/jws-2020/v1'],
      id: did,
      alsoKnownAs: [institutionUrl(publicUrl, institution.slug)],
      verificationMethod: methods,
      assertionMethod: methods.map(({ id }) => id),
    }
  }

  function profileOf({ slug, name, country, homepage, legalIdentifier }: Institution) {
    return {
      '@context': ['https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json'],
      id: institutionUrl(publicUrl, slug),
      type: ['Profile'],
      name: name.en,
      url: homepage,
      address: { type: ['Address'], addressCountryCode: country },
      otherIdentifier: [
        { type: 'IdentifierEntry', identifier: legalIdentifier, identifierType: 'ext:eIDASLegalIdentifier' },
      ],
    }
  }

  async function withInstitution(
    c: Context<AcademyEnv>,
    answer: (institution: Institution) => Promise<Response>,
  ): Promise<Response> {
    const slug = c.req.param('slug') ?? ''
    const institution = /^[a-z0-9-]{1,80}$/.test(slug)
      ? await ports.store.findInstitutionBySlug(slug)
      : undefined
    return institution
      ? answer(institution)
      : answerProblem(c, 404, 'not_found', 'There is no such institution.')
  }
}
