import { expect, test, vi } from 'vitest'
import { outboxMail } from '#adapters/outbox-mail/mail.ts'
import { recordAssessment } from '#core/assessments/record-assessment.ts'
import { changeAwardStatus } from '#core/awards/change-award-status.ts'
import { issueCredential } from '#core/credentials/issue-credential.ts'
import { mailedTxCode } from '#core/credentials/open-offer.ts'
import { statusValues } from '#core/credentials/status-list.ts'
import { deliverEvents, deliverOutbox } from '#core/deliver-events.ts'
import { requestErasure } from '#core/learners/request-erasure.ts'
import { listParkedEvents, replayEvents } from '#core/replay-events.ts'
import { repeat } from '#functions/background.ts'
import { type World, world } from '#test/support/world.ts'
import { makeKeyPair } from '../verification/foreign-issuer.ts'

async function passed(ports: World) {
  const { learner } = await ports.learner()
  const offering = await ports.offering()
  await ports.enrolment(learner.id, offering)
  const input = { requestId: ports.requestId(), learnerId: learner.id, offeringId: offering.id }
  const recorded = await recordAssessment(ports.actor('assessor'), { ...input, scorePercent: 95 }, ports)
  return { learner, ...recorded }
}

const mailbox = (ports: World) => outboxMail(ports).messages(ports.institutions.northLake.tag)

test('a pass sends the learner one mail with the link and the code, in both languages', async () => {
  const ports = await world()
  const { learner, offer } = await passed(ports)
  expect(await deliverEvents(ports)).toBeGreaterThan(0)
  const [mail, ...more] = await mailbox(ports)
  expect(more).toEqual([])
  expect(mail?.to).toBe(learner.person?.email)
  expect(mail?.text).toContain(`${ports.settings.publicUrl}/claim/${offer?.id}`)
  expect(mail?.text).toContain(offer && mailedTxCode(offer, ports.signers))
  expect(mail?.text).toMatch(/You passed[\s\S]*Vous avez réussi/)
})

test('no mail of a learner is kept once they are erased, and that of others is', async () => {
  const ports = await world()
  const { learner } = await passed(ports)
  const other = await passed(ports)
  await deliverEvents(ports)
  expect(await mailbox(ports)).toHaveLength(2)
  await requestErasure(
    ports.actor('registrar'),
    { requestId: ports.requestId(), learnerId: learner.id, revokeAwards: false },
    ports,
  )
  await deliverEvents(ports)
  expect((await mailbox(ports)).map(({ to }) => to)).toEqual([other.learner.person?.email])
})

test('what was delivered is delivered once', async () => {
  const ports = await world()
  await passed(ports)
  await deliverEvents(ports)
  expect(await deliverEvents(ports)).toBe(0)
  expect(await mailbox(ports)).toHaveLength(1)
})

test('any number of mailboxes that refuse hold up nobody else', async () => {
  const ports = await world()
  const refusing: (string | undefined)[] = []
  for (let count = 0; count < 5; count++) refusing.push((await passed(ports)).learner.person?.email)
  const last = await passed(ports)
  const mail: World['mail'] = {
    ...ports.mail,
    send: (tenant, message) =>
      refusing.includes(message.to)
        ? Promise.reject(new Error('mailbox full'))
        : ports.mail.send(tenant, message),
  }
  await expect(deliverEvents({ ...ports, mail })).rejects.toThrow('5 events could not be delivered')
  expect((await mailbox(ports)).map(({ to }) => to)).toEqual([last.learner.person?.email])
})

