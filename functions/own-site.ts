import type { Site } from '#core/practicals/site.ts'
import { needed } from './aws-settings.ts'
import { lambdaSites, readEntries, readPracticals } from './lambda-sites.ts'
import { type FunctionParts, kept, type LambdaWorld } from './lambda-world.ts'
import { remoteSite } from './site-adapters.ts'
import { siteSecrets } from './site-secrets.ts'

/** The world of a function that works for one site: `SITE` names it, `SITE_SECRET` holds what opens it. */
export interface SiteWorld extends LambdaWorld {
  site: Site
}

/** What such a function keeps between events. The secrets of its site are read anew before each. */
export function keptAtSite(): () => Promise<SiteWorld> {
  let own: { site: Site; renew: () => Promise<void> } | undefined
  const open = kept(
    (world) => world,
    async (parts) => {
      own = ownSite(parts)
      return lambdaSites(parts, own.site)
    },
  )
  return async () => {
    const world = await open()
    if (!own) throw new Error('a function of a site has no site')
    await own.renew()
    return { ...world, site: own.site }
  }
}

function ownSite({ settings, aws, clock, readSecret }: FunctionParts) {
  const name = needed(aws.site, 'SITE')
  const secret = needed(aws.siteSecret, 'SITE_SECRET')
  const entry = readEntries(needed(settings.sitesFile, 'SITES_FILE')).find((one) => one.name === name)
  if (!entry) throw new Error('SITE names none of the sites')
  const { hasProgram } = readPracticals()
  return {
    site: remoteSite(entry, clock, hasProgram),
    renew: siteSecrets({ site: name, accounts: Object.keys(entry.accounts), clock }, () =>
      readSecret(secret),
    ),
  }
}
