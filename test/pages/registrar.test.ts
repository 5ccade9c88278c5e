import { beforeEach, describe, expect, test } from 'vitest'
import type { Actor } from '#core/access/operations.ts'
import type { Award } from '#core/awards/award.ts'
import { isLive, offerCredential } from '#core/credentials/offer-credential.ts'
import type { UploadId } from '#core/ids.ts'
import { approvalRoutes } from '#http/pages/approvals.ts'
import { awardsRoutes } from '#http/pages/awards.ts'
import { bulkRoutes } from '#http/pages/bulk.ts'
import { bulkOrderRoutes } from '#http/pages/bulk-order.ts'
import { correctAwardRoutes } from '#http/pages/correct-award.ts'
import { manageAwardRoutes } from '#http/pages/manage-award.ts'
import { type BulkWorld, bulkWorld, csvOf } from '../bulk/bulk-world.ts'
import { csrf, signedInApp } from './page-browser.ts'

let w: BulkWorld
let me: ReturnType<typeof browser>
beforeEach(async () => {
  w = await bulkWorld()
  me = browser(w.registrar)
})

function browser(actor: Actor | undefined) {
  const routes = [
    awardsRoutes(w),
    manageAwardRoutes(w),
    correctAwardRoutes(w),
    bulkOrderRoutes(w),
    bulkRoutes(w),
    approvalRoutes(w),
  ]
  const app = signedInApp(routes, () => actor)
  const headers = { accept: 'text/html' }
  const get = (path: string) => app.request(path, { headers })
  return {
    get,
    text: async (path: string) => (await get(path)).text(),
    async post(path: string, form: Record<string, string | string[] | File>) {
      const body = new FormData()
      for (const [name, value] of Object.entries({ csrf, requestId: w.requestId(), ...form })) {
        for (const one of [value].flat()) body.append(name, one)
      }
      return app.request(path, { method: 'POST', headers, body })
    },
    /** Sends a form that orders a job, lets the worker do its part, and says where the job's page is. */
    async order(path: string, form: Record<string, string | string[] | File>) {
      const answer = await this.post(path, form)
      const job = answer.headers.get('location') ?? ''
      expect([answer.status, job]).toEqual([303, expect.stringMatching(/^\/bulk\/[a-z2-7]{8}-blk-/)])
      await w.work()
      return job
    },
  }
}

const why = { reasonCode: 'issued-in-error', reason: 'The task was wrong.' }
const stateOf = async ({ id }: Award) => (await w.store.findAward(id))?.status.state

describe('who may see them', () => {
  const paths = ['/awards', '/bulk', '/bulk/new', '/bulk/corrections', '/approvals']

  test('a visitor is asked to sign in and led back', async () => {
    for (const path of paths) {
      const answer = await browser(undefined).get(path)
      expect(answer.status).toBe(401)
      expect(await answer.text()).toContain(`return=${encodeURIComponent(path)}`)
    }
  })

  test('others than registrars are refused; an award or a job of another institution is not there', async () => {
    const { award } = await w.award()
    const job = await me.order('/awards', { awardId: award.id, what: 'revoke', ...why })
    const assessor = browser(w.actor('assessor'))
    for (const path of [...paths, `/awards/${award.id}/manage`, `/awards/${award.id}/correct`, job]) {
      expect([path, (await assessor.get(path)).status]).toEqual([path, 403])
    }
    const elsewhere = browser(w.actor('registrar', { tenant: w.institutions.mittelberg.tag }))
    for (const path of [`/awards/${award.id}/manage`, `/awards/${award.id}/correct`, job]) {
      expect((await elsewhere.get(path)).status).toBeGreaterThanOrEqual(403)
    }
    expect(await elsewhere.text('/awards')).not.toContain(award.id)
    expect((await elsewhere.post(`/awards/${award.id}/status`, { change: 'revoke', ...why })).status).toBe(
      404,
    )
    expect(await stateOf(award)).toBe('valid')
  })

  test('a form without the token of the browser does nothing', async () => {
    const { award } = await w.award()
    const answer = await me.post(`/awards/${award.id}/status`, { change: 'revoke', ...why, csrf: 'other' })
    expect(answer.status).toBe(403)
    expect(await stateOf(award)).toBe('valid')
  })
})

