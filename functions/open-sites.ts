import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { localQueue } from '#adapters/local/queue.ts'
import { localSite } from '#adapters/local/site.ts'
import { slurmQueue } from '#adapters/slurm/queue.ts'
import type { Clock } from '#core/ports.ts'
import type { Practicals } from '#core/practicals/practical.ts'
import { fixedSites, type Sites } from '#core/practicals/site.ts'
import { loadPracticals, programOf } from '#practicals/load-practicals.ts'
import type { Settings } from './settings.ts'
import { programAtSite, readSitesFile } from './sites-file.ts'

export interface OpenSites {
  sites: Sites
  /** What may run there. */
  practicals: Practicals
  stop: () => Promise<void>
}

/** Where practicals run: the sites of `SITES_FILE`, or this machine. */
export function openSites(settings: Settings, clock: Clock): OpenSites {
  const known = readSitesFile(settings.sitesFile)
  if (known) {
    const { profile, site } = known
    const queue = slurmQueue({ site, clock, program: programAtSite(site) })
    // Jobs at a site outlive the server; there is nothing to stop.
    const sites = fixedSites([{ profile, queue, files: queue.files }])
    return { sites, practicals: loadPracticals(), stop: async () => {} }
  }
  const folder = join(settings.dataDir, 'jobs')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const queue = localQueue({ folder, clock, program: programOf })
  // The local executor isolates nothing: a server that others reach must not run learners' jobs on itself.
  const practicals = settings.production ? { find: () => undefined } : loadPracticals()
  return { sites: fixedSites([localSite(queue)]), practicals, stop: () => queue.stop() }
}
