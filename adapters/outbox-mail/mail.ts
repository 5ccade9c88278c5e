import * as z from 'zod'
import { base32, isTenantTag, type TenantTag, tenantOf } from '#core/ids.ts'
import { parse } from '#core/parse.ts'
import type { Clock, Files, Mail, Message, Random } from '#core/ports.ts'
import { zMessage } from './z-message.ts'

const zKept = zMessage.extend({ sentAt: z.iso.datetime().transform((text) => new Date(text)) })

interface KeptMessage extends Message {
  sentAt: Date
}

/** Reads what was "sent"; for the page that shows it to the operator of a local academy. */
export interface MailOutbox {
  /** Newest first. */
  messages(tenant: TenantTag): Promise<KeptMessage[]>
}

/**
 * `Mail` that leaves nothing: each message is kept as a file of its institution and shown on a page.
 * Local by nature; a deployment sends by SMTP instead.
 */
export function outboxMail(ports: { files: Files; clock: Clock; random: Random }): Mail & MailOutbox {
  const { files, clock, random } = ports
  return {
    async send(tenant, { about, ...message }) {
      if (!isTenantTag(tenant)) throw new Error('mail needs the institution it is sent for')
      const kept = { ...parse(zMessage, message), sentAt: clock.now().toISOString() }
      const time = kept.sentAt.replaceAll(/[^0-9]/g, '')
      const whose = about === undefined ? '' : `-${about}`
      const name = `${tenant}/mail/${time}-${base32(random.bytes(10))}${whose}.json`
      await files.put(name, Buffer.from(JSON.stringify(kept)), 'application/json')
      return { outcome: 'sent' }
    },

    async forget(about) {
      const names = await files.list(`${tenantOf(about) ?? ''}/mail/`)
      for (const name of names.filter((one) => one.endsWith(`-${about}.json`))) await files.delete(name)
    },

    async messages(tenant) {
      const names = (await files.list(`${tenant}/mail/`)).reverse()
      const found = await Promise.all(names.map((name) => files.get(name)))
      return found
        .filter((bytes) => bytes !== undefined)
        .map((bytes) => zKept.parse(JSON.parse(Buffer.from(bytes).toString())))
    },
  }
}
