import { type Context, Hono } from 'hono'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { canonicalForm } from '#core/skills/canonical-form.ts'
import { type Graph, skosGraph, skosPart, vocabularyGraph } from '#core/skills/skos.ts'
import { jsonLd } from '#core/skills/skos-json-ld.ts'
import { turtle } from '#core/skills/skos-turtle.ts'
import { namesTag, preferredType } from './content-negotiation.ts'
import type { Language } from './pages/language.ts'
import { type Html, sendPage } from './pages/layout.ts'
import { domainBody, levelBody, ontologyBody } from './pages/ontology.ts'
import { readerOf } from './pages/reader.ts'
import { skillBody } from './pages/skill.ts'

type OntologyPorts = Pick<Ports, 'ontology' | 'settings'>

const forms = {
  'text/html': undefined,
  'application/ld+json': { extension: '.jsonld', write: jsonLd },
  'text/turtle': { extension: '.ttl', write: turtle },
} as const
type MediaType = keyof typeof forms
const mediaTypes = Object.keys(forms) as MediaType[]

/**
 * `/ontology/{version}/…`: the ontology as pages, JSON-LD or Turtle by `Accept`, or by `.jsonld` and `.ttl` for
 * people with a browser. The names a credential points to are resolved here.
 */
export function ontologyRoutes(ports: OntologyPorts): Hono {
  const { ontology, settings } = ports
  const app = new Hono()
  const current = `/ontology/${ontology.version}`

  app.get('/ontology', (c) => c.redirect(current, 302))

  app.get('/ontology/ns', (c) => answer(c, ports, { graph: () => vocabularyGraph(settings.publicUrl) }))

  app.get('/ontology/:version/canonical.json', (c) => {
    requireVersion(c, ports)
    return send(c, ports, 'application/json', () => canonicalForm(ontology))
  })

  app.get('/ontology/:version', (c) => {
    const { name, type } = splitExtension(c.req.param('version'))
    if (name !== ontology.version) throw noSuchVersion()
    return answer(c, ports, {
      type,
      graph: () => skosGraph(ontology, settings.publicUrl),
      page: (language) => ontologyBody(ports, language),
    })
  })

  app.get('/ontology/:version/:kind{skill|domain|level}/:id', (c) => {
    requireVersion(c, ports)
    const kind = c.req.param('kind')
    const { name, type } = splitExtension(c.req.param('id'))
    const part = skosPart(ontology, settings.publicUrl, `${kind}/${name}`)
    if (!part) throw new Refusal('not_found', `There is no such ${kind} in this version of the ontology.`)
    const body = bodies[kind]
    return answer(c, ports, {
      type,
      graph: () => part,
      ...(body ? { page: (language) => body(ports, name, language, c) } : {}),
    })
  })
  return app
}

type PageOf = { title: string; description?: string; body: Html }

const bodies: Record<
  string,
  ((p: OntologyPorts, id: string, l: Language, c: Context) => PageOf) | undefined
> = {
  skill: (ports, id, language, c) => skillBody(ports, id, readerOf(c, language)),
  domain: (ports, id, language) => domainBody(ports, id, language),
  level: (ports, id, language) => levelBody(ports, id, language),
}

interface Answer {
  /** Chosen by the address; else `Accept` decides. */
  type?: MediaType | undefined
  graph: () => Graph
  /** Absent where there is no page. */
  page?: (language: Language) => PageOf
}

function answer(
  c: Context,
  ports: OntologyPorts,
  { type, graph, page }: Answer,
): Response | Promise<Response> {
  const offers = page ? mediaTypes : mediaTypes.filter((one) => one !== 'text/html')
  c.header('Vary', 'Accept', { append: true })
  const chosen = type ?? preferredType(c.req.header('accept'), offers)
  if (chosen === undefined) {
    return c.text(`Here there is only: ${offers.join(', ')}.\n`, 406, { 'Access-Control-Allow-Origin': '*' })
  }
  const form = forms[chosen as MediaType]
  if (form) return send(c, ports, chosen, () => form.write(graph()))
  if (!page) throw new Refusal('not_found', 'There is no page at this address.')
  return sendPage(c, page, { cache: 'public' })
}

/** A version never changes, so its digest is the entity tag; each form has its own. */
function send(c: Context, { ontology }: OntologyPorts, type: string, write: () => string): Response {
  const etag = `"${ontology.digest.slice(0, 32)}-${type.replace(/^.*\//, '')}"`
  c.header('ETag', etag)
  c.header('Cache-Control', 'public, max-age=300')
  // Anybody's page may read what anybody may read.
  c.header('Access-Control-Allow-Origin', '*')
  c.header('X-Content-Type-Options', 'nosniff')
  if (namesTag(c.req.header('if-none-match'), etag)) return c.body(null, 304)
  return c.body(write(), 200, { 'Content-Type': type === 'text/turtle' ? `${type}; charset=utf-8` : type })
}

function splitExtension(text: string): { name: string; type?: MediaType } {
  for (const type of mediaTypes) {
    const extension = forms[type]?.extension
    if (extension && text.endsWith(extension)) return { name: text.slice(0, -extension.length), type }
  }
  return { name: text }
}

function requireVersion(c: Context, { ontology }: OntologyPorts): void {
  if (c.req.param('version') !== ontology.version) throw noSuchVersion()
}

const noSuchVersion = () => new Refusal('not_found', 'There is no such version of the ontology.')
