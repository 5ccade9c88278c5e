import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import { type GapDimension, gapDimensions } from '#core/gaps/gap-slice.ts'
import { publishSnapshot } from '#core/gaps/publish-snapshot.ts'
import { seedAcademy } from '#functions/seed/seed-academy.ts'
import type { AcademyEnv } from '#http/environment.ts'
import { onError } from '#http/errors.ts'
import { gapRoutes } from '#http/pages/gaps/gap-routes.ts'
import { pathRoutes } from '#http/pages/path.ts'
import type { AskAnalytics } from '#schema/builder.ts'
import { type World, world } from '#test/support/world.ts'

const unguarded: AskAnalytics = (_actor, _query, _slice, answer) => answer()

/** The pages as one browser sees them, signed in as `actor`. */
function browser(academy: World, actor: Actor | undefined, analytics: AskAnalytics = unguarded) {
  const app = new Hono<AcademyEnv>()
  app.onError(onError(() => undefined, false))
  app.use(async (c, next) => {
    c.set('pageSession', { actor, csrfToken: () => 'the-token-of-this-browser' })
    await next()
  })
  app.route('/', gapRoutes(academy, analytics))
  app.route('/', pathRoutes(academy))
  return {
    get: (path: string) => app.request(path),
    post: (path: string, form: Record<string, string>) =>
      app.request(path, { method: 'POST', body: new URLSearchParams(form) }),
    send: (path: string, form: FormData) => app.request(path, { method: 'POST', body: form }),
  }
}

/** Seeded once: these tests only read it. */
let academy: World
beforeAll(async () => {
  academy = await world()
  await seedAcademy(academy)
  await publishSnapshot(academy.actor('programme-manager'), { requestId: academy.requestId() }, academy)
})
afterAll(() => academy.close())

test('a visitor is asked to sign in and led back', async () => {
  const answer = await browser(academy, undefined).get('/gaps')
  expect(answer.status).toBe(401)
  expect(await answer.text()).toContain('/sign-in?return=%2Fgaps')
})

const everyPage = [
  '/gaps',
  '/gaps?sector=manufacturing',
  '/gaps/modules',
  '/gaps/funnel',
  '/gaps/prerequisites',
  '/gaps/portfolio',
  '/gaps/demand',
  '/gaps/demand.csv',
  '/gaps/export.csv',
  '/gaps/export.json?rows=sector&columns=domain',
  '/gaps/sheet?rows=sector&columns=domain',
]

test.each(everyPage)('%s is for programme managers, and a learner may not read it', async (path) => {
  // The portfolio is the catalogue beside the demand: nobody is counted in it.
  const expected = path === '/gaps/portfolio' ? 200 : 403
  expect((await browser(academy, academy.actor('learner')).get(path)).status).toBe(expected)
  const answer = await browser(academy, academy.actor('programme-manager')).get(path)
  expect(answer.status).toBe(200)
  // No learner, nor anything by which the tables are kept.
  expect(await answer.text()).not.toMatch(/lrn_|\bawd_|enr_/)
})

test('before the first snapshot the page says so, and the manager publishes from it', async () => {
  const empty = await world()
  const manager = browser(empty, empty.actor('programme-manager'))
  expect(await (await manager.get('/gaps')).text()).toContain('No snapshot has been published yet')
  const form = { csrf: 'the-token-of-this-browser', requestId: 'from-the-page-1' }
  for (let again = 0; again < 2; again++) {
    const answer = await manager.post('/gaps/publish', form)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/gaps'])
  }
  expect(await empty.store.listSnapshots(10)).toHaveLength(1)
})

test('a form from elsewhere publishes nothing', async () => {
  const empty = await world()
  const manager = browser(empty, empty.actor('programme-manager'))
  const answer = await manager.post('/gaps/publish', { csrf: 'another', requestId: 'from-the-page-1' })
  expect(answer.status).toBe(403)
  expect(await empty.store.listSnapshots(10)).toEqual([])
})

test('the gap of a sector and role names skills, the next module, and where the numbers come from', async () => {
  const manager = browser(academy, academy.actor('programme-manager'))
  const text = await (await manager.get('/gaps?sector=manufacturing&role=mlops-engineer')).text()
  expect(text).toContain('<h2>Manufacturing, engineering and construction · MLOps engineer</h2>')
  expect(text).toContain('<a href="/skills/model-serving">')
  expect(text).toContain('<a href="/modules/m-llm-inference">Serving language models</a>')
  expect(text).toContain(academy.ontology.digest)
  expect(text).toContain('10 learners')
  expect(text).toContain('Invented head counts')
  expect(text).toContain('So that nobody can be recognised.')
  expect(text).not.toMatch(/<script|style=|\son[a-z]+=/i)
})

