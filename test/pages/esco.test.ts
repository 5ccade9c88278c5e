import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { startDraft } from '#core/ontology/start-draft.ts'
import { keepShipped } from '#functions/ontologies.ts'
import { alignRoutes } from '#http/pages/align.ts'
import { escoImportRoutes } from '#http/pages/esco-import.ts'
import { moduleRoutes } from '#http/pages/modules.ts'
import { skillRoutes } from '#http/pages/skills.ts'
import { importTwoConcepts as importFor, machineLearning, weaving } from '#test/support/two-esco-concepts.ts'
import { type World, world } from '#test/support/world.ts'
import { pageBrowser } from './page-browser.ts'

const acknowledgement = 'This service uses the ESCO classification of the European Commission.'

let w: World
beforeEach(async () => {
  w = await world()
})

const browser = (actor?: Actor) =>
  pageBrowser([escoImportRoutes(w), alignRoutes(w), skillRoutes(w), moduleRoutes(w)], actor, w)

const importTwoConcepts = () => importFor(join(w.folder, 'esco.json'), join(w.folder, 'jobs'))

test('before an import a search finds our own skills only, with letters wrong and without accents', async () => {
  const visitor = browser()
  const page = await visitor.text('/skills?q=reseau&lang=fr')
  expect(page).toContain('href="/skills/neural-networks"')
  expect(page).not.toContain('ESCO')
  expect(await visitor.text('/skills?q=promt')).toContain('href="/skills/prompt-engineering"')
  expect(await visitor.text('/skills?q=zzzzzz')).toContain('Nothing fits')
})

test.each(['/skills', '/modules'])(
  '%s says kindly that a search language means nothing here, and searches the signs of plain writing',
  async (path) => {
    const visitor = browser()
    for (const query of ['title:(a OR', 'foo~2', '*', '[a TO b]']) {
      const answer = await visitor.get(`${path}?q=${encodeURIComponent(query)}`)
      expect(answer.status).toBe(400)
      const page = await answer.text()
      expect(page).toContain('Type plain words')
      // What was typed stands in the field again, to be changed.
      expect(page).toContain(`value="${query}"`)
    }
    expect(await visitor.text(`${path}?q=foo~2&lang=fr`)).toContain('Tapez des mots simples')
    expect((await visitor.get(`${path}?q=${encodeURIComponent('AI/ML, C++ & "data"?')}`)).status).toBe(200)
  },
)

test('after an import the search shows ESCO beside our skills, matched to them, with its acknowledgement', async () => {
  importTwoConcepts()
  const visitor = browser()
  const english = await visitor.text('/skills?q=machine')
  expect(english).toContain(acknowledgement)
  expect(english).toContain('ESCO 1.2.1.')
  expect(english).toContain(`href="${weaving}"`)
  expect(english).toMatch(
    /href="http:\/\/data\.europa\.eu\/esco\/skill\/3a2d5b45[^>]*>machine learning<\/a><br><span class="small">Here: <a href="\/skills\/machine-learning">/,
  )
  const french = await visitor.text('/skills?q=metiers&lang=fr')
  expect(french).toContain('tissage à la machine')
  expect(french).toContain(acknowledgement)
  expect(await visitor.text('/skills?q=loomz')).toContain('weaving by machine')
})

test('an import that is made while the academy runs is taken up by itself', async () => {
  expect(await w.esco.header()).toBeUndefined()
  importTwoConcepts()
  expect(await w.esco.header()).toMatchObject({ version: '1.2.1', languages: ['en', 'fr'] })
  expect(await w.esco.find(weaving)).toMatchObject({
    label: { en: 'weaving by machine', fr: 'tissage à la machine' },
    alternatives: { en: ['looms'], fr: ['métiers'] },
  })
})

