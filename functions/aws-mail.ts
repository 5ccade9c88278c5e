import { smtpMail } from '#adapters/smtp/mail.ts'
import { MailServerAway } from '#core/credentials/mail-server-away.ts'
import type { Mail } from '#core/ports.ts'
import type { Settings } from './settings.ts'

/** Mail through the server of `SMTP_URL`, whose login is asked for with the first message. */
export function awsMail(
  { caFile: _none, ...parts }: NonNullable<Settings['smtp']>,
  readLogin: () => Promise<{ user: string; password: string }>,
): Mail {
  let opened: Promise<Mail> | undefined
  const mail = () => {
    opened ??= readLogin()
      .then((login) => smtpMail({ ...parts, login }))
      .catch(() => {
        opened = undefined
        throw new MailServerAway('its login cannot be read')
      })
    return opened
  }
  return {
    send: async (tenant, message) => (await mail()).send(tenant, message),
    async forget() {
      // What has left cannot be called back, and nothing is kept.
    },
  }
}
