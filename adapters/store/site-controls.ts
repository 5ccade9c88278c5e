import * as z from 'zod'
import { type SiteControl, type SiteControlStore, siteStates } from '#core/practicals/site-control.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { writeAudited } from './audit.ts'
import { keys } from './keys.ts'
import type { StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate } from './z-items.ts'

const zControl = z.object({
  site: z.string(),
  state: z.enum(siteStates),
  reason: z.string().exactOptional(),
  by: z.string().exactOptional(),
  at: zDate.exactOptional(),
  version: z.int(),
}) satisfies z.ZodType<SiteControl>

/** What operators have set about sites, and what they had set before. */
export function siteControlStore(parts: StoreParts): SiteControlStore {
  const { records } = parts
  const decode = (item: RecordItem) => fromItem(zControl, 'site control', item)

  async function siteControl(site: string): Promise<SiteControl> {
    const item = await records.get(keys.siteControl(site))
    return item ? decode(item) : { site, state: 'open', version: 0 }
  }

  return {
    siteControl,

    async siteControlHistory(site) {
      const { pk } = keys.siteControl(site)
      const query = { pk, sk: { beginsWith: 'CONTROL#' }, descending: true, limit: 100 }
      return (await records.query(query)).items.map(decode)
    },

    async saveSiteControlOnce(request, action, control) {
      const version = control.version + 1
      const data = toData({ ...control, version })
      const writes: RecordWrite[] = [
        {
          put: { ...keys.siteControl(control.site), version, data },
          if: control.version === 0 ? 'absent' : { version: control.version },
        },
        { put: { ...keys.siteControlAt(control.site, version), version: 1, data }, if: 'absent' },
      ]
      const outcome = await writeAudited(parts, request, null, writes, {
        action: `site.${action}`,
        by: control.by ?? '',
        about: control.site,
        detail: { state: control.state },
      })
      if (outcome.outcome === 'failed')
        throw new Refusal('state_conflict', 'Somebody else has just changed this site; look again.')
      return siteControl(control.site)
    },
  }
}