describe('/awards', () => {
  test('finds by a part of a name without its accents, by account and by filter', async () => {
    const job = await me.order('/bulk/new', {
      offeringId: w.course.id,
      source: 'file',
      file: new File(
        ['account,given_name,family_name,email,score_percent\nz-1,Zoë,Lefèvre,z@example.org,80'],
        'z.csv',
      ),
      enrol: 'on',
      targetGroup: 'professionals',
      sector: 'manufacturing',
    })
    await me.post(`${job}/start`, {})
    await w.work()
    const [award] = (await w.store.listAwards(w.registrar.tenant, { limit: 1 })).items
    if (!award) throw new Error('nothing was issued')
    const first = { award }
    const second = await w.award({ offering: w.course })
    const holds = async (query: string) => {
      const text = await me.text(`/awards?${query}`)
      return [first, second].map(({ award }) => text.includes(`/awards/${award.id}/manage`))
    }
    expect(await holds('')).toEqual([true, true])
    expect(await holds('q=lefev')).toEqual([true, false])
    expect(await holds('q=z-1')).toEqual([true, false])
    expect(await holds(`q=${second.award.id}`)).toEqual([false, true])
    expect(await holds('state=revoked')).toEqual([false, false])
    expect(await holds(`offeringId=${w.course.id}&collected=no`)).toEqual([true, true])
    expect((await me.get('/awards?state=lost')).status).toBe(400)
  })

  test('changes many: a job that shows them first', async () => {
    const all = [await w.award(), await w.award(), await w.award()].map(({ award }) => award)
    const [one, two, three] = all.map(({ id }) => id) as readonly string[] as [string, string, string]
    const job = await me.order('/awards', {
      awardId: [one, two],
      what: 'suspend',
      ...why,
      reasonCode: 'investigation',
    })
    expect(await me.text(job)).toContain('Do it for 2 awards')
    expect(await Promise.all(all.map(stateOf))).toEqual(['valid', 'valid', 'valid'])
    expect((await me.post(`${job}/start`, {})).headers.get('location')).toBe(job)
    await w.work()
    expect(await Promise.all(all.map(stateOf))).toEqual(['suspended', 'suspended', 'valid'])
    const page = await me.text(job)
    expect(page).toContain('under investigation: The task was wrong.')
    expect(page).toContain(`${job}/receipt.csv`)
    const rest = await me.order('/awards', {
      scope: 'all',
      awardedFrom: '2026-01-01',
      state: 'valid',
      what: 'revoke',
      ...why,
    })
    expect(await me.text(rest)).toContain(`/awards/${three}/manage`)
    expect(await me.text(rest)).not.toContain(`/awards/${one}/manage`)
  })

  test('nobody ticked, no filter, a part of a name, or no reason is said, and orders nothing', async () => {
    const { award } = await w.award()
    const answers = [
      await me.post('/awards', { what: 'revoke', ...why }),
      await me.post('/awards', { scope: 'all', what: 'revoke', ...why }),
      await me.post('/awards', { scope: 'all', q: 'Lef', what: 'revoke', ...why }),
      await me.post('/awards', { awardId: award.id, what: 'revoke', ...why, reason: '' }),
      await me.post('/awards', { awardId: award.id, what: 'burn', ...why }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400])
    const [first, , third, fourth] = await Promise.all(answers.map((one) => one.text()))
    expect(first).toContain('Tick at least one award')
    expect(third).toContain('tick those you mean')
    expect(fourth).toContain('Say the reason in words')
    expect((await w.store.listBulkJobs(w.registrar.tenant, { limit: 10 })).items).toEqual([])
  })

  test('offers are mailed again, and cancelled', async () => {
    const { award } = await w.award()
    const job = await me.order('/awards', { awardId: award.id, what: 'resend' })
    await me.post(`${job}/start`, {})
    await w.work()
    const live = async () =>
      (await w.store.offersOf(award.learnerId)).filter((offer) => isLive(offer, w.clock.now())).length
    expect(await live()).toBe(1)
    await me.post(`/awards/${award.id}/offers`, { what: 'cancel' })
    expect(await live()).toBe(0)
    await me.post(`/awards/${award.id}/offers`, { what: 'resend' })
    expect(await live()).toBe(1)
  })
})