test('a slice of one dimension leads on to its break-down by every other', async () => {
  const manager = browser(academy, academy.actor('programme-manager'))
  const text = await (await manager.get('/gaps?role=mlops-engineer')).text()
  for (const other of gapDimensions.filter((one) => one !== 'role')) {
    expect(text).toContain(`href="/gaps?rows=role&amp;columns=${other}#map"`)
  }
})

test('the map has a cell for sector and domain, with its number or the word for hidden, and leads to its slice', async () => {
  const manager = browser(academy, academy.actor('programme-manager'))
  const text = await (await manager.get('/gaps')).text()
  expect(text).toMatch(/<td class="heat-\d"><a href="\/gaps\?sector=manufacturing&amp;domain=inference">\d+%/)
  const hidden = '<span aria-hidden="true">–</span><span class="hidden">hidden</span>'
  expect(text).toContain(
    `<td class="masked"><a href="/gaps?sector=agrifood&amp;domain=inference">${hidden}</a></td>`,
  )
  expect(text).toContain('The same as a table of numbers')
  expect(text).toContain('<svg class="spark"')
  // Browsers are told to run nothing and to apply no style but the stylesheet.
  expect(text).not.toMatch(/<script|style=|\son[a-z]+=/i)
})

const grains: readonly (readonly [GapDimension, GapDimension])[] = [
  ['country', 'nuts1'],
  ['domain', 'skill'],
]
const isGrain = (a: GapDimension, b: GapDimension) =>
  a === b || grains.some((pair) => pair.includes(a) && pair.includes(b))
const pairs = gapDimensions.flatMap((a) =>
  gapDimensions
    .filter((b) => gapDimensions.indexOf(b) >= gapDimensions.indexOf(a))
    .map((b) => [a, b] as const),
)

test.each(pairs)(
  '%s beside %s make a table, or are refused where one is only the finer grain of the other',
  async (rows, columns) => {
    const manager = browser(academy, academy.actor('programme-manager'))
    const answer = await manager.get(`/gaps?rows=${rows}&columns=${columns}`)
    expect(answer.status).toBe(isGrain(rows, columns) ? 400 : 200)
  },
)

test('of two places at once only what is surely missing is shaded, for the rest may be little or nearly all', async () => {
  const manager = browser(academy, academy.actor('programme-manager'))
  const text = await (await manager.get('/gaps?rows=sector&columns=country')).text()
  const cells = [...text.matchAll(/<td class="([\w-]+)"><a [^>]*>≤ (\d+)%/g)]
  expect(cells.length).toBeGreaterThan(20)
  for (const [, shade, percent] of cells) {
    expect(shade, percent).toMatch(Number(percent) < 50 ? /^heat-[0-2]$/ : /^unsure$/)
  }
  expect(new Set(cells.map(([, shade]) => shade)).size).toBeGreaterThan(1)
  expect(text).toContain('at most so much is covered; no shade: it may be little, or nearly all')
})

test('a third dimension is refused in words', async () => {
  const manager = browser(academy, academy.actor('programme-manager'))
  const refused = await (await manager.get('/gaps?sector=energy&country=FR&role=mlops-engineer')).text()
  expect(refused).toContain('at most two')
})

test('where nobody knows the demand the slice shows learners and says that it shows no gap', async () => {
  const manager = browser(academy, academy.actor('programme-manager'))
  const text = await (await manager.get('/gaps?targetGroup=professionals')).text()
  expect(text).toContain('there is no gap to show')
  expect(text).toMatch(/<dt>Enrolled<\/dt><dd>\d+<\/dd>/)
  expect(text).not.toContain('<dt>Coverage</dt>')
})

