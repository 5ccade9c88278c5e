import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { localQueue } from '#adapters/local/queue.ts'
import { localSite } from '#adapters/local/site.ts'
import type { Clock } from '#core/ports.ts'
import type { Practicals } from '#core/practicals/practical.ts'
import type { Site, Sites } from '#core/practicals/site.ts'
import { loadPracticals, programOf } from '#practicals/load-practicals.ts'
import { BadSettings, type Settings } from './settings.ts'
import { type HasProgram, remoteSite } from './site-adapters.ts'
import { parseSites, sitesFileText } from './sites-file.ts'

export interface OpenSites {
  sites: Sites
  /** What may run there. */
  practicals: Practicals
  /**
   * Reads `SITES_FILE` again. A new version that is in order holds from now on; throws `BadSettings` once for each
   * one that is not, and what held before goes on. True when something changed.
   */
  reload(): boolean
  stop: () => Promise<void>
}

/** Where practicals run: the sites of `SITES_FILE`, or this machine. Throws `BadSettings`. */
export function openSites(settings: Settings, clock: Clock): OpenSites {
  const practicals = loadPracticals()
  const { sitesFile } = settings
  const known = new Map<string, OpenSite>()
  const local = onDemand(() => openLocal(settings, clock))
  let listed: string[] = []
  let text = ''
  let told = ''

  function use(next: string): void {
    const entries = parseSites(next)
    refuseUnknownPracticals(entries, practicals)
    if (settings.production && entries.some(({ adapter }) => adapter === 'local'))
      throw new BadSettings(['SITES_FILE: local: isolates nothing, so it runs no practicals in production'])
    for (const entry of entries) {
      if (entry.adapter === 'local') continue
      // What did not change keeps its queue, with what it has learned of the site.
      const before = known.get(entry.name)
      const as = JSON.stringify(entry)
      if (before?.as !== as) known.set(entry.name, { as, site: remoteSite(entry, clock, hasProgram) })
    }
    listed = entries.map(({ name }) => name)
    text = next
  }

  if (sitesFile !== undefined) use(sitesFileText(sitesFile))
  // The local executor isolates nothing: a server that others reach must not run learners' jobs on itself.
  else if (!settings.production) listed = ['local']
  const find = (name: string) => {
    if (name !== 'local') return known.get(name)?.site
    return settings.production ? undefined : local.get().site
  }

  return {
    sites: {
      list: () => listed.flatMap((name) => find(name)?.profile ?? []),
      find,
    },
    practicals: listed.length > 0 ? practicals : { find: () => undefined },
    reload() {
      if (sitesFile === undefined) return false
      try {
        const next = sitesFileText(sitesFile)
        const changed = next !== text
        if (changed) use(next)
        told = ''
        return changed
      } catch (error) {
        if (!(error instanceof BadSettings)) throw error
        if (error.message === told) return false
        // Told once: the same mistake is no news.
        told = error.message
        throw error
      }
    },
    // Jobs at a site outlive the server; only what runs on this machine ends with it.
    stop: async () => {
      await local.made()?.stop()
    },
  }
}

interface OpenSite {
  /** The entry it was made from. */
  as: string
  site: Site
}

const hasProgram: HasProgram = (practical, stage) => programOf(practical, stage) !== undefined

function openLocal(settings: Settings, clock: Clock) {
  const folder = join(settings.dataDir, 'jobs')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const queue = localQueue({ folder, clock, program: programOf })
  return { site: localSite(queue), stop: () => queue.stop() }
}

function refuseUnknownPracticals(
  entries: readonly { name: string; practicals?: readonly string[] }[],
  practicals: Practicals,
): void {
  const problems = entries.flatMap(({ name, practicals: allowed = [] }) =>
    allowed
      .filter((id) => !practicals.find(id))
      .map(() => `SITES_FILE: ${name}: practicals: names one this release does not ship`),
  )
  if (problems.length > 0) throw new BadSettings(problems)
}

function onDemand<T>(make: () => T): { get(): T; made(): T | undefined } {
  let made: T | undefined
  return {
    get: () => {
      made ??= make()
      return made
    },
    made: () => made,
  }
}
