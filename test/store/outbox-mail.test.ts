import { expect, test } from 'vitest'
import { outboxMail } from '#adapters/outbox-mail/mail.ts'
import { world } from '#test/support/world.ts'

const message = { to: 'ada@example.org', subject: 'Your credential', text: 'It is ready.', language: 'en' }

test('messages wait in the outbox of their institution, newest first', async () => {
  const w = await world()
  const mail = outboxMail(w)
  const { northLake, mittelberg } = w.institutions
  await mail.send(northLake.tag, message)
  w.clock.advance({ seconds: 1 })
  await mail.send(northLake.tag, { ...message, text: 'Zweite — «é»\nline two' })
  expect(await mail.messages(northLake.tag)).toEqual([
    { ...message, text: 'Zweite — «é»\nline two', sentAt: w.clock.now() },
    { ...message, sentAt: new Date('2026-11-23T09:00:00.000Z') },
  ])
  expect(await mail.messages(mittelberg.tag)).toEqual([])
})

test.each([
  ['a second header', { to: 'ada@example.org\r\nBcc: all@example.org' }],
  ['two addresses', { to: 'a@example.org, b@example.org' }],
  ['no address', { to: 'ada' }],
  ['a subject of two lines', { subject: 'a\nb' }],
  ['a text without end', { text: 'x'.repeat(20_001) }],
  ['a language that is none', { language: 'en"><script>' }],
])('a message with %s is refused', async (_title, change) => {
  const w = await world()
  const sending = outboxMail(w).send(w.institutions.northLake.tag, { ...message, ...change })
  await expect(sending).rejects.toMatchObject({ code: 'invalid_input' })
})
