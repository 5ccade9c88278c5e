import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { casePackage } from '#core/ontology/exchange/case-package.ts'
import { keepShipped } from '#functions/ontologies.ts'
import { ontologyRoutes } from '#http/ontology.ts'
import { curateRoutes } from '#http/pages/curate.ts'
import { type World, world } from '#test/support/world.ts'
import { csrf, signedInApp } from './page-browser.ts'

let w: World
beforeEach(async () => {
  w = await world()
  await keepShipped(w.shipped, w)
})

function browser(actor: Actor | undefined) {
  const app = signedInApp([ontologyRoutes(w), curateRoutes(w)], () => actor)
  const get = (path: string) => app.request(path, { headers: { accept: 'text/html' } })
  return {
    get,
    text: async (path: string) => (await get(path)).text(),
    post: (path: string, form: Record<string, string | File>) => {
      const body = new FormData()
      for (const [name, value] of Object.entries({ csrf, requestId: w.requestId(), ...form })) {
        body.set(name, value)
      }
      return app.request(path, { method: 'POST', headers: { accept: 'text/html' }, body })
    },
  }
}

type Browser = ReturnType<typeof browser>

/** Begins a draft and answers where its page is. */
async function begin(me: Browser, title = 'Plainer names'): Promise<string> {
  const answer = await me.post('/curate', { title })
  expect(answer.status).toBe(303)
  return answer.headers.get('location') ?? ''
}

async function changed(path: string, name: string, change: (text: string) => string): Promise<string> {
  const id = path.split('/').at(-1) as Parameters<World['store']['findDraftFiles']>[0]
  return change((await w.store.findDraftFiles(id))?.get(name) ?? '')
}

test('from the first edit to a published version: report, diff, review, publication by a second curator', async () => {
  const [first, second] = [browser(w.actor('curator')), browser(w.actor('curator'))]
  expect(await first.text('/curate')).toContain('There is no draft')
  const draft = await begin(first)
  expect(await first.text(draft)).toContain('Nothing differs from the version in force yet')

  const name = 'skills/hpc-for-ai.yaml'
  expect(await first.text(`${draft}/file?name=${name}`)).toContain('Batch job submission')
  const circle = await changed(draft, name, (text) =>
    text.replace('{ skill: linux-command-line, level: 1 }', '{ skill: batch-jobs, level: 1 }'),
  )
  expect((await first.post(`${draft}/file`, { name, text: circle })).status).toBe(303)
  const broken = await first.text(draft)
  expect(broken).toMatch(/errors? stands? in the way/)
  expect(broken).toMatch(/skills\/hpc-for-ai\.yaml<\/code>, line \d+/)
  expect(broken).toContain('rule 2')
  expect(broken).not.toContain('Hand in for review')
  const refused = await first.post(`${draft}/submit`, {})
  expect(refused.status).toBe(409)
  expect(await refused.text()).toContain('The rules find errors')

  const sound = await changed(draft, name, (text) =>
    text
      .replace('{ skill: batch-jobs, level: 1 }', '{ skill: linux-command-line, level: 1 }')
      .replace('en: Batch job submission', 'en: Batch jobs'),
  )
  // As an upload, and with the line ends of another system.
  const upload = new File([sound.replaceAll('\n', '\r\n')], 'hpc.yaml')
  expect((await first.post(`${draft}/file`, { name, text: 'left alone', upload })).status).toBe(303)
  const report = await first.text(draft)
  expect(report).toContain('No errors.')
  expect(report).toContain('A patch change: it will be version 0.3.1.')
  expect(report).toMatch(/<del>.*Batch job submission<\/del>\s*<ins>.*Batch jobs<\/ins>/)

  expect((await first.post(`${draft}/meaning`, { 'meaning-batch-jobs': 'on' })).status).toBe(303)
  expect(await first.text(draft)).toContain('A major change: it will be version 1.0.0.')
  expect((await first.post(`${draft}/meaning`, {})).status).toBe(303)

  expect((await first.post(`${draft}/submit`, {})).status).toBe(303)
  const own = await first.text(draft)
  expect(own).toContain('another curator has to publish it')
  expect(own).not.toContain('/publish"')
  const byAuthor = await first.post(`${draft}/publish`, {})
  expect(byAuthor.status).toBe(409)
  expect(await byAuthor.text()).toContain('Another curator has to publish this')
  expect((await second.post(`${draft}/publish`, {})).status).toBe(303)
  expect(await second.text(draft)).toContain('href="/ontology/0.3.1/changes"')

  expect(w.ontology.version).toBe('0.3.1')
  const changes = await second.text('/ontology/0.3.1/changes')
  expect(changes).toContain('Plainer names')
  expect(changes).toContain('Batch jobs')
  expect(await second.text('/curate')).toContain('published')
})

