import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import { BadSettings } from './settings.ts'
import { type SiteEntry, zSites } from './site-shape.ts'

const mostBytes = 1024 * 1024

/** Throws `BadSettings` when the file cannot be read. */
export function sitesFileText(file: string): string {
  try {
    const bytes = readFileSync(file)
    if (bytes.length <= mostBytes) return bytes.toString('utf8')
  } catch {
    throw new BadSettings(['SITES_FILE: the file cannot be read'])
  }
  throw new BadSettings(['SITES_FILE: is larger than 1 MiB'])
}

/**
 * The sites of a `SITES_FILE` (YAML). Secrets are named by file and not read here. Throws `BadSettings` with the
 * place of each mistake; the values are not repeated.
 */
export function parseSites(text: string): SiteEntry[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number | undefined) =>
    offset === undefined ? '' : `line ${lines.linePos(offset).line}: `
  if (document.errors.length > 0) {
    throw new BadSettings(
      document.errors.map(({ pos }) => `SITES_FILE: ${at(pos[0])}this is not YAML that can be read`),
    )
  }
  const read = zSites.safeParse(plain(document))
  if (read.success) return read.data.sites
  throw new BadSettings(
    read.error.issues.map(({ path, message }) => {
      const place = path.map(String)
      return `SITES_FILE: ${at(offsetOf(document, path))}${place.length > 0 ? `${place.join('.')}: ` : ''}${message}`
    }),
  )
}

type YamlDocument = ReturnType<typeof parseDocument>

/** No aliases: a short file must not become a large value. */
function plain(document: YamlDocument): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch {
    throw new BadSettings(['SITES_FILE: has an alias; write each value out'])
  }
}

/** Where the value stands, or what it should stand in. */
function offsetOf(document: YamlDocument, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
      return Number(node.range[0])
  }
  return undefined
}
