import type { Clock, Files } from '#core/ports.ts'
import type { EscoCatalogue } from '#core/skills/esco/esco-catalogue.ts'

/** ESCO as an operator put it into the bucket (`npm run ops -- esco`). Loaded by the first who asks for it. */
export function awsEsco(files: Files, clock: Clock): EscoCatalogue {
  let loaded: Promise<EscoCatalogue> | undefined
  const catalogue = () => {
    loaded ??= import('#adapters/memory/esco-in-files.ts').then(({ filesEscoCatalogue }) =>
      filesEscoCatalogue({ files, clock }),
    )
    return loaded
  }
  return {
    broughtBy: 'operator',
    header: async () => (await catalogue()).header(),
    search: async (question) => (await catalogue()).search(question),
    find: async (uri) => (await catalogue()).find(uri),
    lastImport: async () => (await catalogue()).lastImport(),
    startImport: async () => (await catalogue()).startImport(),
  }
}
