import { readFileSync } from 'node:fs'
import { askedSite } from '#adapters/lambda/site.ts'
import type { Ports } from '#core/ports.ts'
import type { Site } from '#core/practicals/site.ts'
import { unpackPracticals } from '#practicals/packed.ts'
import { needed } from './aws-settings.ts'
import type { FunctionParts } from './lambda-world.ts'
import { profileOf } from './site-profile.ts'
import { type RemoteEntry, zSites } from './site-shape.ts'

/**
 * Practicals, and where they run, for a function that may ask the sites' own functions. `own` is the site this
 * function itself has a way to.
 */
export function lambdaSites(
  { settings, aws }: FunctionParts,
  own?: Site,
): Pick<Ports, 'sites' | 'practicals'> {
  const functionOf = needed(aws.pollerFunctions, 'POLLER_FUNCTIONS')
  const sites = readEntries(needed(settings.sitesFile, 'SITES_FILE')).map((entry) =>
    entry.name === own?.profile.name ? own : askedSite(profileOf(entry), `${functionOf}${entry.name}`),
  )
  return {
    practicals: readPracticals().practicals,
    sites: {
      list: () => sites.map(({ profile }) => profile),
      find: (name) => sites.find(({ profile }) => profile.name === name),
    },
  }
}

/** The sites beside a bundle, judged when it was made. */
export function readEntries(file: string): RemoteEntry[] {
  const { sites } = zSites.parse(JSON.parse(readFileSync(file, 'utf8')))
  return sites.flatMap((entry) => (entry.adapter === 'local' ? [] : [entry]))
}

/** The practicals beside a bundle. */
export function readPracticals(): ReturnType<typeof unpackPracticals> {
  return unpackPracticals(readFileSync('practicals.json', 'utf8'))
}
