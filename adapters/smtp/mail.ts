import type { Transporter } from 'nodemailer'
import { MailServerAway } from '#core/credentials/mail-server-away.ts'
import { parse } from '#core/parse.ts'
import type { Mail, MailOutcome } from '#core/ports.ts'
import { zMessage } from '../outbox-mail/z-message.ts'

export interface SmtpParts {
  host: string
  port: number
  /** TLS from the first byte (`smtps`); else the connection is upgraded by STARTTLS before anything is said. */
  implicitTls: boolean
  /** Plain text is spoken with a server on this very machine only. */
  plain: boolean
  login?: { user: string; password: string }
  /** What stands in From. */
  from: string
  /** PEM of an authority to trust besides the well-known ones. */
  ca?: string
}

/** RFC 5321 §3.8: may come at any moment. */
const serviceCloses = 421

/** Longest waits, in milliseconds: a mail server that hangs must not hold up the outbox. */
const waits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 } as const

/**
 * `Mail` through an SMTP server (RFC 5321), with STARTTLS (RFC 3207) or implicit TLS (RFC 8314). What the
 * server cannot take now is thrown, and the outbox tries again; an address it refuses for good is answered.
 */
export function smtpMail(parts: SmtpParts): Mail & { close(): void } {
  let transport: Promise<Transporter> | undefined

  async function open(): Promise<Transporter> {
    // Loaded with the first message: most processes send none.
    const { createTransport } = await import('nodemailer')
    return createTransport({
      pool: true,
      maxConnections: 3,
      maxMessages: 100,
      host: parts.host,
      port: parts.port,
      secure: parts.implicitTls,
      requireTLS: !parts.implicitTls && !parts.plain,
      ignoreTLS: parts.plain,
      ...(parts.login ? { auth: { user: parts.login.user, pass: parts.login.password } } : {}),
      tls: { minVersion: 'TLSv1.2', ...(parts.ca === undefined ? {} : { ca: parts.ca }) },
      ...waits,
      disableFileAccess: true,
      disableUrlAccess: true,
      logger: false,
    })
  }

  return {
    async send(_tenant, { about: _whose, ...message }): Promise<MailOutcome> {
      const { to, subject, text, language, reference } = parse(zMessage, message)
      transport ??= open()
      const server = await transport
      try {
        await server.sendMail({
          from: parts.from,
          to: { name: '', address: to },
          subject,
          text,
          // A message that was sent twice can be known as one.
          ...(reference === undefined ? {} : { messageId: `<${reference}@${domainOf(parts.from)}>` }),
          headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': language },
        })
        return { outcome: 'sent' }
      } catch (cause) {
        return refusedForGood(cause)
      }
    },

    async forget() {
      // What has left cannot be called back, and nothing is kept here.
    },

    close() {
      void transport?.then((pool) => pool.close())
    },
  }
}

/** An address or a message that the server will never take is answered. Everything else may pass and is thrown. */
function refusedForGood(cause: unknown): MailOutcome {
  const { responseCode, command, code } = (cause ?? {}) as {
    responseCode?: number
    command?: string
    code?: string
  }
  // Its own message holds addresses, and what the server says may, too.
  const what = [code, command, responseCode].filter((part) => part !== undefined).join(' ')
  const aboutThisMessage = responseCode !== undefined && (command === 'RCPT TO' || command === 'DATA')
  if (!aboutThisMessage || responseCode === serviceCloses) throw new MailServerAway(what)
  if (responseCode >= 500 && responseCode < 600) return { outcome: 'refused', code: responseCode }
  throw new Error(`the mail server did not take a message yet: ${what}`)
}

/** The domain of `Name <local@domain>` or `local@domain`. */
function domainOf(from: string): string {
  return /@([^\s<>@]+)>?$/.exec(from)?.[1] ?? 'localhost'
}