describe('one award', () => {
  test('is suspended, reinstated and revoked with a reason that stays in its history', async () => {
    const { award } = await w.award()
    const path = `/awards/${award.id}/manage`
    for (const [change, state] of [
      ['suspend', 'suspended'],
      ['reinstate', 'valid'],
      ['revoke', 'revoked'],
    ] as const) {
      const answer = await me.post(`/awards/${award.id}/status`, {
        change,
        reasonCode: 'other',
        reason: `For ${change}.`,
      })
      expect([answer.status, await stateOf(award)]).toEqual([303, state])
    }
    const page = await me.text(path)
    for (const part of ['For suspend.', 'For reinstate.', 'For revoke.']) expect(page).toContain(part)
    expect(page).not.toContain(`/awards/${award.id}/status"`)
    const late = await me.post(`/awards/${award.id}/status`, {
      change: 'suspend',
      reasonCode: 'other',
      reason: 'Late.',
    })
    expect(late.status).toBe(409)
    expect((await me.post(`/awards/${award.id}/status`, { change: 'suspend', reason: '' })).status).toBe(400)
  })

  test('is corrected: what is wrong is said beside its field, what is right makes the new award', async () => {
    const { award, learner } = await w.award({ scorePercent: 80 })
    await offerCredential(w.registrar, { requestId: w.requestId(), awardId: award.id }, w)
    const path = `/awards/${award.id}/correct`
    const before = {
      ...learner.person,
      scorePercent: '80',
      awardedOn: award.awardedAt.toISOString().slice(0, 10),
    }
    const validUntil = award.validUntil?.toISOString().slice(0, 10) ?? ''
    const send = (more: Record<string, string>) =>
      me.post(path, { ...before, validUntil, reasonCode: 'name', reason: 'Misspelt.', ...more } as never)
    expect(await me.text(path)).toContain(`value="${learner.person?.familyName}"`)
    const nothing = await send({})
    expect([nothing.status, await nothing.text()]).toEqual([
      400,
      expect.stringContaining('Every value is as it was'),
    ])
    const low = await send({ scorePercent: '3' })
    expect([low.status, await low.text()]).toEqual([400, expect.stringContaining('aria-invalid')])
    const answer = await send({ familyName: 'Übermaß', scorePercent: '81,5' })
    expect(answer.status).toBe(303)
    const page = await me.text(answer.headers.get('location') ?? '')
    expect(page).toContain('Übermaß')
    expect(page).toContain('81.5 %')
    expect(page).toContain(`/awards/${award.id}/manage`)
    expect(await stateOf(award)).toBe('superseded')
    expect((await me.get(path)).status).toBe(409)
  })
})

