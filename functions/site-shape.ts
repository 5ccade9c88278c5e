import * as z from 'zod'
import { slurmVersions } from '#adapters/slurm/z-slurm.ts'
import { architectures } from '#core/practicals/queue.ts'
import { dataClasses } from '#core/practicals/site.ts'

const zName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be up to 40 of a-z, 0-9 and -')
/** What becomes part of a request as it is. */
const zWord = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be up to 64 letters, digits, . _ or -')
const zPath = z
  .string()
  .regex(/^\/[A-Za-z0-9._/-]{0,400}$/, 'must be an absolute path of letters, digits, . _ - and /')
/** A sentence for people, shown on pages. */
const zReason = z.string().trim().min(3, 'must be at least 3 letters').max(300)
const zMoment = z.iso
  .datetime({ offset: true, error: 'must be a moment like 2026-12-01T08:00:00Z' })
  .transform((text) => new Date(text))
const zAccount = z.strictObject({ user: zWord, tokenFile: zPath })
const zAddress = z
  .string()
  .max(300)
  .refine(isSiteAddress, 'must be an https address without a path, or http on loopback')

const zPartition = z.strictObject({
  name: zWord,
  maxMinutes: z.int().min(1).max(10_080),
  cpus: z.int().min(1).max(4096),
  memoryGiB: z.number().positive().max(16_384).exactOptional(),
  gpus: z.strictObject({ type: zWord, count: z.int().min(1).max(1024) }).exactOptional(),
  arch: z.enum(architectures),
  box: z
    .union(
      [z.literal('bwrap'), z.strictObject({ image: zPath, sha256: z.string().regex(/^[0-9a-f]{64}$/) })],
      'must be bwrap, or an image for Apptainer with its sha256',
    )
    .exactOptional(),
  cpu: z.string().min(1).max(200),
  limits: z.enum(['enforced', 'watched']),
  costPerHour: z.number().min(0).max(1_000_000).default(0),
})

const zMinutes = z.int().min(0).max(1_000_000_000)
const zCap = z
  .strictObject({ gpuMinutes: zMinutes.default(0), coreMinutes: zMinutes.default(0) })
  .transform(({ gpuMinutes, coreMinutes }) => ({
    gpuSeconds: gpuMinutes * 60,
    coreSeconds: coreMinutes * 60,
  }))

const span = { from: zMoment, to: zMoment, partitions: z.array(zWord).min(1).max(50).exactOptional() }
const zCalendarEntry = z
  .union(
    [
      z
        .strictObject({ ...span, closed: zReason })
        .transform(({ closed, ...rest }) => ({ ...rest, kind: 'closed' as const, reason: closed })),
      z
        .strictObject({ ...span, reservation: zWord })
        .transform((entry) => ({ ...entry, kind: 'reserved' as const })),
    ],
    'must have from, to and either closed (a reason) or reservation (its name at the site)',
  )
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after from' })

/** What every site says, whatever the adapter. */
const common = {
  name: zName.refine((name) => name !== 'local', 'is the name of the academy’s own machine'),
  aiFactory: z.string().min(1).max(200),
  partitions: z.array(zPartition).min(1).max(50),
  accountModel: z.enum(['service', 'individual']),
  /** Where learners read how they get an account of their own there. */
  accountPage: z
    .url({ protocol: /^https$/, error: 'must be an https address' })
    .max(300)
    .exactOptional(),
  dataPolicy: z.strictObject({
    country: z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters (ISO 3166-1)'),
    accepts: z.enum(dataClasses),
  }),
  caps: z.strictObject({ perLearner: zCap, perCohort: zCap, perDay: zCap }),
  calendar: z.array(zCalendarEntry).max(1000).default([]),
  practicals: z.array(zName).min(1).max(200).exactOptional(),
  killSwitch: z
    .union([z.literal(false), zReason], 'must be false, or the reason why nothing may run there')
    .default(false),
  maxPendingMinutes: z.int().min(1).max(43_200).default(1440),
  firstPollSeconds: z.number().min(0.5).max(60).default(5),
  webhookSecretFile: zPath.exactOptional(),
}

/** Slurm through slurmrestd; its adapter is `adapters/slurm`. */
const zSlurmrest = z.strictObject({
  ...common,
  adapter: z.literal('slurmrest'),
  address: zAddress,
  apiVersion: z.enum(slurmVersions, `must be one of ${slurmVersions.join(', ')}`),
  accounting: z.boolean(),
  account: zWord.exactOptional(),
  qos: zWord.exactOptional(),
  accounts: z.strictObject({
    work: zAccount.exactOptional(),
    /** In place of `work` where each learner's work runs under their own account. */
    learners: z.strictObject({ tokenFolder: zPath }).exactOptional(),
    grade: zAccount,
  }),
  folder: z.strictObject({ here: zPath, there: zPath }),
  node: zPath,
})
export type SlurmrestEntry = z.output<typeof zSlurmrest>

/** A client of the site's identity provider; its secret by reference. */
const zClient = z.strictObject({
  user: zWord,
  clientId: z.string().regex(/^[\x20-\x7e]{1,200}$/, 'must be up to 200 printable characters'),
  secretFile: zPath,
})

