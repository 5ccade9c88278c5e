import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { Parser } from 'n3'
import { afterAll, describe, expect, test } from 'vitest'
import type { CasePackage } from '#core/ontology/exchange/case-package.ts'
import { prerequisiteClosure } from '#core/skills/prerequisites.ts'
import { keepShipped } from '#functions/ontologies.ts'
import { namesTag, preferredType } from '#http/content-negotiation.ts'
import type { AcademyEnv } from '#http/environment.ts'
import { onError } from '#http/errors.ts'
import { exchangeRoutes } from '#http/exchange.ts'
import { ontologyRoutes } from '#http/ontology.ts'
import { moduleRoutes } from '#http/pages/modules.ts'
import { skillRoutes } from '#http/pages/skills.ts'
import { world } from '#test/support/world.ts'

const publicUrl = 'https://academy.example'
const ports = await world({ settings: { publicUrl } })
await keepShipped(ports.shipped, ports)
afterAll(() => ports.close())
const { ontology } = ports
const app = new Hono<AcademyEnv>()
app.route('/', exchangeRoutes(ports))
app.route('/', ontologyRoutes(ports))
app.route('/', skillRoutes(ports))
app.route('/', moduleRoutes(ports))
app.onError(onError(() => {}, false))

const get = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers })
const page = async (path: string, headers: Record<string, string> = {}) => (await get(path, headers)).text()
const version = `/ontology/${ontology.version}`

const offers = ['text/html', 'application/ld+json', 'text/turtle']

test.each([
  [undefined, 'text/html'],
  ['', 'text/html'],
  ['*/*', 'text/html'],
  ['text/turtle', 'text/turtle'],
  ['TEXT/TURTLE', 'text/turtle'],
  ['application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted, text/html"', 'application/ld+json'],
  ['text/turtle;q=0.5, application/ld+json;q=0.9', 'application/ld+json'],
  ['text/*', 'text/html'],
  ['text/*;q=0.9, text/html;q=0.1', 'text/turtle'],
  ['text/html;q=0, */*', 'application/ld+json'],
  ['text/html;q=high, text/turtle;q=0.1', 'text/turtle'],
  ['application/xml', undefined],
  ['text/html;q=0', undefined],
  [`${'a/b,'.repeat(5000)}text/turtle`, undefined],
])('RFC 9110 §12.5.1: Accept header %# gets the form it prefers', (accept, expected) => {
  expect(preferredType(accept, offers)).toBe(expected)
})

test.each([
  ['"a"', true],
  ['W/"a"', true],
  ['"x", "a"', true],
  ['*', true],
  ['"b"', false],
  [undefined, false],
])('If-None-Match %s names "a": %s', (header, expected) => {
  expect(namesTag(header, '"a"')).toBe(expected)
})

