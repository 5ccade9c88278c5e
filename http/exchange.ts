import { type Context, Hono } from 'hono'
import { type CasePackage, type CaseVersion, casePackage } from '#core/ontology/exchange/case-package.ts'
import { ctdlAsn } from '#core/ontology/exchange/ctdl-asn.ts'
import { csvFiles, skillsCsv } from '#core/ontology/exchange/skills-csv.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { Ontology } from '#core/skills/ontology.ts'

type ExchangePorts = Pick<Ports, 'store' | 'ontology' | 'ontologies' | 'settings'>

/**
 * A version of the ontology in the forms others exchange: `/ontology/{version}/case.json` (CASE 1.1),
 * `case-1.0.json`, `ctdl-asn.jsonld` and the curators' tables; and the version in force object by object, as
 * services of CASE ask for it (`/ims/case/v1p1/CFPackages/{id}` and the like).
 */
export function exchangeRoutes(ports: ExchangePorts): Hono {
  const app = new Hono()
  const { publicUrl } = ports.settings

  app.get('/ontology/:version/:file{case\\.json|case-1\\.0\\.json}', async (c) => {
    const ontology = await findVersion(c, ports)
    const version = c.req.param('file') === 'case.json' ? '1.1' : '1.0'
    return download(c, await packageOf(ontology, version, ports), 'application/json')
  })
  app.get('/ontology/:version/ctdl-asn.jsonld', async (c) =>
    download(c, ctdlAsn(await findVersion(c, ports), publicUrl), 'application/ld+json'),
  )
  for (const name of csvFiles) {
    app.get(`/ontology/:version/${name}`, async (c) =>
      download(
        c,
        skillsCsv(await findVersion(c, ports), name),
        'text/csv; charset=utf-8',
        `attachment; filename="${name}"`,
      ),
    )
  }

  app.get('/ims/case/:api{v1p0|v1p1}/:kind/:id?', async (c) => {
    const version: CaseVersion = c.req.param('api') === 'v1p0' ? '1.0' : '1.1'
    const content = await packageOf(ports.ontology, version, ports)
    const found = caseObject(content, c.req.param('kind'), c.req.param('id'))
    return found === undefined ? unknownObject(c) : download(c, found, 'application/json')
  })
  return app
}

async function findVersion(c: Context, { ontologies }: ExchangePorts): Promise<Ontology> {
  const version = c.req.param('version') ?? ''
  const found = /^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(version) ? await ontologies.find(version) : undefined
  if (!found) throw new Refusal('not_found', 'There is no such version of the ontology.')
  return found
}

async function packageOf(ontology: Ontology, version: CaseVersion, { store, settings }: ExchangePorts) {
  const header = await store.findOntologyVersion(ontology.version)
  // A version that is not kept yet was not published before this moment.
  const changedAt = header?.publishedAt ?? new Date(0)
  return casePackage(ontology, { publicUrl: settings.publicUrl, version, changedAt })
}

/** CASE REST binding: a list of documents, a package, or one object by its GUID. */
function caseObject(content: CasePackage, kind: string, id: string | undefined): object | undefined {
  const { CFDocument, CFItems, CFAssociations, CFDefinitions } = content
  const byId = <T extends { identifier: string }>(list: readonly T[]) =>
    list.find(({ identifier }) => identifier === id)
  switch (kind) {
    case 'CFDocuments':
      return id === undefined ? { CFDocuments: [CFDocument] } : byId([CFDocument])
    case 'CFPackages':
      return id === CFDocument.identifier ? content : undefined
    case 'CFItems':
      return byId(CFItems)
    case 'CFAssociations':
      return byId(CFAssociations)
    case 'CFItemAssociations': {
      const CFItem = byId(CFItems)
      const touching = CFAssociations.filter(
        ({ originNodeURI, destinationNodeURI }) =>
          originNodeURI.identifier === id || destinationNodeURI.identifier === id,
      )
      return CFItem && { CFItem, CFAssociations: touching }
    }
    case 'CFAssociationGroupings':
      return byId(CFDefinitions.CFAssociationGroupings)
    default:
      return undefined
  }
}

/** As the REST binding of CASE says no. */
function unknownObject(c: Context): Response {
  return c.json(
    {
      imsx_codeMajor: 'failure',
      imsx_severity: 'error',
      imsx_description: 'Unknown Object',
      imsx_codeMinor: {
        imsx_codeMinorField: [
          { imsx_codeMinorFieldName: 'sourcedId', imsx_codeMinorFieldValue: 'unknownobject' },
        ],
      },
    },
    404,
  )
}

function download(c: Context, content: string | object, type: string, disposition?: string): Response {
  c.header('Cache-Control', 'public, max-age=300')
  c.header('Access-Control-Allow-Origin', '*')
  c.header('X-Content-Type-Options', 'nosniff')
  if (disposition) c.header('Content-Disposition', disposition)
  return c.body(typeof content === 'string' ? content : JSON.stringify(content), 200, {
    'Content-Type': type,
  })
}
