import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { memoryEsco } from '#adapters/memory/esco-catalogue.ts'
import { Refusal } from '#core/refusal.ts'
import type { EscoCatalogue } from '#core/skills/esco/esco-catalogue.ts'

const zProgress = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('running'),
    startedAt: z.coerce.date(),
    file: z.string(),
    filesDone: z.int(),
    files: z.int(),
  }),
  z.object({
    state: z.literal('done'),
    startedAt: z.coerce.date(),
    finishedAt: z.coerce.date(),
    written: z.boolean(),
  }),
  z.object({
    state: z.literal('failed'),
    startedAt: z.coerce.date(),
    finishedAt: z.coerce.date(),
    message: z.string(),
  }),
])

export interface EscoFiles {
  /** What `npm run ontology -- import esco` writes. */
  file: string
  progressFile: string
  /** Starts an import of the folder the deployment names; absent where it names none. */
  start?: () => Promise<unknown>
}

/** ESCO out of the file of its import. */
export function fileEscoCatalogue({ file, progressFile, start }: EscoFiles): EscoCatalogue {
  let importing = false
  return {
    broughtBy: 'server',

    ...memoryEsco({
      async stamp() {
        if (!existsSync(file)) return undefined
        const { mtimeMs, size } = statSync(file)
        return `${mtimeMs} ${size}`
      },
      read: () => readFile(file, 'utf8'),
    }),

    async lastImport() {
      if (!existsSync(progressFile)) return undefined
      return zProgress.parse(JSON.parse(await readFile(progressFile, 'utf8')))
    },

    async startImport() {
      if (!start) throw new Refusal('state_conflict', 'ESCO_DIR names no folder to import from.')
      if (importing) throw new Refusal('state_conflict', 'An import is under way.')
      importing = true
      // Whoever asks hears how it goes from `lastImport`, a failure too.
      void start()
        .catch(() => undefined)
        .finally(() => {
          importing = false
        })
    },
  }
}