/** Slurm through FirecREST v2; its adapter is `adapters/firecrest`. */
const zFirecrest = z.strictObject({
  ...common,
  adapter: z.literal('firecrest'),
  address: z.string().max(300).refine(isAddressWithPath, 'must be an https address, or http on loopback'),
  tokenAddress: z
    .string()
    .max(300)
    .refine(isAddressWithPath, 'must be an https address, or http on loopback'),
  system: zWord,
  account: zWord.exactOptional(),
  qos: zWord.exactOptional(),
  accounts: z.strictObject({ work: zClient, grade: zClient }),
  folder: z.strictObject({ there: zPath }),
  node: zPath,
})
export type FirecrestEntry = z.output<typeof zFirecrest>

/** This machine beside other sites; where no site is named it is there by itself. */
const zLocal = z.strictObject({ name: z.literal('local'), adapter: z.literal('local') })

/** A further adapter is one more member here and one more case in `open-sites.ts`. */
const zEntry = z.discriminatedUnion(
  'adapter',
  [zSlurmrest, zFirecrest, zLocal],
  'must be slurmrest, firecrest or local',
)

export type SiteEntry = z.output<typeof zEntry>
/** What an entry says that is not about this machine. */
export type RemoteEntry = Exclude<SiteEntry, { adapter: 'local' }>

export const zSites = z
  .strictObject({ sites: z.array(zEntry).min(1).max(50) })
  .superRefine(({ sites }, context) => {
    const wrong = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: ['sites', ...path], message })
    sites.forEach((site, at) => {
      const earlier = sites.slice(0, at)
      if (earlier.some(({ name }) => name === site.name))
        wrong([at, 'name'], 'is the name of an earlier site')
      if (site.adapter === 'local') return
      const shared = earlier.find(
        (other) =>
          site.adapter === 'slurmrest' &&
          other.adapter === 'slurmrest' &&
          other.folder.here === site.folder.here,
      )
      if (shared) wrong([at, 'folder', 'here'], 'is the folder of an earlier site')
      for (const [path, message] of contradictions(site)) wrong([at, ...path], message)
    })
  })

/** What is right in itself and cannot all be true together. */
function contradictions(site: RemoteEntry): [(string | number)[], string][] {
  const found: [(string | number)[], string][] = []
  const names = site.partitions.map(({ name }) => name)
  names.forEach((name, at) => {
    if (names.indexOf(name) < at)
      found.push([['partitions', at, 'name'], 'is the name of an earlier partition'])
  })
  found.push(...accountContradictions(site))
  const hasGpus = site.partitions.some(({ gpus }) => gpus)
  for (const scope of ['perLearner', 'perCohort', 'perDay'] as const) {
    const { gpuSeconds, coreSeconds } = site.caps[scope]
    if (gpuSeconds > 0 && !hasGpus)
      found.push([['caps', scope, 'gpuMinutes'], 'no partition of the site has accelerators'])
    if (gpuSeconds === 0 && coreSeconds === 0)
      found.push([['caps', scope], 'lets nothing run; to stop the site use killSwitch'])
  }
  const { perLearner, perCohort } = site.caps
  for (const [unit, name] of [
    ['gpuSeconds', 'gpuMinutes'],
    ['coreSeconds', 'coreMinutes'],
  ] as const) {
    if (perLearner[unit] > perCohort[unit])
      found.push([['caps', 'perLearner', name], 'is more than the whole cohort may use'])
  }
  site.calendar.forEach(({ partitions = [] }, at) => {
    partitions.forEach((name, index) => {
      if (!names.includes(name))
        found.push([['calendar', at, 'partitions', index], 'is no partition of the site'])
    })
  })
  return found
}

/** Which accounts a site must name follows from its account model. */
function accountContradictions(site: RemoteEntry): [(string | number)[], string][] {
  if (site.adapter === 'firecrest') {
    // FirecREST knows a user by the token of an identity provider, which only its owner can ask for.
    return site.accountModel === 'individual'
      ? [[['accountModel'], 'individual needs the adapter slurmrest']]
      : []
  }
  const { work, learners } = site.accounts
  const found: [(string | number)[], string][] = []
  if (site.accountModel === 'service') {
    if (!work) found.push([['accounts', 'work'], 'is missing'])
    if (learners) found.push([['accounts', 'learners'], 'is for accountModel individual'])
    return found
  }
  if (!learners) found.push([['accounts', 'learners'], 'is missing'])
  if (work) found.push([['accounts', 'work'], 'is for accountModel service'])
  if (site.accountPage === undefined) found.push([['accountPage'], 'must say where learners get an account'])
  return found
}

function isSiteAddress(text: string): boolean {
  return isAddressWithPath(text) && URL.parse(text)?.origin === text
}

/** Neither user, query, fragment nor trailing slash. */
function isAddressWithPath(text: string): boolean {
  const url = URL.parse(text)
  if (!url || text.endsWith('/')) return false
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  const plain = url.pathname === '/' ? url.origin : `${url.origin}${url.pathname}`
  return plain === text && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback))
}
