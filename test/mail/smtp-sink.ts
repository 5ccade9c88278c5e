import { createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'

interface SunkMail {
  from: string
  to: string[]
  /** Headers and text as they came, without the dots of transparency. */
  data: string
  secure: boolean
  user: string | undefined
}

interface SinkOptions {
  /** PEM: offers STARTTLS, or speaks TLS from the first byte. */
  tls?: { key: string; cert: string; implicit?: boolean }
  /** Who must log in (AUTH PLAIN) before anything is taken. */
  login?: { user: string; password: string }
  /** What is answered instead of yes, by the first words of a command. */
  answer?: (command: string) => string | undefined
  /** Never says a word. */
  silent?: boolean
}

/** A mail server of a hundred lines, written from RFC 5321: takes everything and delivers nothing. */
export async function smtpSink(options: SinkOptions = {}) {
  const mails: SunkMail[] = []
  const commands: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    if (options.silent) return
    if (options.tls?.implicit) talk(upgraded(socket, options.tls), true, true)
    else talk(socket, false, true)
  })

  function talk(socket: Socket, secure: boolean, greet: boolean): void {
    let user: string | undefined
    let envelope: { from: string; to: string[] } = { from: '', to: [] }
    let data: string | undefined
    let waiting = ''
    const say = (line: string) => socket.write(`${line}\r\n`)
    socket.on('error', () => undefined)
    socket.on('data', onData)
    if (greet) say('220 sink ESMTP')

    function onData(chunk: Buffer): void {
      waiting += chunk.toString('utf8')
      for (let end = waiting.indexOf('\r\n'); end !== -1; end = waiting.indexOf('\r\n')) {
        const line = waiting.slice(0, end)
        waiting = waiting.slice(end + 2)
        if (data === undefined) onCommand(line)
        else if (line !== '.') data += `${line.startsWith('.') ? line.slice(1) : line}\r\n`
        else {
          const refused = options.answer?.('.')
          if (!refused) mails.push({ ...envelope, data, secure, user })
          data = undefined
          say(refused ?? '250 taken')
        }
      }
    }

    function onCommand(line: string): void {
      commands.push(line)
      const refused = options.answer?.(line)
      if (refused) return void say(refused)
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'EHLO') {
        const offers = [
          ...(options.tls && !secure ? ['STARTTLS'] : []),
          ...(options.login ? ['AUTH PLAIN'] : []),
        ]
        for (const offer of offers) say(`250-${offer}`)
        say('250 8BITMIME')
      } else if (verb === 'STAR' && options.tls) {
        say('220 go ahead')
        socket.removeListener('data', onData)
        talk(upgraded(socket, options.tls), true, false)
      } else if (verb === 'AUTH') {
        const [, name, password] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
          .toString()
          .split('\0')
        const known = options.login?.user === name && options.login?.password === password
        if (known) user = name
        say(known ? '235 welcome' : '535 not you')
      } else if (verb === 'MAIL') {
        if (options.login && !user) return void say('530 log in first')
        envelope = { from: address(line), to: [] }
        say('250 ok')
      } else if (verb === 'RCPT') {
        envelope.to.push(address(line))
        say('250 ok')
      } else if (verb === 'DATA') {
        data = ''
        say('354 go on')
      } else if (verb === 'QUIT') {
        say('221 bye')
        socket.end()
      } else if (verb === 'STAR') say('502 5.5.1 not offered')
      else say('250 ok')
    }
  }

  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address()
      resolve(typeof bound === 'object' && bound ? bound.port : 0)
    }),
  )
  return {
    port,
    mails,
    commands,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function upgraded(socket: Socket, { key, cert }: { key: string; cert: string }): TLSSocket {
  return new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ key, cert }) })
}

const address = (line: string) => /<([^>]*)>/.exec(line)?.[1] ?? ''