describe('the ontology under its version', () => {
  test.each([
    [version, 'text/turtle', 'text/turtle; charset=utf-8'],
    [version, 'application/ld+json', 'application/ld+json'],
    [version, 'text/html', 'text/html; charset=UTF-8'],
    [`${version}/skill/batch-jobs`, 'text/turtle', 'text/turtle; charset=utf-8'],
    [`${version}/skill/batch-jobs`, 'application/ld+json', 'application/ld+json'],
    [`${version}/skill/batch-jobs`, 'text/html', 'text/html; charset=UTF-8'],
    [`${version}/domain/inference`, 'text/html', 'text/html; charset=UTF-8'],
    [`${version}/level/2`, 'text/turtle', 'text/turtle; charset=utf-8'],
    ['/ontology/ns', 'text/turtle', 'text/turtle; charset=utf-8'],
    [`${version}.ttl`, 'text/html', 'text/turtle; charset=utf-8'],
    [`${version}/skill/batch-jobs.jsonld`, 'text/html', 'application/ld+json'],
  ])('%s for Accept %s is %s', async (path, accept, type) => {
    const response = await get(path, { accept })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('vary')).toContain('Accept')
    expect((await response.text()).length).toBeGreaterThan(50)
  })

  test('one skill as Turtle says what it is, with licence and acknowledgement', async () => {
    const response = await get(`${version}/skill/machine-learning`, { accept: 'text/turtle' })
    const quads = new Parser().parse(await response.text())
    const values = (name: string) =>
      quads.filter(({ predicate }) => predicate.value.endsWith(name)).map(({ object }) => object.value)
    expect(values('#prefLabel')).toEqual([
      'Machine learning fundamentals',
      'Fondamentaux de l’apprentissage automatique',
    ])
    expect(values('/license')).toEqual(['https://creativecommons.org/licenses/by/4.0/'])
    expect(values('/rights')).toContain(
      'This service uses the ESCO classification of the European Commission.',
    )
    expect(new Set(quads.map(({ subject }) => subject.value.split('#')[0]))).toEqual(
      new Set([`${publicUrl}${version}/skill/machine-learning`]),
    )
  })

  test('the entity tag comes from the digest, differs per form and answers 304', async () => {
    const asTurtle = await get(version, { accept: 'text/turtle' })
    const etag = asTurtle.headers.get('etag') ?? ''
    expect(etag).toBe(`"${ontology.digest.slice(0, 32)}-turtle"`)
    const again = await get(version, { accept: 'text/turtle', 'if-none-match': etag })
    expect([again.status, await again.text(), again.headers.get('vary')]).toEqual([304, '', 'Accept'])
    const other = await get(version, { accept: 'application/ld+json', 'if-none-match': etag })
    expect(other.status).toBe(200)
  })

  test.each([
    ['case.json', 'application/json', 'caseVersion'],
    ['case-1.0.json', 'application/json', 'CFAssociations'],
    ['ctdl-asn.jsonld', 'application/ld+json', 'ceasn:prerequisiteAlignment'],
    ['skills.csv', 'text/csv; charset=utf-8', 'batch-jobs'],
    ['requirements.csv', 'text/csv; charset=utf-8', 'batch-jobs,hpc-architecture,1'],
    ['mappings.csv', 'text/csv; charset=utf-8', 'approved_by'],
  ])('every version is there as %s, acknowledged where ESCO is in it', async (file, type, word) => {
    for (const one of [version, '/ontology/0.2.0']) {
      const response = await get(`${one}/${file}`)
      expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
      const text = await response.text()
      expect(text).toContain(word)
      if (/^(case|ctdl)/.test(file)) expect(text).toContain('This service uses the ESCO classification')
    }
    expect((await get(`/ontology/9.9.9/${file}`)).status).toBe(404)
  })

  test('services of CASE find documents, packages and objects one by one, at the addresses they name', async () => {
    const { CFDocuments } = (await (await get('/ims/case/v1p1/CFDocuments')).json()) as {
      CFDocuments: { uri: string; CFPackageURI: { uri: string } }[]
    }
    const at = (uri: string) => get(uri.replace(publicUrl, ''))
    const [document] = CFDocuments
    expect(await (await at(document?.uri ?? '')).json()).toEqual(document)
    const content = (await (await at(document?.CFPackageURI.uri ?? '')).json()) as CasePackage
    const [association] = content.CFAssociations
    expect(await (await at(association?.uri ?? '')).json()).toEqual(association)
    const item = content.CFItems.at(-1)
    const touching = (await (
      await get(`/ims/case/v1p1/CFItemAssociations/${item?.identifier}`)
    ).json()) as CasePackage
    expect(touching.CFAssociations.length).toBeGreaterThan(0)
    const nothing = await get('/ims/case/v1p1/CFItems/00000000-0000-0000-0000-000000000000')
    expect([nothing.status, ((await nothing.json()) as { imsx_codeMajor: string }).imsx_codeMajor]).toEqual([
      404,
      'failure',
    ])
    // An item's address is its permanent name, which leads to the version in force.
    expect((await at(item?.uri ?? '')).headers.get('location')).toContain(`${version}/skill/`)
  })

  test('the canonical JSON hashes to the digest that is published', async () => {
    const bytes = Buffer.from(await (await get(`${version}/canonical.json`)).arrayBuffer())
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(ontology.digest)
    expect(await page(version, { accept: 'text/html' })).toContain(ontology.digest)
  })

  test('a form that is not there is 406 and says what there is', async () => {
    const response = await get(version, { accept: 'application/rdf+xml' })
    expect(response.status).toBe(406)
    expect(response.headers.get('vary')).toContain('Accept')
    expect(await response.text()).toContain('text/turtle')
    expect((await get('/ontology/ns', { accept: 'text/html' })).status).toBe(406)
  })

  test.each([
    '/ontology/9.9.9',
    '/ontology/9.9.9/skill/batch-jobs',
    '/ontology/9.9.9/canonical.json',
    `${version}/skill/no-such-skill`,
    `${version}/skill/batch`,
    `${version}/skill/constructor`,
    `${version}/skill/__proto__`,
    `${version}/skill/${'a'.repeat(5000)}`,
    `${version}/level/5`,
    `${version}/role/ai-engineer`,
    '/skills/no-such-skill',
    '/skills/%3Cscript%3E',
    '/modules/m-none',
  ])('address %# is 404 in every form', async (path) => {
    for (const accept of offers) expect((await get(path, { accept })).status, accept).toBe(404)
  })

  test('/ontology leads to the version in force', async () => {
    const response = await get('/ontology')
    expect([response.status, response.headers.get('location')]).toEqual([302, version])
  })
})

