import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { FirecrestSite } from '#adapters/firecrest/queue.ts'
import type { SlurmSite } from '#adapters/slurm/queue.ts'
import type { SitePartition, SiteProfile } from '#core/practicals/site.ts'
import { programOf } from '#practicals/load-practicals.ts'
import { BadSettings } from './settings.ts'
import {
  type FirecrestEntry,
  type RemoteEntry,
  type SiteEntry,
  type SlurmrestEntry,
  zSites,
} from './site-shape.ts'

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

/** What core knows of a site of the file. */
export function profileOf(entry: RemoteEntry): SiteProfile {
  const { name, aiFactory, adapter, accountModel, dataPolicy, caps, calendar } = entry
  return {
    name,
    aiFactory,
    environment: 'site',
    adapter,
    partitions: partitionsOf(entry),
    separateAccounts: entry.accounts.work.user !== entry.accounts.grade.user,
    accountModel,
    dataPolicy,
    caps,
    calendar,
    ...(entry.practicals ? { practicals: entry.practicals } : {}),
    killSwitch: entry.killSwitch,
    maxPendingMinutes: entry.maxPendingMinutes,
    firstPollSeconds: entry.firstPollSeconds,
  }
}

const partitionsOf = ({ partitions }: RemoteEntry): SitePartition[] =>
  partitions.map(({ cpu, limits, ...partition }) => ({ ...partition, machine: { cpu, limits } }))

/** What the Slurm adapter needs. */
export function slurmSiteOf(entry: SlurmrestEntry): SlurmSite {
  return {
    name: entry.name,
    url: entry.address,
    apiVersion: entry.apiVersion,
    accounting: entry.accounting,
    partitions: partitionsOf(entry),
    ...(entry.account === undefined ? {} : { account: entry.account }),
    ...(entry.qos === undefined ? {} : { qos: entry.qos }),
    accounts: entry.accounts,
    folder: entry.folder,
    nodeFile: entry.node,
  }
}

/** What the FirecREST adapter needs. */
export function firecrestSiteOf(entry: FirecrestEntry): FirecrestSite {
  return {
    name: entry.name,
    url: entry.address,
    system: entry.system,
    tokenUrl: entry.tokenAddress,
    partitions: partitionsOf(entry),
    ...(entry.account === undefined ? {} : { account: entry.account }),
    ...(entry.qos === undefined ? {} : { qos: entry.qos }),
    accounts: entry.accounts,
    folder: entry.folder,
    nodeFile: entry.node,
  }
}

/** The constant programs where a site's nodes find them; `functions/stage-site.ts` lays them there. */
export function programAt(folder: { there: string }): typeof programOf {
  return (practical, stage) =>
    programOf(practical, stage) && join(folder.there, 'programs', 'practicals', practical.id, `${stage}.ts`)
}
