import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeTlsCertificate } from '#adapters/file/certificates.ts'
import { type SmtpParts, smtpMail } from '#adapters/smtp/mail.ts'
import { deliverEvents } from '#core/deliver-events.ts'
import { northLake } from '#functions/seed/institutions.ts'
import { readSettings } from '#functions/settings.ts'
import { describeError } from '#http/log.ts'
import { world } from '#test/support/world.ts'
import { smtpSink } from './smtp-sink.ts'

const { tag } = northLake
let key: string
let cert: string
beforeAll(async () => {
  const made = await makeTlsCertificate(['localhost', '127.0.0.1'], new Date(), 2)
  key = made.privateKey
  cert = made.certificate
})

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function sink(options: Parameters<typeof smtpSink>[0] = {}) {
  const made = await smtpSink(options)
  open.push(made)
  return made
}

function mailTo(port: number, more: Partial<SmtpParts> = {}) {
  const mail = smtpMail({
    host: '127.0.0.1',
    port,
    implicitTls: false,
    plain: false,
    from: 'AI Skills Academy <academy@academy.example>',
    ca: cert,
    ...more,
  })
  open.unshift(mail)
  return mail
}

const message = {
  to: 'ada@example.org',
  subject: 'Žádost – 証明書',
  text: 'Première ligne\n.point seul\n.\nλόγος',
  language: 'fr',
  reference: 'k3vq7m2a-ofr-aaaaaaaaaaaaaaaaaaaaaaaaaa',
}

describe('a message', () => {
  test('goes over STARTTLS with the login, in every script, with a Message-ID that stays the same', async () => {
    const server = await sink({ tls: { key, cert }, login: { user: 'academy', password: 's3cret' } })
    const mail = mailTo(server.port, { login: { user: 'academy', password: 's3cret' } })
    expect(await mail.send(tag, message)).toEqual({ outcome: 'sent' })
    await mail.send(tag, message)
    const [first, second] = server.mails
    expect(first).toMatchObject({
      from: 'academy@academy.example',
      to: ['ada@example.org'],
      secure: true,
      user: 'academy',
    })
    const idOf = (data = '') => /^Message-ID: (.*)\r$/m.exec(data)?.[1]
    expect(idOf(first?.data)).toBe(`<${message.reference}@academy.example>`)
    expect(idOf(second?.data)).toBe(idOf(first?.data))
    expect(first?.data).toMatch(/^Auto-Submitted: auto-generated\r$/m)
    expect(textOf(first?.data)).toBe('Première ligne\n.point seul\n.\nλόγος')
  })

  test('goes over TLS from the first byte', async () => {
    const server = await sink({ tls: { key, cert, implicit: true } })
    expect(await mailTo(server.port, { implicitTls: true }).send(tag, message)).toEqual({ outcome: 'sent' })
    expect(server.mails[0]?.secure).toBe(true)
  })

  test('goes in the clear to a server on this machine only', async () => {
    const server = await sink()
    expect(await mailTo(server.port, { plain: true }).send(tag, message)).toEqual({ outcome: 'sent' })
    expect(server.mails[0]?.secure).toBe(false)
  })

  test.each([
    ['two lines in a subject', { subject: 'a\r\nBcc: all@example.org' }],
    ['two addresses', { to: 'a@example.org, b@example.org' }],
    ['no address', { to: 'nobody' }],
  ])('with %s is refused before anything is said', async (_what, wrong) => {
    const server = await sink()
    const sent = mailTo(server.port, { plain: true }).send(tag, { ...message, ...wrong })
    await expect(sent).rejects.toMatchObject({ code: 'invalid_input' })
    expect(server.commands).toEqual([])
  })
})

describe('nothing is said in the clear', () => {
  test('to a server that offers no STARTTLS', async () => {
    const server = await sink({ login: { user: 'a', password: 'b' } })
    const mail = mailTo(server.port, { login: { user: 'a', password: 'b' } })
    await expect(mail.send(tag, message)).rejects.toThrow('cannot be used')
    expect(server.commands.join()).not.toMatch(/AUTH|RCPT/)
  })

  test('to a server whose certificate nobody vouches for', async () => {
    const server = await sink({ tls: { key, cert } })
    const { certificate } = await makeTlsCertificate(['127.0.0.1'], new Date(), 2)
    await expect(mailTo(server.port, { ca: certificate }).send(tag, message)).rejects.toThrow(
      'cannot be used',
    )
    expect(server.mails).toEqual([])
  })
})

