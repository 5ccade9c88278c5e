import { expect, test } from 'vitest'
import { operateSite } from '#core/practicals/operate-site.ts'
import { practicalRoutes } from '#http/pages/practical.ts'
import { paperSite } from '#test/practicals/paper-site.ts'
import { type SitesWorld, sitesWorld } from '#test/practicals/sites-world.ts'
import { pageBrowser } from './page-browser.ts'

const two = () =>
  sitesWorld((clock) => [
    paperSite('one', clock, { caps: capsOf(200) }),
    paperSite('two', clock, { caps: capsOf(1000) }),
  ])
const capsOf = (gpuMinutes: number) => {
  const cap = { gpuSeconds: gpuMinutes * 60, coreSeconds: 0 }
  return { perLearner: cap, perCohort: { ...cap, gpuSeconds: cap.gpuSeconds * 2 }, perDay: cap }
}
const startPath = (w: SitesWorld) => `/practicals/start/${w.cohort.id}`

test('before starting, a learner reads where it would run and why, the wait, what it takes and what is left', async () => {
  const w = await two()
  for (const [site, seconds] of [
    ['one', 7200],
    ['two', 240],
  ] as const)
    await w.store.noteWait(site, 'gpu', seconds)
  const { actor, start } = await w.enrolled()
  const me = pageBrowser(practicalRoutes(w), actor, w)
  const page = await me.text(startPath(w))
  expect(page).toContain('<strong>two</strong>, partition gpu, AI Factory two')
  expect(page).toContain('the shortest wait of those that fit')
  expect(page).toContain('4 minutes')
  expect(page).toContain('60 GPU-minutes for your run and 30 GPU-minutes for its grading')
  expect(page).toMatch(/Left of your share there<\/dt><dd>1,000 GPU-minutes/)
  expect(page).toMatch(/Left of the cohort’s share<\/dt><dd>2,000 GPU-minutes/)
  expect(page).toContain('1000 of 1000 in 24 hours')
  expect(page).toMatch(/one, gpu<\/th><td>fits<\/td><td>2 hours/)
  const french = await me.text(`${startPath(w)}?lang=fr`)
  expect(french).toContain('l’attente la plus courte parmi ceux qui conviennent')
  expect(french).toContain('60 minutes de GPU pour votre exécution')

  const attempt = await start()
  expect(attempt).toMatchObject({ site: 'two', choice: { why: 'wait' } })
  const then = await me.text(startPath(w))
  expect(then).toContain('An attempt of yours is under way')
  expect(then).toMatch(/Left of your share there<\/dt><dd>910 GPU-minutes/)
  expect(then).toContain('999 of 1000 in 24 hours')
  expect(then).not.toContain('Start the practical')
})

test('why a site is paused, closed or used up reaches the learner before the start', async () => {
  const w = await sitesWorld((clock) => [
    paperSite('one', clock),
    paperSite('two', clock, {
      calendar: [
        {
          kind: 'closed',
          reason: 'New cooling <b>',
          from: new Date('2026-11-20T00:00:00Z'),
          to: new Date('2026-11-25T06:00:00Z'),
        },
      ],
    }),
    paperSite('three', clock, { caps: capsOf(89) }),
  ])
  const reason = 'Cooling is being repaired'
  await operateSite(w.actor('site-operator'), 'pause', { requestId: w.requestId(), site: 'one', reason }, w)
  const me = pageBrowser(practicalRoutes(w), (await w.enrolled()).actor, w)
  const page = await me.text(startPath(w))
  expect(page).toContain('No place takes this practical right now.')
  expect(page).toContain(`paused: ${reason}`)
  expect(page).toContain('closed until 25 November 2026 at 06:00 (UTC): New cooling &lt;b&gt;')
  expect(page).toContain('your share of compute is used up')
  expect(page).not.toContain('Start the practical')
  expect(await me.text(`${startPath(w)}?lang=fr`)).toContain(`en pause\u00a0: ${reason}`)
})

test('who is not enrolled reads the task and no estimate', async () => {
  const w = await two()
  const { actor } = await w.learner()
  const page = await pageBrowser(practicalRoutes(w), actor, w).text(startPath(w))
  expect(page).toContain('What will be asked')
  expect(page).not.toContain('Where it would run now')
})

test('an infrastructure failure never costs the learner an attempt, nor compute; stopping one oneself does not either', async () => {
  const w = await sitesWorld((clock) => [paperSite('one', clock, { caps: capsOf(200) })])
  w.practical.attemptsPerDay = 1
  const { actor, start } = await w.enrolled()
  const me = pageBrowser(practicalRoutes(w), actor, w)
  const [site] = w.paper
  const { id } = await start()
  for (let round = 0; round < 12 && (await w.attempt(id)).state !== 'void'; round++) {
    await w.drive(1, 90)
    for (const [jobId, { job }] of site?.jobs ?? [])
      if (job.state === 'pending') site?.end(jobId, 'infrastructure')
    await w.drive(1, 90)
  }
  expect(await me.text(`/practicals/${id}`)).toContain('This attempt does not count.')
  const page = await me.text(startPath(w))
  expect(page).toContain('1 of 1 in 24 hours')
  expect(page).toMatch(/Left of your share there<\/dt><dd>200 GPU-minutes/)
  const again = await start()
  expect((await me.post(`/practicals/${again.id}/cancel`, {})).status).toBe(303)
  await w.drive(3, 60)
  expect(await me.text(startPath(w))).toContain('1 of 1 in 24 hours')
  await w.finish((await start()).id)
  expect(await me.text(startPath(w))).toContain('0 of 1 in 24 hours')
  await expect(start()).rejects.toMatchObject({ code: 'quota_exceeded' })
})

test('a practical that starts programs of learners goes to no site that cannot shut them in, and the learner reads so', async () => {
  const w = await sitesWorld((clock) =>
    [paperSite('one', clock), paperSite('two', clock)].map((site) => ({
      ...site,
      profile: {
        ...site.profile,
        partitions: site.profile.partitions.map(({ box: _none, ...partition }) => partition),
      },
    })),
  )
  Object.assign(w.practical, { work: { ...w.practical.work, isolation: 'box' } })
  const { actor, start } = await w.enrolled()
  await expect(start()).rejects.toMatchObject({ code: 'site_unavailable', field: 'isolation' })
  expect(await w.store.attemptsOf(actor.learnerId ?? fail())).toEqual([])
  const me = pageBrowser(practicalRoutes(w), actor, w)
  expect(await me.text(startPath(w))).toContain('cannot shut in learners’ programs')
  expect(await me.text(`${startPath(w)}?lang=fr`)).toContain('ne peut pas enfermer les programmes')
  Object.assign(w.practical, { work: { ...w.practical.work, isolation: 'none' } })
  expect(await start()).toMatchObject({ state: 'working' })
})

const fail = (): never => {
  throw new Error('not a learner')
}
