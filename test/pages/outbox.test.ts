import { expect, test } from 'vitest'
import { outboxMail } from '#adapters/outbox-mail/mail.ts'
import { outboxRoutes } from '#http/pages/outbox.ts'
import { world } from '#test/support/world.ts'

async function outbox() {
  const ports = await world()
  const mail = outboxMail(ports)
  await mail.send(ports.institutions.northLake.tag, {
    to: 'ada@example.org',
    subject: 'Your <b>code</b>',
    text: 'The code is 123456.',
    language: 'en',
  })
  return outboxRoutes(mail, ports)
}

const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } })

test('mail of a trial server is shown on the machine itself, escaped', async () => {
  const app = await outbox()
  const page = await (await app.request('http://localhost/outbox', {}, from('127.0.0.1') as never)).text()
  expect(page).toContain('The code is 123456.')
  expect(page).toContain('Your &lt;b&gt;code&lt;/b&gt;')
})

test.each([
  ['another machine', 'http://localhost/outbox', '192.0.2.1'],
  ['this machine by another name', 'http://academy.example/outbox', '127.0.0.1'],
])('it is not shown to %s', async (_who, url, address) => {
  const app = await outbox()
  app.onError((_error, c) => c.text('refused', 403))
  const answer = await app.request(url, {}, from(address) as never)
  expect(answer.status).toBe(403)
})