describe('what the server says no to', () => {
  test('an address that does not exist is answered, not tried again', async () => {
    const server = await sink({
      answer: (line) => (line.startsWith('RCPT') ? '550 5.1.1 <ada@example.org> unknown' : undefined),
    })
    expect(await mailTo(server.port, { plain: true }).send(tag, message)).toEqual({
      outcome: 'refused',
      code: 550,
    })
  })

  test.each([
    ['busy', (line: string) => (line.startsWith('RCPT') ? '451 4.7.1 <ada@example.org> later' : undefined)],
    ['full', (line: string) => (line === '.' ? '452 4.3.1 no room for ada@example.org' : undefined)],
    ['wrong login', (line: string) => (line.startsWith('MAIL') ? '530 log in first' : undefined)],
  ])('%s is thrown, without the address', async (_what, answer) => {
    const server = await sink({ answer })
    const failed = mailTo(server.port, { plain: true })
      .send(tag, message)
      .then(
        () => 'sent',
        (error: unknown) => JSON.stringify(describeError(error, true)),
      )
    expect(await failed).toMatch(/did not take a message yet|cannot be used/)
    expect(await failed).not.toContain('ada@')
  })

  test('nobody listens', async () => {
    const server = await sink()
    await server.close()
    open.splice(open.indexOf(server), 1)
    await expect(mailTo(server.port, { plain: true }).send(tag, message)).rejects.toThrow('ESOCKET')
  })
})

describe('behind the outbox', () => {
  test('a server that was away gets the mail in a later round; what became of it stands in the offer’s log', async () => {
    const w = await world()
    const { offer } = await w.award()
    let away = true
    const server = await sink({
      answer: (line) => (away && line.startsWith('MAIL') ? '421 closing' : undefined),
    })
    const ports = { ...w, mail: mailTo(server.port, { plain: true }) }
    await expect(deliverEvents(ports)).rejects.toThrow('could not be delivered')
    expect(server.mails).toEqual([])
    away = false
    await deliverEvents(ports)
    expect(server.mails).toHaveLength(1)
    expect(textOf(server.mails[0]?.data)).toContain(`/claim/${offer.id}`)
    expect((await w.store.offerLog(offer.id, 10)).map(({ what }) => what)).toContain('mailed')
    expect(await deliverEvents(ports)).toBe(0)
  })

  test('an address that is refused holds up nobody', async () => {
    const w = await world()
    const { offer } = await w.award()
    const server = await sink({ answer: (line) => (line.startsWith('RCPT') ? '550 unknown' : undefined) })
    await deliverEvents({ ...w, mail: mailTo(server.port, { plain: true }) })
    const log = await w.store.offerLog(offer.id, 10)
    expect(log).toContainEqual(expect.objectContaining({ what: 'mail-refused', code: '550' }))
    expect(await w.store.pendingEvents(tag, 10)).toEqual([])
  })

  test('while the server is away, a round asks it three times and not once for every learner', async () => {
    const w = await world()
    for (let n = 0; n < 6; n++) await w.award()
    const server = await sink({ answer: (line) => (line.startsWith('MAIL') ? '421 closing' : undefined) })
    await expect(deliverEvents({ ...w, mail: mailTo(server.port, { plain: true }) })).rejects.toThrow(
      '3 events',
    )
    expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(3)
  })
})

describe('settings', () => {
  const from = { MAIL_FROM: 'academy@academy.example' }
  test('say host, port and the kind of TLS', () => {
    expect(readSettings({ SMTP_URL: 'smtp://mail.example', ...from }).smtp).toMatchObject({
      host: 'mail.example',
      port: 587,
      implicitTls: false,
      plain: false,
    })
    expect(readSettings({ SMTP_URL: 'smtps://mail.example', ...from }).smtp).toMatchObject({
      port: 465,
      implicitTls: true,
    })
    expect(readSettings({ SMTP_URL: 'smtp://127.0.0.1:2525', ...from }).smtp).toMatchObject({
      port: 2525,
      plain: true,
    })
    expect(readSettings({}).smtp).toBeUndefined()
  })

  test.each([
    ['SMTP_URL', { SMTP_URL: 'http://mail.example', ...from }],
    ['SMTP_URL', { SMTP_URL: 'smtp://user:password@mail.example', ...from }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example' }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example', MAIL_FROM: 'nobody' }],
    ['SMTP_PASSWORD', { SMTP_URL: 'smtp://mail.example', ...from, SMTP_USER: 'x' }],
  ])('a bad %s is named', (name, environment) => {
    expect(() => readSettings(environment)).toThrow(`${name}: `)
  })
})

/** The text of a mail, whichever of the usual encodings its sender chose. */
function textOf(data = ''): string {
  const [head = '', ...rest] = data.split('\r\n\r\n')
  const body = rest.join('\r\n\r\n')
  const encoding = /^Content-Transfer-Encoding: (\S+)/m.exec(head)?.[1]
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString().replaceAll('\r\n', '\n').trimEnd()
  const bytes =
    encoding === 'quoted-printable'
      ? Buffer.from(
          body
            .replaceAll('=\r\n', '')
            .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) =>
              String.fromCharCode(Number.parseInt(hex, 16)),
            ),
          'latin1',
        )
      : Buffer.from(body)
  return bytes.toString().replaceAll('\r\n', '\n').trimEnd()
}
