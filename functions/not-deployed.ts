import type { BadgePainter } from '#core/badges/badge.ts'
import type { CertificatePrinter } from '#core/certificates/certificate.ts'
import type { PagePainter } from '#core/edc/display.ts'
import type { Files, Mail } from '#core/ports.ts'
import type { Sites } from '#core/practicals/site.ts'
import { Refusal } from '#core/refusal.ts'
import type { EscoCatalogue } from '#core/skills/esco/esco-catalogue.ts'
import type { Log } from '#http/log.ts'

/** What the functions on AWS cannot do yet says so to whoever asks for it, instead of seeming to be done. */
const noPracticals = () => Promise.reject(new Refusal('site_unavailable', 'No practicals run here yet.'))

/** There are no sites, so no practicals to start. */
export const noSites: Sites = { list: () => [], find: () => undefined }

export const noFiles: Files = {
  put: noPracticals,
  get: noPracticals,
  delete: noPracticals,
  list: noPracticals,
}

/** The painter is a program made for one kind of machine and is not in the bundles. */
export const noPages: PagePainter = {
  paint: () => Promise.reject(new Refusal('site_unavailable', 'European credentials are not made here yet.')),
  lacks: () => [],
}

const noPictures = () => Promise.reject(new Refusal('site_unavailable', 'Badges are not drawn here yet.'))

export const noCertificates: CertificatePrinter = {
  print: () => Promise.reject(new Refusal('site_unavailable', 'Certificates are not printed here yet.')),
}

export const noBadges: BadgePainter = { png: noPictures, svg: noPictures }

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

/** ESCO is not imported into the functions. */
export const noEsco: EscoCatalogue = {
  header: async () => undefined,
  search: async () => [],
  find: async () => undefined,
  lastImport: async () => undefined,
  startImport: () => Promise.reject(new Refusal('state_conflict', 'ESCO is not imported here.')),
}
