/**
 * Thrown by `Mail.send` when the server itself cannot be used: the next message would fare no better. Any
 * other error is about its one message. Says a code and no address.
 */
export class MailServerAway extends Error {
  constructor(what: string) {
    super(`the mail server cannot be used: ${what}`)
    this.name = 'MailServerAway'
  }
}
