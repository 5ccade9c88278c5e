import type { Files, Mail, Ports } from '#core/ports.ts'
import type { Sites } from '#core/practicals/site.ts'
import { Refusal } from '#core/refusal.ts'
import type { EscoCatalogue } from '#core/skills/esco/esco-catalogue.ts'
import type { Log } from '#http/log.ts'

/** What a function was not given (`infra/functions.ts`), because nothing it does asks for it. */
const notGiven = (what: string) => () => Promise.reject(new Error(`this function was given no ${what}`))

/** There are no sites, so no practicals to start. */
export const noSites: Sites = { list: () => [], find: () => undefined }

const noFile = notGiven('files')
export const noFiles: Files = { put: noFile, get: noFile, delete: noFile, list: noFile }

const noPicture = notGiven('painter')
export const noPainters: Pick<Ports, 'pages' | 'badges' | 'certificates'> = {
  pages: { paint: noPicture, lacks: () => [] },
  certificates: { print: noPicture },
  badges: { png: noPicture, svg: noPicture },
}

/** No mail leaves; the log tells how many would have. Learners get their offers by the link they are given. */
export function noMail(log: Log): Mail {
  return {
    async send(tenant) {
      log({ level: 'warn', event: 'mail-not-sent', tenant })
      return { outcome: 'sent' }
    },
    async forget() {
      // Nothing was kept.
    },
  }
}

/** Where there are no files there is no ESCO among them. */
export const noEsco: EscoCatalogue = {
  broughtBy: 'operator',
  header: async () => undefined,
  search: async () => [],
  find: async () => undefined,
  lastImport: async () => undefined,
  startImport: () => Promise.reject(new Refusal('state_conflict', 'ESCO is not imported here.')),
}
