import { expect, test, vi } from 'vitest'
import { outboxMail } from '#adapters/outbox-mail/mail.ts'
import { deliverOutbox } from '#core/deliver-events.ts'
import type { OutboxEvent } from '#core/outbox.ts'
import type { LearnerState } from '#core/skills/skills-graph.ts'
import { type World, world } from '#test/support/world.ts'

/** An academy with so many awards, whose outbox is that of one institution. */
async function withAwards(count: number) {
  const ports = await world()
  for (let n = 0; n < count; n++) await ports.award()
  const tenant = ports.institutions.northLake.tag
  return { ports, tenant, mails: () => outboxMail(ports).messages(tenant) }
}

const acknowledging = (ports: World, acknowledgeEvents: World['store']['acknowledgeEvents']) => ({
  ...ports,
  store: { ...ports.store, acknowledgeEvents },
})

test('events are forgotten by the hundred, all of them, each told once', async () => {
  const { ports, tenant, mails } = await withAwards(55)
  const acknowledge = vi.fn((events: OutboxEvent[]) => ports.store.acknowledgeEvents(events))
  const told = vi.fn((states: LearnerState[]) => ports.graph.project(states))
  const watched = { ...acknowledging(ports, acknowledge), graph: { ...ports.graph, project: told } }
  expect(await deliverOutbox(tenant, watched)).toMatchObject({ delivered: 110, waiting: 0, failures: [] })
  expect(acknowledge.mock.calls.map(([events]) => events.length)).toEqual([100, 10])
  expect(told).toHaveBeenCalledTimes(55)
  expect(await mails()).toHaveLength(55)
  expect(await ports.store.pendingEvents(tenant, 1000)).toEqual([])
  expect(await deliverOutbox(tenant, watched)).toMatchObject({ delivered: 0 })
})

test('a server that dies before it forgets what it told sends no mail again', async () => {
  const { ports, tenant, mails } = await withAwards(3)
  const dying = acknowledging(ports, () => Promise.reject(new Error('killed')))
  expect(await deliverOutbox(tenant, dying)).toMatchObject({
    delivered: 0,
    waiting: 6,
    failures: [new Error('killed')],
  })
  expect(await mails()).toHaveLength(3)
  expect(await deliverOutbox(tenant, ports)).toMatchObject({ delivered: 6, waiting: 0 })
  expect(await mails()).toHaveLength(3)
})

test('what is refused stays, though what was told around it is forgotten with one write', async () => {
  const { ports, tenant, mails } = await withAwards(3)
  let sent = 0
  const send: World['mail']['send'] = (to, message) =>
    sent++ === 1 ? Promise.reject(new Error('mailbox full')) : ports.mail.send(to, message)
  const refusing = { ...ports, mail: { ...ports.mail, send } }
  expect(await deliverOutbox(tenant, refusing)).toMatchObject({ delivered: 5, waiting: 1 })
  expect(await mails()).toHaveLength(2)
  expect(await ports.store.pendingEvents(tenant, 10)).toMatchObject([{ type: 'offer.opened' }])
  expect(await deliverOutbox(tenant, ports)).toMatchObject({ delivered: 1, waiting: 0 })
  expect(await mails()).toHaveLength(3)
})