test('what is taken along says what the page says: when, by which ontology, threshold and method', async () => {
  const manager = browser(academy, academy.actor('programme-manager'))
  const file = await manager.get('/gaps/export.json?rows=sector&columns=domain')
  expect(file.headers.get('content-disposition')).toBe('attachment; filename="skills-gap.json"')
  const table = (await file.json()) as {
    snapshot: { id: string; threshold: number; method: string; ontology: { version: string; digest: string } }
    cells: { row: string; column: string; suppressed: boolean; gapPersonLevels: number | null }[]
  }
  expect(table.snapshot).toMatchObject({ threshold: 10, ontology: { digest: academy.ontology.digest } })
  const hidden = table.cells.filter(({ suppressed }) => suppressed)
  expect(hidden.length).toBeGreaterThan(10)
  expect(hidden.length).toBeLessThan(table.cells.length)
  expect(hidden.every(({ gapPersonLevels }) => gapPersonLevels === null)).toBe(true)

  const csv = await (await manager.get('/gaps/export.csv?rows=sector&columns=domain')).text()
  const lines = csv.split('\r\n')
  for (const stated of [table.snapshot.id, table.snapshot.method, academy.ontology.digest, 'fewer than 10']) {
    expect(lines.filter((line) => line.startsWith('#') || line.startsWith('\ufeff#')).join(' ')).toContain(
      stated,
    )
  }
  const shown = table.cells.find(({ suppressed }) => !suppressed)
  expect(lines.find((line) => line.startsWith(`${shown?.row},${shown?.column},`))).toContain(
    `,${shown?.gapPersonLevels},`,
  )

  const sheet = await (await manager.get('/gaps/sheet?rows=sector&columns=domain')).text()
  expect(sheet).toContain(`${hidden.length} of ${table.cells.length} numbers are hidden.`)
  expect(sheet).toContain('Why some numbers are hidden')
})

