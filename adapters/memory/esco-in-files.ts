import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import { fileLimits } from '#core/file-names.ts'
import { platformTag } from '#core/ids.ts'
import type { Clock, Files } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'
import type { EscoCatalogue, EscoHeader } from '#core/skills/esco/esco-catalogue.ts'
import { memoryEsco, parseEsco } from './esco-catalogue.ts'

/** What is kept is named by its digest; the last one put is the only one. */
const folder = `${platformTag}/esco/`
/** What replaced it is found within this time. */
const lookEveryMs = 60_000

/**
 * Keeps what an import wrote among the files, compressed (brotli), in the place of what was there. Refuses
 * `invalid_input` for anything else, and for more than a function can hold.
 */
export async function keepEsco(files: Files, compressed: Uint8Array): Promise<EscoHeader> {
  const header = await headerOf(compressed)
  const name = `${folder}${createHash('sha256').update(compressed).digest('hex').slice(0, 32)}.json.br`
  await files.put(name, compressed, 'application/octet-stream')
  for (const other of await files.list(folder)) if (other !== name) await files.delete(other)
  return header
}

async function headerOf(compressed: Uint8Array): Promise<EscoHeader> {
  try {
    return parseEsco(await opened(compressed)).header
  } catch (cause) {
    throw new Refusal(
      'invalid_input',
      `file: must be what an import of ESCO wrote, of at most ${fileLimits.bytesPerFile} bytes; fewer languages make it smaller.`,
      { field: 'file', cause },
    )
  }
}

async function opened(compressed: Uint8Array): Promise<string> {
  const maxOutputLength = fileLimits.bytesPerFile
  return (await promisify(brotliDecompress)(compressed, { maxOutputLength })).toString('utf8')
}

/** ESCO out of the files of the deployment, where an operator put it. */
export function filesEscoCatalogue({ files, clock }: { files: Files; clock: Clock }): EscoCatalogue {
  let looked: { names: Promise<string[]>; until: number } | undefined
  const names = () => {
    const now = clock.now().getTime()
    if (!looked || now >= looked.until) {
      const found = files.list(folder)
      looked = { names: found, until: now + lookEveryMs }
      found.catch(() => {
        looked = undefined
      })
    }
    return looked.names
  }
  return {
    broughtBy: 'operator',
    ...memoryEsco({
      stamp: async () => (await names())[0],
      async read(name) {
        let compressed = await files.get(name)
        if (!compressed) {
          // Replaced since somebody looked.
          looked = undefined
          const [other] = await names()
          compressed = other === undefined ? undefined : await files.get(other)
        }
        if (!compressed) throw new Error('ESCO is not where it is kept')
        return opened(compressed)
      },
    }),
    lastImport: async () => undefined,
    startImport: async () => {
      throw new Refusal('state_conflict', 'Here an operator brings ESCO, by `npm run ops -- esco`.')
    },
  }
}
