import { expect, test, vi } from 'vitest'
import { outboxMail } from '#adapters/outbox-mail/mail.ts'
import { recordAssessment } from '#core/assessments/record-assessment.ts'
import { mailedTxCode } from '#core/credentials/open-offer.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import { repeat } from '#functions/background.ts'
import { type World, world } from '#test/support/world.ts'

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

test('what was delivered is delivered once', async () => {
  const ports = await world()
  await passed(ports)
  await deliverEvents(ports)
  expect(await deliverEvents(ports)).toBe(0)
  expect(await mailbox(ports)).toHaveLength(1)
})

test('an event that cannot be delivered holds up its own learner only, and is tried again', async () => {
  const ports = await world()
  const first = await passed(ports)
  const second = await passed(ports)
  const mail = {
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