test.each(['targetGroup=professionals', 'rows=targetGroup&columns=skill'])(
  'a file of ?%s says that it shows no gap, and states no demand',
  async (query) => {
    const manager = browser(academy, academy.actor('programme-manager'))
    const csv = await (await manager.get(`/gaps/export.csv?${query}`)).text()
    expect(csv).toMatch(/^# No gap: .*there is no gap to show/m)
    const lines = csv.split('\r\n').filter((line) => line !== '' && !/^\ufeff?#/.test(line))
    const at = lines[0]?.split(',').indexOf('demandPersonLevels') ?? -1
    expect(lines.length).toBeGreaterThan(10)
    for (const line of lines.slice(1)) expect(line.split(',')[at]).toBe('')
  },
)

test('every answer is asked through what counts and logs questions', async () => {
  const asked: unknown[] = []
  const analytics: AskAnalytics = (_actor, query, slice, answer) => {
    asked.push([query, slice])
    return answer()
  }
  const manager = browser(academy, academy.actor('programme-manager'), analytics)
  for (const path of everyPage) await manager.get(path)
  expect(asked).toEqual([
    ['gapTable', { by: 'sector,domain' }],
    ['skillsGap', { sector: 'manufacturing' }],
    ['modulePerformance', {}],
    ['trainingFunnel', { by: 'sector' }],
    ['blockingSkills', {}],
    ['portfolioCoverage', {}],
    ['skillsGap', {}],
    ['gapTable', { by: 'sector,domain' }],
    ['gapTable', { by: 'sector,domain' }],
  ])
})

describe('a file of demand', () => {
  const header = 'role,sector,country,year,headcount'
  const formOf = (text: string, action: string, requestId: string) => {
    const form = new FormData()
    form.set('csrf', 'the-token-of-this-browser')
    form.set('requestId', requestId)
    form.set('action', action)
    form.set('file', new File([text], 'needs.csv', { type: 'text/csv' }))
    return form
  }

  test('is checked, mended, put in force, counted, and gone back from', async () => {
    const empty = await world()
    const manager = browser(empty, empty.actor('programme-manager'))
    const send = async (text: string, action: string, requestId: string) =>
      (await manager.send('/gaps/demand', formOf(text, action, requestId))).text()

    const wrong = await send(
      `${header}\nai-engineer,energy,LU,2026,-3\nai-engineer,no-such,LU,2026,4`,
      'upload',
      'upload-1',
    )
    expect(wrong).toContain('The file has 2 mistakes; nothing was kept.')
    expect(wrong).toMatch(
      /<th scope="row" class="number">2<\/th><td><code>headcount<\/code><\/td><td>A number of people cannot be negative/,
    )
    expect(wrong).toContain('There is no such sector.')

    const sound = `${header}\nai-engineer,energy,LU,2026,120`
    expect(await send(sound, 'check', 'upload-2')).toContain(
      'The file is sound: 1 row, 120 people. Nothing was kept yet.',
    )
    expect(await (await manager.get('/gaps/demand')).text()).toContain('No file was uploaded yet.')

    expect(await send(sound, 'upload', 'upload-3')).toContain('The file is in force: 1 row, 120 people.')
    await publishSnapshot(empty.actor('programme-manager'), { requestId: empty.requestId() }, empty)
    const counted = await (await manager.get('/gaps')).text()
    expect(counted).toContain('<dt>People demanded</dt><dd>120</dd>')
    expect(counted).toContain('Head counts a programme manager uploaded, for 2026.')
    const file = await (await manager.get('/gaps/demand.csv')).text()
    expect(file).toBe(`${sound.replace('\n', '\r\n')}\r\n`)

    const back = await manager.post('/gaps/demand/restore', {
      csrf: 'the-token-of-this-browser',
      requestId: 'restore-1',
    })
    expect([back.status, back.headers.get('location')]).toEqual([303, '/gaps/demand'])
    const after = await (await manager.get('/gaps/demand')).text()
    expect(after).toContain('The shipped sample (invented numbers)')
    expect(after).toContain('Put in force again')
  })

  test('from elsewhere, or from an account that may only read, changes nothing', async () => {
    const empty = await world()
    const foreign = formOf(header, 'upload', 'upload-1')
    foreign.set('csrf', 'another')
    const manager = browser(empty, empty.actor('programme-manager'))
    expect((await manager.send('/gaps/demand', foreign)).status).toBe(403)
    const learner = browser(empty, empty.actor('learner'))
    expect(
      (
        await learner.send(
          '/gaps/demand',
          formOf(`${header}\nai-engineer,energy,LU,2026,4`, 'upload', 'upload-1'),
        )
      ).status,
    ).toBe(403)
  })
})

test('an older snapshot can be chosen, and a made-up one is not found', async () => {
  const manager = academy.actor('programme-manager')
  const second = await academy.store.findSnapshot()
  if (!second) throw new Error('nothing was published')
  const page = browser(academy, manager)
  const text = await (await page.get(`/gaps?snapshot=${second.previous}`)).text()
  expect(text).toContain(`<option value="${second.previous}" selected>`)
  expect((await page.get(`/gaps?snapshot=${second.id.slice(0, -9)}aaaaaaaaa`)).status).toBe(404)
  expect((await page.get('/gaps?snapshot=<script>')).status).toBe(400)
})

test.each([
  '/gaps?sector=%3Cscript%3E',
  '/gaps?rows=%3Cscript%3E',
  '/gaps/funnel?by=constructor',
  '/gaps?role=constructor',
  '/path?role=%22%3E',
])('%s is a plain refusal that repeats nothing', async (path) => {
  const account = path.startsWith('/path')
    ? (await academy.learner()).actor
    : academy.actor('programme-manager')
  const answer = await browser(academy, account).get(path)
  expect(answer.status).toBe(400)
  expect(await answer.text()).not.toMatch(/<script>|constructor|">"/)
})

test('both pages speak French', async () => {
  const manager = browser(academy, academy.actor('programme-manager'))
  const gaps = await (await manager.get('/gaps?sector=manufacturing&role=mlops-engineer&lang=fr')).text()
  expect(gaps).toContain('<h1>Besoins en compétences</h1>')
  expect(gaps).toContain('masqué')
  for (const page of [
    '/gaps',
    '/gaps/modules',
    '/gaps/funnel',
    '/gaps/prerequisites',
    '/gaps/portfolio',
    '/gaps/demand',
  ]) {
    const text = await (await manager.get(`${page}?lang=fr`)).text()
    expect(text.replace(/<[^>]*>/g, ' ')).not.toMatch(/\b(The|Sector|Skill|Learners|hidden)\b/)
  }
  const { actor } = await academy.learner()
  const path = await (await browser(academy, actor).get('/path?role=educator&lang=fr')).text()
  expect(path).toContain('<h1>Parcours</h1>')
  expect(path).toContain('Modules dans l’ordre')
})

test('the path starts from what the learner holds', async () => {
  const learner = await academy.store.findLearnerBySubject(academy.institutions.northLake.tag, 'learner')
  if (!learner) throw new Error('the demo learner was not seeded')
  const actor: Actor = {
    subject: 'learner',
    tenant: learner.tenant,
    roles: ['learner'],
    learnerId: learner.id,
  }
  const text = await (await browser(academy, actor).get('/path?role=mlops-engineer')).text()
  expect(text).toContain('<a href="/modules/m-llm-inference">')
  expect(text).not.toContain('<a href="/modules/m-deep-learning">')
  expect(text).toContain('no other choice of modules takes fewer hours of work.')
  expect(text).toContain('modules lead to level 2')
})
