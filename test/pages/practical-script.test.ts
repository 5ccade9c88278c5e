import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { AcademyEnv } from '#http/environment.ts'
import { onError } from '#http/errors.ts'
import { practicalRoutes } from '#http/pages/practical.ts'
import { soundScript } from '#practicals/batch-job-repair/faulty-script.ts'
import { world } from '#test/support/world.ts'

/** A learner of the module whose practical is a script, before the form. */
async function atTheForm() {
  const w = await world()
  const { learner, actor } = await w.learner()
  const offering = await w.offering({ moduleId: 'm-linux-hpc-start' })
  await w.enrolment(learner.id, offering)
  const app = new Hono<AcademyEnv>()
  app.onError(onError(() => undefined, false))
  app.use(async (c, next) => {
    c.set('pageSession', { actor, csrfToken: () => 'the-token-of-this-browser' })
    await next()
  })
  app.route('/', practicalRoutes(w))
  const path = `/practicals/start/${offering.id}`
  const form = async (more = '') => (await app.request(path + more)).text()
  return {
    w,
    learner,
    form,
    shown: async (more = '') =>
      unescaped(/<textarea[^>]*>([\s\S]*?)<\/textarea>/.exec(await form(more))?.[1] ?? ''),
    get: async (address: string) => (await app.request(address)).text(),
    async handIn(script: string) {
      const requestId = /name="requestId" value="([^"]+)"/.exec(await form())?.[1] ?? ''
      const body = new URLSearchParams({
        csrf: 'the-token-of-this-browser',
        requestId,
        configuration: script,
      })
      return app.request(path, { method: 'POST', body })
    },
  }
}

const unescaped = (text: string) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

test('a script is handed in as it is, shown again where the next try begins, and can be begun anew', async () => {
  const me = await atTheForm()
  const task = await me.shown()
  expect(task).toMatch(/^#!\/bin\/bash\n#SBATCH/)
  expect(await me.form()).toContain('touch nothing else there')
  // A browser ends the lines of a form as Windows does.
  const hostile = `${soundScript()}echo "$(touch owned)" 'a'\\''b' \`id\` a,b <script>alert(1)</script> é\n`
  const answer = await me.handIn(hostile.replaceAll('\n', '\r\n'))
  expect(answer.status).toBe(303)
  const [attempt] = await me.w.store.attemptsOf(me.learner.id)
  expect(attempt?.configuration).toEqual({ script: hostile })
  const address = answer.headers.get('location') ?? ''
  const page = await me.get(address)
  expect(page).toContain('echo &quot;$(touch owned)&quot;')
  expect(page).not.toContain('<script>alert')
  expect(await me.shown()).toBe(hostile)
  expect(await me.shown('?anew')).toBe(task)
})

test.each([
  ['with two directives in one', '#!/bin/bash\n#SBATCH --mem=64M --wrap=id\ntrue\n', 'line 2'],
  ['that asks for another user', '#!/bin/bash\n#SBATCH --uid=0\ntrue\n', 'line 2'],
  ['with a NUL', '#!/bin/bash\necho \0\n', 'line 2'],
  ['that is none', 'print("no shell")\n', 'line 1'],
  ['that is empty', '', 'line 1'],
  ['of a MiB', `#!/bin/bash\n${'#'.repeat(1024 * 1024)}\n`, 'must be at most 16384'],
])(
  'a script %s is answered with the line that is wrong, and starts nothing',
  async (_what, script, place) => {
    const me = await atTheForm()
    const answer = await me.handIn(script)
    expect(answer.status).toBe(400)
    const page = await answer.text()
    expect(page).toContain(place)
    expect(page).toContain('aria-invalid="true"')
    expect(page.length).toBeLessThan(100_000)
    expect(await me.w.store.attemptsOf(me.learner.id)).toEqual([])
  },
)