test('an old version stays at its address, and says what its skills are now', async () => {
  const [first, second] = [browser(w.actor('curator')), browser(w.actor('curator'))]
  const draft = await begin(first)
  const name = 'skills/hpc-for-ai.yaml'
  const text = await changed(draft, name, (before) =>
    before.replace('en: Batch job submission', 'en: Batch jobs'),
  )
  await first.post(`${draft}/file`, { name, text })
  await first.post(`${draft}/submit`, {})
  await second.post(`${draft}/publish`, {})
  const visitor = browser(undefined)
  const old = await visitor.text('/ontology/0.3.0/skill/batch-jobs')
  expect(old).toContain('<h1>Batch job submission</h1>')
  expect(old).toContain('version 0.3.1 is in force')
  expect(old).toMatch(/Now it is called <a href="\/skills\/batch-jobs">Batch jobs<\/a>/)
  expect(old).toContain('href="/ontology/0.3.0/skill/shell-scripting"')
  expect(await visitor.text('/ontology/0.3.1/skill/batch-jobs')).toContain('<h1>Batch jobs</h1>')
  expect(await visitor.text('/ontology/0.2.0')).toContain('href="/ontology/0.3.1"')
  for (const version of ['0.2.0', '0.3.0', '0.3.1']) {
    const turtle = await (await visitor.get(`/ontology/${version}.ttl`)).text()
    expect(turtle).toContain(`/ontology/${version}/skill/batch-jobs>`)
    const canonical = await visitor.get(`/ontology/${version}/canonical.json`)
    expect(((await canonical.json()) as { version: string }).version).toBe(version)
  }
  expect((await visitor.get('/ontology/9.9.9')).status).toBe(404)
  expect((await visitor.get('/ontology/skill/batch-jobs')).headers.get('location')).toBe(
    '/ontology/0.3.1/skill/batch-jobs',
  )
})

test('a draft is returned with a reason, withdrawn, and stays to be read', async () => {
  const [first, second] = [browser(w.actor('curator')), browser(w.actor('curator'))]
  const draft = await begin(first)
  const name = 'roles.yaml'
  await first.post(`${draft}/file`, {
    name,
    text: await changed(draft, name, (text) => text.replace('en: AI engineer', 'en: Engineer of AI')),
  })
  await first.post(`${draft}/submit`, {})
  await second.post(`${draft}/return`, { reason: 'Say it in French too <b>' })
  const returned = await first.text(draft)
  expect(returned).toContain('Say it in French too &lt;b&gt;')
  expect(returned).toContain('being written')
  await second.post(`${draft}/withdraw`, {})
  const gone = await first.text(draft)
  expect(gone).toContain('withdrawn')
  expect(gone).not.toContain('<button')
  expect((await first.post(`${draft}/submit`, {})).status).toBe(409)
  expect(
    (await first.get(`${draft}/file?name=${name}&raw=yes`)).headers.get('content-disposition'),
  ).toContain('roles.yaml')
})

test('a CASE package of ours comes back into a draft by the page, and a broken one is refused by file and member', async () => {
  const me = browser(w.actor('curator'))
  const draft = await begin(me, 'Back from another system')
  const content = casePackage(w.ontology, {
    publicUrl: w.settings.publicUrl,
    version: '1.1',
    changedAt: w.clock.now(),
  })
  const items = content.CFItems.map((item) =>
    item.humanCodingScheme === 'batch-jobs'
      ? { ...item, abbreviatedStatement: 'Batch jobs', extensions: {} }
      : item,
  )
  const file = new File([JSON.stringify({ ...content, CFItems: items })], 'package.json')
  const answer = await me.post(`${draft}/import`, {
    format: 'case',
    file,
    domain: '',
    approvedBy: 'C. Novak',
  })
  expect(answer.status).toBe(303)
  const report = await me.text(draft)
  expect(report).toContain('A patch change: it will be version 0.3.1.')
  expect(report).toContain('package.json: 154 skills')
  const broken = new File(['{"CFDocument":{},"CFItems":[{"identifier":"x"}]}'], 'broken.json')
  const refused = await me.post(`${draft}/import`, { format: 'case', file: broken })
  expect(refused.status).toBe(409)
  expect(await refused.text()).toContain('broken.json, CFItems[0].fullStatement')
})

test.each(['/curate', '/curate/x'])('%s is for curators', async (path) => {
  expect((await browser(undefined).get(path)).status).toBe(401)
  expect((await browser(w.actor('registrar')).get(path)).status).toBe(403)
})

test('a form without the token of the browser changes nothing', async () => {
  const me = browser(w.actor('curator'))
  expect((await me.post('/curate', { title: 'A change', csrf: 'guessed' })).status).toBe(403)
  expect((await w.store.listDrafts({ limit: 5 })).items).toEqual([])
})
