import { type Context, Hono } from 'hono'
import { type ResolvedSkill, resolveSkill } from '#core/ontology/resolve-skill.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import { canonicalForm } from '#core/skills/canonical-form.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { type Graph, skosGraph, skosPart, vocabularyGraph } from '#core/skills/skos.ts'
import { jsonLd } from '#core/skills/skos-json-ld.ts'
import { turtle } from '#core/skills/skos-turtle.ts'
import { namesTag, preferredType } from './content-negotiation.ts'
import { type Language, languageOf } from './pages/language.ts'
import { type Html, sendPage } from './pages/layout.ts'
import { type Body, domainBody, levelBody, ontologyBody } from './pages/ontology.ts'
import { changesBody } from './pages/ontology-changes.ts'
import { readerOf } from './pages/reader.ts'
import { skillBody } from './pages/skill.ts'
import { skillGraph } from './pages/skill-graph.ts'

type OntologyPorts = Pick<Ports, 'store' | 'ontology' | 'ontologies' | 'settings'>

const forms = {
  'text/html': undefined,
  'application/ld+json': { extension: '.jsonld', write: jsonLd },
  'text/turtle': { extension: '.ttl', write: turtle },
} as const
type MediaType = keyof typeof forms
const mediaTypes = Object.keys(forms) as MediaType[]

/**
 * `/ontology/{version}/…`: every published version as pages, JSON-LD or Turtle by `Accept`, or by `.jsonld` and
 * `.ttl` for people with a browser. The names a credential points to are resolved here, for good.
 */
export function ontologyRoutes(ports: OntologyPorts): Hono {
  const { settings } = ports
  const app = new Hono()

  app.get('/ontology', (c) => c.redirect(`/ontology/${ports.ontology.version}`, 302))
  // The name of a skill without a version: the one whose UUID stands in CASE and CTDL.
  app.get('/ontology/skill/:id', (c) =>
    c.redirect(`/ontology/${ports.ontology.version}/skill/${encodeURIComponent(c.req.param('id'))}`, 303),
  )

  app.get('/ontology/ns', (c) =>
    answer(c, ports.ontology, { graph: () => vocabularyGraph(settings.publicUrl) }),
  )

  app.get('/ontology/:version/canonical.json', async (c) => {
    const ontology = await findVersion(ports, c.req.param('version'))
    return send(c, ontology, 'application/json', () => canonicalForm(ontology))
  })

  app.get('/ontology/:version/changes', async (c) => {
    const ontology = await findVersion(ports, c.req.param('version'))
    const header = await ports.store.findOntologyVersion(ontology.version)
    const before = header?.previous === undefined ? undefined : await ports.ontologies.find(header.previous)
    return sendPage(c, (language) => changesBody(ontology, before, header, language), { cache: 'public' })
  })

  app.get('/ontology/:version', async (c) => {
    const { name, type } = splitExtension(c.req.param('version'))
    const ontology = await findVersion(ports, name)
    const versions = await ports.store.listOntologyVersions()
    return answer(c, ontology, {
      type,
      graph: () => skosGraph(ontology, settings.publicUrl),
      page: (language) => ontologyBody({ ontology, inForce: ports.ontology, versions }, language),
    })
  })

  app.get('/ontology/:version/:kind{skill|domain|level}/:id', async (c) => {
    const ontology = await findVersion(ports, c.req.param('version'))
    const kind = c.req.param('kind')
    const { name, type } = splitExtension(c.req.param('id'))
    const part = skosPart(ontology, settings.publicUrl, `${kind}/${name}`)
    if (!part) throw new Refusal('not_found', `There is no such ${kind} in this version of the ontology.`)
    const resolved =
      kind === 'skill' && ontology !== ports.ontology
        ? await resolveSkill({ version: ontology.version, skill: name }, ports)
        : undefined
    const skill = kind === 'skill' ? ontology.skills.get(name) : undefined
    const skillsAt = { skillsAt: `/ontology/${ontology.version}/skill` }
    const reader = { ...readerOf(c, languageOf(c)), ...(resolved ? skillsAt : {}) }
    const drawing = skill && type === undefined ? await skillGraph(skill, ontology, reader) : undefined
    return answer(c, ontology, {
      type,
      graph: () => part,
      page: (language) =>
        partBody(kind, name, { ontology, resolved, drawing, settings, inForce: ports.ontology }, language, c),
    })
  })
  return app
}

async function findVersion({ ontologies }: OntologyPorts, version: string): Promise<Ontology> {
  const found = /^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(version) ? await ontologies.find(version) : undefined
  if (!found) throw new Refusal('not_found', 'There is no such version of the ontology.')
  return found
}

interface Part {
  ontology: Ontology
  inForce: Ontology
  settings: OntologyPorts['settings']
  /** What the skill is now, for a version that is not in force. */
  resolved: ResolvedSkill | undefined
  drawing: Html | undefined
}

function partBody(kind: string, id: string, part: Part, language: Language, c: Context): Body {
  if (kind === 'domain') return domainBody(part, id, language)
  if (kind === 'level') return levelBody(part, id, language)
  const reader = readerOf(c, language)
  const graph = part.drawing
  if (!part.resolved) return skillBody(part, id, reader, { graph })
  const skillsAt = `/ontology/${part.ontology.version}/skill`
  return skillBody(
    part,
    id,
    { ...reader, skillsAt },
    { graph, today: { resolved: part.resolved, inForce: part.inForce } },
  )
}

interface Answer {
  /** Chosen by the address; else `Accept` decides. */
  type?: MediaType | undefined
  graph: () => Graph
  /** Absent where there is no page. */
  page?: (language: Language) => Body
}

function answer(c: Context, ontology: Ontology, { type, graph, page }: Answer): Response | Promise<Response> {
  const offers = page ? mediaTypes : mediaTypes.filter((one) => one !== 'text/html')
  c.header('Vary', 'Accept', { append: true })
  const chosen = type ?? preferredType(c.req.header('accept'), offers)
  if (chosen === undefined) {
    return c.text(`Here there is only: ${offers.join(', ')}.\n`, 406, { 'Access-Control-Allow-Origin': '*' })
  }
  const form = forms[chosen as MediaType]
  if (form) return send(c, ontology, chosen, () => form.write(graph()))
  if (!page) throw new Refusal('not_found', 'There is no page at this address.')
  return sendPage(c, page, { cache: 'public' })
}

/** A version never changes, so its digest is the entity tag; each form has its own. */
function send(c: Context, { digest }: Ontology, type: string, write: () => string): Response {
  const etag = `"${digest.slice(0, 32)}-${type.replace(/^.*\//, '')}"`
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