describe('bulk issue', () => {
  const file = (text: string) => new File([text], 'results.csv', { type: 'text/csv' })
  const form = (text: string) => ({
    offeringId: w.course.id,
    source: 'file',
    file: file(text),
    enrol: 'on',
    targetGroup: 'professionals',
    sector: 'manufacturing',
  })

  test('a file is checked first; its bad rows are shown by number and column; the rest is issued', async () => {
    const job = await me.order('/bulk/new', form(`${csvOf(3)}\ns-9,Given9,Family9,no-address,80`))
    const checked = await me.text(job)
    expect(checked).toContain('Issue 3 awards')
    expect(checked).toContain('<code>email</code>')
    expect(checked).toContain('rows-to-fix.csv')
    await me.post(`${job}/start`, {})
    await w.work()
    expect(await me.text(job)).toContain('4 of 4 rows')
    expect((await w.store.listAwards(w.registrar.tenant, { limit: 10 })).items).toHaveLength(3)
    expect((await me.post(`${job}/pause`, {})).status).toBe(409)
    expect(await me.text('/bulk')).toContain(job)
  })

  test('a file that is none of ours is refused in words, on the form', async () => {
    const answers = [
      await me.post('/bulk/new', form('name,mark\nAda,1')),
      await me.post('/bulk/new', form('')),
      await me.post('/bulk/new', { ...form(csvOf(1)), targetGroup: 'robots' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400])
    const [columns, empty] = await Promise.all(answers.map((one) => one.text()))
    expect(columns).toContain('score_percent')
    expect(empty).toContain('Choose a file')
    expect((await w.store.listBulkJobs(w.registrar.tenant, { limit: 10 })).items).toEqual([])
  })

  test('where two assessors decide, the form says so and the way there, and keeps no file nobody ordered from', async () => {
    const uploads: UploadId[] = []
    const save = w.store.saveUpload.bind(w.store)
    w.store.saveUpload = (upload, text) => {
      uploads.push(upload.upload)
      return save(upload, text)
    }
    const { id } = await w.offering({ moduleId: 'm-distributed-training' })
    const answer = await me.post('/bulk/new', { ...form(csvOf(2)), offeringId: id })
    expect(answer.status).toBe(400)
    const page = await answer.text()
    expect(page).toContain('two assessors decide about each result')
    expect(page).toContain(`<a href="/cohorts/${id}">`)
    expect(page).toContain(`<option value="${id}" selected>`)
    await me.post('/bulk/new', { ...form(csvOf(1)), targetGroup: 'robots' })
    const twice = { ...form(csvOf(1)), requestId: w.requestId() }
    await me.order('/bulk/new', twice)
    expect((await me.post('/bulk/new', twice)).status).toBe(409)
    expect(await Promise.all(uploads.map((upload) => w.store.findUpload(upload)))).toEqual(
      Array.from({ length: 4 }, () => undefined),
    )
  })

  test('participants without a result are issued with one score', async () => {
    const { learner } = await w.learner()
    await w.enrolment(learner.id, w.course)
    const job = await me.order('/bulk/new', {
      offeringId: w.course.id,
      source: 'without-result',
      scorePercent: '75',
    })
    await me.post(`${job}/start`, {})
    await w.work()
    expect(await w.store.awardsOf(learner.id)).toMatchObject([{ scorePercent: 75 }])
  })

  test('corrections come from a file', async () => {
    const { award } = await w.award()
    const job = await me.order('/bulk/corrections', {
      file: file(`award_id,family_name\n${award.id},Novák`),
      reasonCode: 'name',
      reason: 'Misspelt.',
    })
    await me.post(`${job}/start`, {})
    await w.work()
    expect(await stateOf(award)).toBe('superseded')
  })
})

test('with four eyes, what one registrar starts another must agree to, and one alone cannot turn it off', async () => {
  const second = browser(w.actor('registrar', { subject: 'second-registrar' }))
  await me.post('/approvals/settings', { fourEyes: 'on' })
  const [one, two] = [await w.award(), await w.award()]
  await me.post(`/awards/${one.award.id}/status`, { change: 'revoke', ...why })
  const job = await me.order('/awards', { awardId: two.award.id, what: 'revoke', ...why })
  await me.post(`${job}/start`, {})
  const started = [await w.store.waitingJobOfAward(one.award.id), job.split('/').at(-1)]
  await w.work()
  expect(await me.text(`/awards/${one.award.id}/manage`)).toContain('waits for a second registrar')
  expect(await me.text('/approvals')).not.toContain('/approve"')
  expect((await me.post(`/approvals/${started[0]}/approve`, {})).status).toBe(403)
  expect(await second.text('/approvals')).toContain(`/approvals/${started[0]}/approve"`)
  await second.post(`/approvals/${started[0]}/approve`, {})
  await second.post(`/approvals/${started[1]}/refuse`, { note: 'Look again.' })
  await w.work()
  expect([await stateOf(one.award), await stateOf(two.award)]).toEqual(['revoked', 'valid'])
  expect(await me.text(`/bulk/${started[1]}`)).toContain('Look again.')
  await me.post('/approvals/settings', { fourEyes: 'off' })
  expect(await me.text('/approvals')).toContain('has asked for this to end')
  expect((await w.store.institutionSettings(w.registrar.tenant)).fourEyes).toBe(true)
  await second.post('/approvals/settings', { fourEyes: 'off' })
  expect((await w.store.institutionSettings(w.registrar.tenant)).fourEyes).toBe(false)
})