describe('the page of a skill', () => {
  test('draws what it requires: a box that leads to each skill, with its level, and an arrow for each requirement', async () => {
    const text = await page('/skills/gpu-resource-allocation')
    const drawing = /<svg viewBox[\s\S]*?<\/svg>/.exec(text)?.[0] ?? ''
    const closure = prerequisiteClosure([{ skill: 'batch-jobs', level: 2 }], ontology.skills)
    for (const [skill, level] of closure) {
      expect(drawing).toMatch(new RegExp(`<a href="/skills/${skill}">[^]*?Level ${level}</text></a>`))
    }
    const edges = ['gpu-resource-allocation', ...closure.keys()].flatMap(
      (id) => ontology.skills.get(id)?.requires,
    )
    expect(drawing.match(/marker-end/g)).toHaveLength(edges.length)
    // A style in the markup would be refused by the page's own rules.
    expect(drawing).not.toContain('style=')
    expect(await page('/skills/linux-command-line')).not.toContain('<svg viewBox="0 0 ')
    const old = await page('/ontology/0.2.0/skill/gpu-resource-allocation', { accept: 'text/html' })
    expect(old).toContain('<a href="/ontology/0.2.0/skill/batch-jobs"><rect')
  })

  test('shows label, prerequisites, teaching modules, levels, mapping and the obligatory acknowledgement', async () => {
    const text = await page('/skills/model-serving')
    expect(text).toContain('<h1>Model serving</h1>')
    expect(text).toContain('href="/skills/api-development"')
    expect(text).toContain('href="/modules/m-llm-inference"')
    expect(text).toContain('Solves new problems and guides others.')
    expect(text).toContain('AI2.1')
    expect(text).toContain('CC-BY-4.0 HPC Certification Forum')
    expect(text).toContain(`${publicUrl}${version}/skill/model-serving`)
    const learning = await page('/skills/machine-learning')
    expect(learning).toContain('This service uses the ESCO classification of the European Commission.')
    expect(learning).toContain('href="http://data.europa.eu/esco/skill/3a2d5b45-56e4-4f5a-a55a-4a4a65afdc43"')
  })

  test('is French when French is asked for', async () => {
    const text = await page('/skills/model-serving?lang=fr')
    expect(text).toContain('<html lang="fr">')
    expect(text).toContain('<h1>Mise en service de modèles</h1>')
    expect(text).toContain('Modules qui l’enseignent')
    expect(text).toContain('Exposer un modèle derrière une interface stable et sécurisée.')
  })

  test.each([
    ['/skills/machine-learning?lang=de', {}, '<h1><span lang="de">maschinelles Lernen</span></h1>'],
    [
      '/skills/machine-learning',
      { 'accept-language': 'de-AT, fr;q=0.5' },
      '<span lang="de">maschinelles Lernen</span>',
    ],
    [
      '/skills/model-serving',
      { 'accept-language': 'de-AT, fr;q=0.5' },
      '<h1>Mise en service de modèles</h1>',
    ],
    ['/skills/model-serving?lang=de', {}, '<h1>Model serving</h1>'],
    ['/skills/model-serving?lang="><script>', {}, '<h1>Model serving</h1>'],
    ['/skills/machine-learning', { 'accept-language': 'de', cookie: 'lang=fr' }, '<h1>Fondamentaux de'],
  ])('%s with %j shows %s', async (path, headers, expected) => {
    const text = await page(path, headers)
    expect(text).toContain(expected)
    expect(text).not.toContain('<script>')
  })

  test('every skill and every module has a page in both languages', async () => {
    for (const language of ['en', 'fr'] as const) {
      for (const id of ontology.skills.keys())
        expect((await get(`/skills/${id}?lang=${language}`)).status, id).toBe(200)
      for (const [id, { title }] of ontology.modules) {
        const text = await page(`/modules/${id}?lang=${language}`)
        expect(text, id).toContain(`<h1>${title[language].replaceAll("'", '&#39;')}</h1>`)
        expect(text).not.toContain('undefined')
      }
    }
  })
})