test('a curator finds a concept and matches a skill to it; the label comes along, who and when stand beside it', async () => {
  await keepShipped(w.shipped, w)
  importTwoConcepts()
  const curator = w.actor('curator')
  const me = browser(curator)
  const draft = await startDraft(curator, { requestId: w.requestId(), title: 'Matches' }, w)
  const at = `/curate/${draft.id}/align`
  expect(await me.text(`${at}?skill=machine-learning`)).not.toContain('not in the imported ESCO')
  expect(await me.text(`${at}?skill=deep-learning`)).toContain('not in the imported ESCO')
  const page = await me.text(`${at}?skill=batch-jobs&q=weaving`)
  expect(page).toContain(`value="${weaving}"`)
  const refused = await me.get(`${at}?skill=batch-jobs&q=weav*`)
  expect([refused.status, (await refused.text()).includes('Type plain words')]).toEqual([400, true])
  expect(page).toContain('USE2.2')
  expect(page).toContain(acknowledgement)
  expect(page).toContain('CC-BY-4.0 HPC Certification Forum')
  const match = {
    skill: 'batch-jobs',
    scheme: 'esco',
    target: weaving,
    relation: 'closeMatch',
    approvedBy: 'C. Novak',
  }
  expect((await me.post(`${at}?skill=batch-jobs`, match)).status).toBe(303)
  const code = {
    skill: 'batch-jobs',
    scheme: 'hpccf',
    target: 'USE2.2',
    relation: 'exactMatch',
    approvedBy: 'C. Novak',
  }
  expect((await me.post(`${at}?skill=batch-jobs`, code)).status).toBe(303)

  const files = (await w.store.findDraftFiles(draft.id)) ?? new Map()
  const { ontology, findings } = await w.ontologies.judge(files)
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(ontology?.skills.get('batch-jobs')?.mappings).toEqual([
    {
      relation: 'closeMatch',
      scheme: 'esco',
      uri: weaving,
      label: 'weaving by machine',
      approvedBy: 'C. Novak',
      approvedOn: '2026-11-23',
    },
    {
      relation: 'exactMatch',
      scheme: 'hpccf',
      notation: 'USE2.2',
      approvedBy: 'C. Novak',
      approvedOn: '2026-11-23',
    },
  ])
  expect(ontology?.escoLabels.get(weaving)).toEqual({ en: 'weaving by machine', fr: 'tissage à la machine' })
  const shown = await me.text(`${at}?skill=batch-jobs`)
  expect(shown).toContain('C. Novak <span class="soft">2026-11-23</span>')
  expect(shown).toContain(`<a href="${weaving}" lang="en">weaving by machine</a>`)
  const removed = await me.post(`/curate/${draft.id}/unalign?skill=batch-jobs`, {
    skill: 'batch-jobs',
    scheme: 'esco',
    target: weaving,
  })
  expect(removed.status).toBe(303)
  expect(await me.text(`${at}?skill=batch-jobs`)).not.toContain(`<a href="${weaving}" lang="en">`)
})

test.each([
  [
    'a concept nobody imported',
    { scheme: 'esco', target: 'http://data.europa.eu/esco/skill/00000000-0000-4000-8000-00000000dead' },
    'target: is no ESCO skill that was imported here',
  ],
  ['a code of another form', { scheme: 'hpccf', target: 'one.two' }, 'target: is no code of the skill tree'],
  ['a skill nobody knows', { skill: 'nobody', scheme: 'hpccf', target: 'K1.1' }, 'is a new skill'],
  [
    'a relation there is not',
    { relation: 'sameAs', scheme: 'hpccf', target: 'K1.1' },
    'relation: is not one of the allowed values',
  ],
])('%s is not matched', async (_what, wrong, message) => {
  await keepShipped(w.shipped, w)
  const curator = w.actor('curator')
  const draft = await startDraft(curator, { requestId: w.requestId(), title: 'Matches' }, w)
  const answer = await browser(curator).post(`/curate/${draft.id}/align?skill=batch-jobs`, {
    skill: 'batch-jobs',
    relation: 'closeMatch',
    approvedBy: 'C. Novak',
    ...wrong,
  })
  expect(answer.status).toBe(409)
  expect(await answer.text()).toContain(message)
})

test('the page of the import says what is there, how the last one went, and what to do where none can be begun', async () => {
  const me = browser(w.actor('curator'))
  expect(await me.text('/curate/esco')).toContain('ESCO is not imported here yet.')
  importTwoConcepts()
  const state = {
    state: 'failed',
    startedAt: '2026-11-23T08:00:00Z',
    finishedAt: '2026-11-23T08:00:01Z',
    message: 'skills_en.csv, row 3, conceptUri: stands twice, with different labels.',
  }
  writeFileSync(join(w.folder, 'esco.json.progress'), JSON.stringify(state))
  const page = await me.text('/curate/esco')
  expect(page).toContain('skills_en.csv, row 3, conceptUri')
  expect(page).toContain(acknowledgement)
  // Concepts vanish between versions: the import has one of those our skills are matched to.
  expect(page).toMatch(/Matches to concepts that this import does not have: \d\d/)
  expect(page).toContain('<code>data-scientist</code>')
  expect(page).not.toContain(machineLearning)
  const refused = await me.post('/curate/esco', {})
  expect(refused.status).toBe(409)
  expect(await refused.text()).toContain('ESCO_DIR names no folder')
  expect((await browser(w.actor('registrar')).get('/curate/esco')).status).toBe(403)
})
