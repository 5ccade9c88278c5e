import { type Actor, authorise } from '#core/access/operations.ts'
import { platformTag } from '#core/ids.ts'
import type { Ports } from '#core/ports.ts'
import type { LiveAttempt } from './attempt.ts'
import { type ComputeSeconds, dayOf } from './compute.ts'
import type { Site, SiteHealth, SiteProfile } from './site.ts'
import type { SiteControl, SiteState } from './site-control.ts'
import { median, stateOf } from './site-options.ts'
import type { Usage } from './usage.ts'

/** What an operator sees of a site. */
export interface SiteOverview {
  profile: SiteProfile
  /** In the file now; one that has left it may still have jobs. */
  listed: boolean
  state: SiteState
  reason: string
  /** What was set last, by whom and when; the kill switch of the file may stand above it. */
  control: SiteControl
  health: SiteHealth
  /** Live attempts by where they are. */
  live: { waiting: number; queued: number; running: number }
  /** When the job was sent that has waited longest at the site. */
  oldestQueuedAt?: Date
  /** Of today (UTC). */
  today: Usage
  dayCap?: ComputeSeconds
  /** Median of the last waits, by partition; absent where nobody has waited. */
  waits: { partition: string; expectedWaitSeconds?: number }[]
}

type OverviewPorts = Pick<Ports, 'store' | 'sites' | 'clock'>

/** Every site, those of the file first. For operators. */
export async function siteOverviews(actor: Actor | undefined, ports: OverviewPorts): Promise<SiteOverview[]> {
  authorise(actor, 'operateSites', { tenant: platformTag })
  const listed = ports.sites.list().map(({ name }) => name)
  const left = (await ports.store.sitesUsed()).filter((name) => !listed.includes(name))
  const known = [...listed, ...left].flatMap((name) => ports.sites.find(name) ?? [])
  return Promise.all(known.map((site) => overviewOf(site, listed.includes(site.profile.name), ports)))
}

/** One site by name; `undefined` when it is not known. For operators. */
export async function siteOverview(
  actor: Actor | undefined,
  name: string,
  ports: OverviewPorts,
): Promise<SiteOverview | undefined> {
  authorise(actor, 'operateSites', { tenant: platformTag })
  const site = ports.sites.find(name)
  return (
    site &&
    overviewOf(
      site,
      ports.sites.list().some((profile) => profile.name === name),
      ports,
    )
  )
}

async function overviewOf(site: Site, listed: boolean, ports: OverviewPorts): Promise<SiteOverview> {
  const { store, clock } = ports
  const { profile } = site
  const [control, health, live, today, waits] = await Promise.all([
    store.siteControl(profile.name),
    site.health(),
    liveAt(profile.name, ports),
    store.dayUsage(profile.name, dayOf(clock.now())),
    Promise.all(
      profile.partitions.map(async ({ name }) => {
        const expected = median(await store.waitsAt(profile.name, name))
        return { partition: name, ...(expected === undefined ? {} : { expectedWaitSeconds: expected }) }
      }),
    ),
  ])
  const queued = live.filter(({ job }) => job?.state === 'QUEUED')
  const oldest = queued.map(sentAt).sort((a, b) => a.getTime() - b.getTime())[0]
  const running = live.filter(({ job }) => job && job.state !== 'QUEUED').length
  return {
    profile,
    listed,
    ...stateOf(profile, control),
    control,
    health,
    live: { waiting: live.length - queued.length - running, queued: queued.length, running },
    ...(oldest ? { oldestQueuedAt: oldest } : {}),
    today,
    ...(profile.caps ? { dayCap: profile.caps.perDay } : {}),
    waits,
  }
}

/** When the job that is waited for was queued. */
function sentAt({ phases, createdAt }: LiveAttempt): Date {
  return phases.findLast(({ phase }) => phase.endsWith('-queued'))?.at ?? createdAt
}

const mostLive = 1000

async function liveAt(name: string, { store }: OverviewPorts): Promise<LiveAttempt[]> {
  const tenants = await store.listInstitutions()
  const far = new Date('9999-12-31T00:00:00.000Z')
  const listed = await Promise.all(tenants.map(({ tag }) => store.dueAttempts(tag, name, far, mostLive)))
  return listed.flat()
}