test('an event that cannot be delivered holds up its own learner only, and is tried again', async () => {
  const ports = await world()
  const first = await passed(ports)
  const second = await passed(ports)
  const mail = {
    ...ports.mail,
    send: (tenant: Parameters<World['mail']['send']>[0], message: Parameters<World['mail']['send']>[1]) =>
      message.to === first.learner.person?.email
        ? Promise.reject(new Error('mailbox full'))
        : ports.mail.send(tenant, message),
  }
  await expect(deliverEvents({ ...ports, mail })).rejects.toThrow('1 events could not be delivered')
  expect((await mailbox(ports)).map(({ to }) => to)).toEqual([second.learner.person?.email])
  await deliverEvents(ports)
  const told = new Set((await mailbox(ports)).map(({ to }) => to))
  expect(told).toEqual(new Set([first.learner.person?.email, second.learner.person?.email]))
})

test('a graph that is away holds up neither mail nor revocations, and hears of all of it later', async () => {
  const ports = await world()
  let asked = 0
  const away = () => {
    asked++
    return Promise.reject(new Error('away'))
  }
  const withoutGraph = { ...ports, graph: { ...ports.graph, project: away } }
  const learners = []
  for (let count = 0; count < 6; count++) {
    const one = await passed(ports)
    if (!one.award) throw new Error('this score does not pass')
    await expect(deliverEvents(withoutGraph)).rejects.toThrow('could not be delivered')
    learners.push({ ...one, award: one.award })
  }
  for (const { award } of learners) {
    const holderKey = makeKeyPair().jwk
    await issueCredential({ awardId: award.id, format: 'dc+sd-jwt', holderKey }, ports)
    const change = { requestId: ports.requestId(), awardId: award.id, reason: 'Copied.' }
    await changeAwardStatus(ports.actor('registrar'), 'revoke', change, ports)
  }
  asked = 0
  await expect(deliverEvents(withoutGraph)).rejects.toThrow('3 events could not be delivered')
  expect(asked, 'a graph that is away is not asked again and again').toBe(3)

  expect(await mailbox(ports)).toHaveLength(6)
  for (const { award } of learners) {
    const [credential] = await ports.store.credentialsOfAward(award.id)
    const read = credential && (await ports.store.readStatusList(credential.status.list))
    expect(read?.entries).toContainEqual({ index: credential?.status.index, value: statusValues.invalid })
  }
  // Of each learner the award, its revocation and nothing else is still to be told.
  expect(await deliverEvents(ports)).toBe(12)
  expect(await mailbox(ports)).toHaveLength(6)
  expect(await deliverEvents(ports)).toBe(0)
})

test('an erased learner gets no mail', async () => {
  const ports = await world()
  const { learner } = await passed(ports)
  await ports.store.eraseLearnerOnce(ports.request('erase'), learner.id)
  await deliverEvents(ports)
  expect(await mailbox(ports)).toEqual([])
})

test('background work that fails is logged without its words and tried again; stopping waits for it', async () => {
  const logged: unknown[] = []
  let rounds = 0
  const loop = repeat(
    'work',
    1,
    async () => {
      rounds++
      if (rounds === 1) throw new Error('Ada is in here')
    },
    { log: (line) => logged.push(line), withMessages: false },
  )
  await vi.waitFor(() => expect(rounds).toBeGreaterThan(3))
  await loop.stop()
  const atStop = rounds
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(rounds).toBe(atStop)
  expect(logged).toMatchObject([{ event: 'background', name: 'work', failures: 1 }])
  expect(JSON.stringify(logged)).not.toContain('Ada')
})

const refusing = (ports: World, email: string | undefined): World['mail'] => ({
  ...ports.mail,
  send: (tenant, message) =>
    message.to === email ? Promise.reject(new Error('no such mailbox')) : ports.mail.send(tenant, message),
})

