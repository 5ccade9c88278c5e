import { expect, test } from 'vitest'
import { QueueError } from '#core/practicals/queue.ts'
import { practicalRoutes } from '#http/pages/practical.ts'
import { paperSite } from '#test/practicals/paper-site.ts'
import { sitesWorld } from '#test/practicals/sites-world.ts'
import { pageBrowser } from './page-browser.ts'

/** A site whose work jobs have printed this so far. */
async function printing(tail: () => string | undefined) {
  const asked: string[] = []
  const w = await sitesWorld((clock) => {
    const site = paperSite('one', clock)
    const workLogTail = async ({ key }: { key: string }) => {
      asked.push(key)
      const text = tail()
      return text === undefined ? undefined : Buffer.from(text)
    }
    return [{ ...site, files: { ...site.files, workLogTail } }]
  })
  const { actor, start } = await w.enrolled()
  const { id } = await start()
  await w.drive(1)
  w.paper[0]?.start('1')
  await w.drive(2, 10)
  return { w, id, asked, path: `/practicals/${id}`, me: pageBrowser(practicalRoutes(w), actor, w) }
}
const shown = (page: string) => /printed last<\/summary><pre[^>]*>([\s\S]*?)<\/pre>/.exec(page)?.[1]

test('a learner reads the last lines their run has printed, while it runs and after; what they mean to a terminal or a browser is gone', async () => {
  const colour = String.fromCharCode(27)
  const lines = Array.from({ length: 70 }, (_, at) => `step ${at + 1}`)
  let text: string | undefined = `${lines.join('\r\n')}\n${colour}[31mloss <b>0.5</b>${colour}[0m\n`
  const { w, id, me, path } = await printing(() => text)
  const live = await me.text(path)
  expect(live).toContain('<summary>What your run printed last</summary>')
  expect(shown(live)?.split('\n')).toEqual([...lines.slice(-59), 'loss &lt;b&gt;0.5&lt;/b&gt;'])
  expect(await me.text(`${path}?lang=fr`)).toContain(
    '<summary>Ce que votre exécution a affiché en dernier</summary>',
  )
  expect((await pageBrowser(practicalRoutes(w), (await w.learner()).actor, w).get(path)).status).toBe(403)

  await w.finish(id)
  // The site no longer has it: what was kept is shown.
  text = undefined
  expect(shown(await me.text(path))).toContain('loss &lt;b&gt;')
})

test('nothing printed, a site that cannot be asked: the page is there all the same', async () => {
  let fails = false
  const { me, path, asked } = await printing(() => {
    if (fails) throw new QueueError('unavailable', 'the site is told to fail')
    return undefined
  })
  expect(shown(await me.text(path))).toBeUndefined()
  fails = true
  const page = await me.get(path)
  expect(page.status).toBe(200)
  expect(shown(await page.text())).toBeUndefined()
  expect(asked).toHaveLength(2)
})

test('what the grader prints is never asked for', async () => {
  const { w, me, path, asked } = await printing(() => 'mine')
  const [site] = w.paper
  const key = site?.jobs.get('1')?.request.key ?? ''
  site?.end('1')
  await w.drive(3, 10)
  expect(site?.jobs.get('2')?.request.stage).toBe('grade')
  site?.start('2')
  await w.drive(2, 10)
  expect(shown(await me.text(path))).toBe('mine')
  expect(new Set(asked)).toEqual(new Set([key]))
})
