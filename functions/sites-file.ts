import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as parseYaml } from 'yaml'
import * as z from 'zod'
import type { SlurmSite } from '#adapters/slurm/queue.ts'
import { slurmVersions } from '#adapters/slurm/z-slurm.ts'
import { architectures } from '#core/practicals/queue.ts'
import type { SiteProfile } from '#core/practicals/site.ts'
import { programOf } from '#practicals/load-practicals.ts'
import { BadSettings } from './settings.ts'

const zName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be up to 40 of a-z, 0-9 and -')
/** What becomes part of a request as it is. */
const zWord = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be up to 64 letters, digits, . _ or -')
const zPath = z
  .string()
  .regex(/^\/[A-Za-z0-9._/-]{0,400}$/, 'must be an absolute path of letters, digits, . _ - and /')
const zAccount = z.strictObject({ user: zWord, tokenFile: zPath })

const zSite = z.strictObject({
  name: zName.refine((name) => name !== 'local', 'is the name of the academy’s own machine'),
  aiFactory: z.string().min(1).max(200),
  adapter: z.literal('slurmrest', 'must be slurmrest; others are not supported yet'),
  address: z
    .string()
    .max(300)
    .refine(isSiteAddress, 'must be an https address without a path, or http on loopback'),
  apiVersion: z.enum(slurmVersions, `must be one of ${slurmVersions.join(', ')}`),
  accounting: z.boolean(),
  accountModel: z.literal('service', 'must be service; accounts of single learners are not supported yet'),
  partition: z.strictObject({
    name: zWord,
    maxMinutes: z.int().min(1).max(10_080),
    cpus: z.int().min(1).max(1024),
    memoryGiB: z.number().positive().max(16_384).exactOptional(),
    arch: z.enum(architectures),
    box: z
      .union(
        [z.literal('bwrap'), z.strictObject({ image: zPath, sha256: z.string().regex(/^[0-9a-f]{64}$/) })],
        'must be bwrap, or an image for Apptainer with its sha256',
      )
      .exactOptional(),
    cpu: z.string().min(1).max(200),
    limits: z.enum(['enforced', 'watched']),
    gpus: z.strictObject({ type: zWord, count: z.int().min(1).max(64) }).exactOptional(),
  }),
  account: zWord.exactOptional(),
  qos: zWord.exactOptional(),
  accounts: z.strictObject({ work: zAccount, grade: zAccount }),
  folder: z.strictObject({ here: zPath, there: zPath }),
  node: zPath,
})
const zSites = z.strictObject({
  sites: z.array(zSite).length(1, 'must be exactly one; a choice between several is not supported yet'),
})

/** A site of the file: what core knows of it, and what its adapter needs. */
interface FileSite {
  profile: SiteProfile
  site: SlurmSite
}

/** The site of `SITES_FILE` (YAML); `undefined` when the setting is absent. Tokens are named by file and not read here. */
export function readSitesFile(file: string | undefined): FileSite | undefined {
  if (file === undefined) return undefined
  let text: unknown
  try {
    text = parseYaml(readFileSync(file, 'utf8'), { maxAliasCount: 0 })
  } catch {
    throw new BadSettings(['SITES_FILE: the file cannot be read'])
  }
  const read = zSites.safeParse(text)
  if (!read.success) {
    throw new BadSettings(
      read.error.issues.map(({ path, message }) => `SITES_FILE: ${path.join('.')}: ${message}`),
    )
  }
  const [site] = read.data.sites
  if (!site) return undefined
  const { cpu, limits, ...partition } = site.partition
  const partitions = [{ ...partition, machine: { cpu, limits } }]
  return {
    profile: {
      name: site.name,
      aiFactory: site.aiFactory,
      environment: 'site',
      adapter: site.adapter,
      partitions,
      separateAccounts: site.accounts.work.user !== site.accounts.grade.user,
    },
    site: {
      name: site.name,
      url: site.address,
      apiVersion: site.apiVersion,
      accounting: site.accounting,
      partitions,
      ...(site.account === undefined ? {} : { account: site.account }),
      ...(site.qos === undefined ? {} : { qos: site.qos }),
      accounts: site.accounts,
      folder: site.folder,
      nodeFile: site.node,
    },
  }
}

/** The constant programs where a site's nodes find them; `functions/stage-site.ts` lays them there. */
export function programAtSite(site: SlurmSite): typeof programOf {
  return (practical, stage) =>
    programOf(practical, stage) &&
    join(site.folder.there, 'programs', 'practicals', practical.id, `${stage}.ts`)
}

function isSiteAddress(text: string): boolean {
  const url = URL.parse(text)
  const loopback = url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  return url?.origin === text && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback))
}