describe('the catalogue', () => {
  const ids = (text: string) => [...text.matchAll(/<h2><a href="\/modules\/([^"]+)"/g)].map(([, id]) => id)

  test('without a filter shows all modules', async () => {
    expect(ids(await page('/modules'))).toHaveLength(33)
  })

  test.each([
    ['group=general-public', ['m-ai-for-everyone', 'm-spot-the-fake']],
    ['group=postgraduate&practical=no', []],
    ['level=3', ['m-ai-for-everyone', 'm-spot-the-fake']],
    ['sector=manufacturing', ['m-ai-manufacturing']],
    ['sector=public-sector&level=5', ['m-ai-adoption-sme']],
    ['hours=13', ['m-ai-for-everyone', 'm-spot-the-fake', 'm-eurohpc-access']],
    ['domain=inference&practical=yes&group=startups', ['m-rag-assistants', 'm-agents', 'm-llm-inference']],
    ['q=quantis', ['m-llm-inference']],
    ['q=M%C3%89DECIN&lang=fr', []],
    ['q=securisee+latence&lang=fr', ['m-llm-inference']],
    ['q=serving', ['m-llm-inference']],
    ['q=%3Cimg%3E%3Cscript%3E', []],
    ['group=nobody', []],
    ['practical=perhaps&group=general-public', ['m-ai-for-everyone', 'm-spot-the-fake']],
  ])('with %s shows %j', async (query, expected) => {
    const text = await page(`/modules?${query}`)
    expect(ids(text)).toEqual(expected)
    expect(text).not.toContain('<script>')
  })

  test('keeps what was chosen in the form', async () => {
    const text = await page('/modules?group=startups&q=agents')
    expect(text).toContain('<option value="startups" selected>')
    expect(text).toContain('value="agents"')
  })

  test('the list of skills is by domain and can be searched', async () => {
    expect([...(await page('/skills')).matchAll(/<li><a href="\/skills\//g)].length).toBe(154)
    const found = await page('/skills?q=quantif&lang=fr')
    expect(found).toContain('href="/skills/quantisation"')
    expect(found).not.toContain('href="/skills/containers"')
    expect(await page('/skills?domain=inference')).not.toContain('href="/skills/containers"')
  })
})

describe('the page of a module', () => {
  test('states every fact an award must state', async () => {
    const text = await page('/modules/m-llm-inference')
    const facts = [
      'Serving language models',
      'European Qualifications Framework',
      '4 ECTS',
      '100 hours',
      '0613',
      'Software and applications development and analysis',
      'English, French',
      'Online and on site',
      'Graded run on a computing system',
      'The graded run alone decides.',
      '60 %',
      'up to 2 accelerators, up to 120 minutes',
      'Online, unsupervised, signed-in account',
      'Internal quality assurance of the awarding institution',
      'Engineering of language-model services',
      'Serve a model behind a secure interface',
      'href="/skills/api-development"',
    ]
    for (const fact of facts) expect(text).toContain(fact)
  })

  test('says so where everyone can start and where no task is shipped', async () => {
    expect(await page('/modules/m-ai-for-everyone')).toContain('Nothing. Everyone can start.')
    expect(await page('/modules/m-mlops')).toContain('No task for this practical is shipped')
  })

  test('sets French spaces that no line breaks at', async () => {
    expect(await page('/modules/m-ai-for-everyone?lang=fr')).toContain(
      '«\u00a0L’IA au quotidien pour tous\u00a0»',
    )
  })
})