test('an event that is refused for an hour while others are taken is put aside, and holds up nobody; replayed, it is told', async () => {
  const ports = await world()
  const tenant = ports.institutions.northLake.tag
  const stuck = await passed(ports)
  const mail = refusing(ports, stuck.learner.person?.email)
  const early = await deliverOutbox(tenant, { ...ports, mail })
  expect(early).toMatchObject({ parked: 0, waiting: 1 })
  expect(early.behindSince.get('mail')).toEqual(ports.clock.now())

  ports.clock.advance({ minutes: 61 })
  // Alone it is not judged: nobody could say whether the mail server is away.
  expect(await deliverOutbox(tenant, { ...ports, mail })).toMatchObject({ parked: 0, waiting: 1 })
  await passed(ports)
  expect(await deliverOutbox(tenant, { ...ports, mail })).toMatchObject({ parked: 1, waiting: 0 })
  expect(await listParkedEvents(ports)).toMatchObject([
    { tenant, refusedBy: ['mail'], event: { type: 'offer.opened', learnerId: stuck.learner.id } },
  ])
  expect(await deliverOutbox(tenant, { ...ports, mail })).toMatchObject({
    parked: 0,
    waiting: 0,
    failures: [],
  })

  expect(await replayEvents(ports)).toBe(1)
  expect(await deliverOutbox(tenant, ports)).toMatchObject({ delivered: 1, waiting: 0 })
  expect((await mailbox(ports)).map(({ to }) => to)).toContain(stuck.learner.person?.email)
  expect(await listParkedEvents(ports)).toEqual([])
})

test('a graph that is away for long has nothing put aside', async () => {
  const ports = await world()
  const tenant = ports.institutions.northLake.tag
  for (let count = 0; count < 3; count++) await passed(ports)
  const graph = { ...ports.graph, project: () => Promise.reject(new Error('away')) }
  ports.clock.advance({ hours: 5 })
  const round = await deliverOutbox(tenant, { ...ports, graph })
  expect(round).toMatchObject({ parked: 0, waiting: 3 })
  expect([...round.behindSince.keys()]).toEqual(['graph'])
})

test('an event that cannot be read is put aside and the others are told', async () => {
  const ports = await world()
  const tenant = ports.institutions.northLake.tag
  const pk = `T#${tenant}#OUT#0`
  await ports.records.transact([{ put: { pk, sk: '2026-01-01', version: 1, data: { type: 'of tomorrow' } } }])
  await passed(ports)
  expect(await deliverOutbox(tenant, ports)).toMatchObject({ parked: 1, waiting: 0, failures: [] })
  expect(await listParkedEvents(ports)).toMatchObject([{ sk: '2026-01-01', refusedBy: ['unreadable'] }])
  expect(await mailbox(ports)).toHaveLength(1)
})

test('no event is told after the time of a round is over; the next round goes on', async () => {
  const ports = await world()
  const tenant = ports.institutions.northLake.tag
  await passed(ports)
  const over = await deliverOutbox(tenant, ports, { until: ports.clock.now() })
  expect(over).toMatchObject({ delivered: 0, failures: [] })
  expect((await deliverOutbox(tenant, ports)).delivered).toBeGreaterThan(0)
})

test('no event is told once the server is to stop; the next start goes on', async () => {
  const ports = await world()
  const stopping = new AbortController()
  for (let count = 0; count < 3; count++) await passed(ports)
  const send = vi.fn(async () => {
    stopping.abort()
    return { outcome: 'sent' as const }
  })
  const stoppable: World = { ...ports, mail: { ...ports.mail, send } }
  await deliverEvents(stoppable, { stopped: stopping.signal })
  expect(send).toHaveBeenCalledTimes(1)
  await deliverEvents(stoppable)
  expect(send).toHaveBeenCalledTimes(3)
})

test('work that is handed on is not done here', async () => {
  const ports = await world()
  const tenant = ports.institutions.northLake.tag
  const { learner } = await passed(ports)
  await ports.store.eraseLearnerOnce(ports.request('erase'), learner.id)
  const handedOn: string[] = []
  const files = async ({ learnerId }: { learnerId: string }) => void handedOn.push(learnerId)
  await deliverOutbox(tenant, ports, { instead: { files } })
  expect(handedOn).toEqual([learner.id])
  expect(await ports.files.list(`${tenant}/erasures/`)).toEqual([])
})
