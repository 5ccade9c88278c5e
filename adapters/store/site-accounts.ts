import * as z from 'zod'
import type { LearnerId } from '#core/ids.ts'
import type { SiteAccount, SiteAccountStore } from '#core/practicals/site-account.ts'
import type { RecordItem, RecordWrite } from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import { writeAudited } from './audit.ts'
import { keys } from './keys.ts'
import { learnerKey } from './learner-key.ts'
import { openBytes, sealBytes } from './master-key.ts'
import { allOf, type StoreParts } from './store-parts.ts'
import { fromItem, toData, zDate, zId } from './z-items.ts'

/** The user name is sealed with the learner's own key, so it goes with the key. */
const zStored = z.object({
  learnerId: zId('lrn'),
  site: z.string(),
  sealedUser: z.string(),
  userMac: z.string(),
  state: z.enum(['stated', 'confirmed']),
  statedAt: zDate,
  confirmedAt: zDate.exactOptional(),
  version: z.int(),
})
const zOwner = z.object({ learnerId: zId('lrn') })

/** Learners' own accounts at sites: an account belongs to one learner, and a learner has one at a site. */
export function siteAccountStore(parts: StoreParts): SiteAccountStore {
  const { records, masterKey } = parts
  const stored = (item: RecordItem) => fromItem(zStored, 'site account', item)
  const binding = (learnerId: LearnerId, site: string) => `site-account/${learnerId}/${site}`
  const macOf = (site: string, user: string) => masterKey.mac('site-account', JSON.stringify([site, user]))

  async function opened(item: RecordItem): Promise<SiteAccount[]> {
    const { sealedUser, userMac: _code, ...rest } = stored(item)
    const dataKey = await learnerKey(parts, rest.learnerId)
    if (!dataKey) return []
    const { learnerId, site } = rest
    const user = openBytes(dataKey, Buffer.from(sealedUser, 'base64'), binding(learnerId, site))
    if (!user) throw new Error('a site account does not open under its learner’s key')
    return [{ ...rest, user: Buffer.from(user).toString() }]
  }

  const itemsOf = (learnerId: LearnerId) => {
    const { pk, sk } = keys.siteAccount(learnerId, '')
    return allOf(records, { pk, sk: { beginsWith: sk } })
  }

  return {
    async siteAccountsOf(learnerId) {
      return (await Promise.all((await itemsOf(learnerId)).map(opened))).flat()
    },

    async siteAccountsAt(site) {
      const { pk, sk } = keys.siteAccountOwner(site, '')
      const owners = await allOf(records, { pk, sk: { beginsWith: sk } })
      const found = await Promise.all(
        owners.map(async (owner) => {
          const item = await records.get(keys.siteAccount(fromItem(zOwner, 'owner', owner).learnerId, site))
          return item ? opened(item) : []
        }),
      )
      const waits = ({ state }: SiteAccount) => (state === 'stated' ? 0 : 1)
      return found.flat().sort((a, b) => waits(a) - waits(b) || a.statedAt.getTime() - b.statedAt.getTime())
    },

    async saveSiteAccountOnce(request, account, audit) {
      const { learnerId, site, user, version, ...rest } = account
      const dataKey = await learnerKey(parts, learnerId)
      if (!dataKey) throw new Refusal('not_found', 'There is no such learner.')
      const sealed = sealBytes(dataKey, Buffer.from(user), binding(learnerId, site))
      const userMac = macOf(site, user)
      const data = toData({
        ...rest,
        learnerId,
        site,
        sealedUser: Buffer.from(sealed).toString('base64'),
        userMac,
        version: version + 1,
      })
      const key = keys.siteAccount(learnerId, site)
      const owner = { ...keys.siteAccountOwner(site, userMac), version: 1, data: { learnerId } }
      const writes: RecordWrite[] = [
        { put: { ...key, version: version + 1, data }, if: version === 0 ? 'absent' : { version } },
        version === 0
          ? { put: owner, if: 'absent' }
          : { check: keys.siteAccountOwner(site, userMac), if: 'present' },
      ]
      const outcome = await writeAudited(parts, request, null, writes, audit)
      if (outcome.outcome !== 'failed') return
      throw outcome.failed === 1
        ? new Refusal('state_conflict', 'user: is the account of somebody else here.', { field: 'user' })
        : new Refusal('state_conflict', 'site: the account has just changed; look again.', { field: 'site' })
    },

    async removeSiteAccountOnce(request, { learnerId, site, user, version }, audit) {
      const outcome = await writeAudited(
        parts,
        request,
        null,
        [
          { delete: keys.siteAccount(learnerId, site), if: { version } },
          { delete: keys.siteAccountOwner(site, macOf(site, user)) },
        ],
        audit,
      )
      if (outcome.outcome === 'failed')
        throw new Refusal('state_conflict', 'site: the account has just changed; look again.', {
          field: 'site',
        })
    },

    async forgetSiteAccounts(learnerId) {
      for (const item of await itemsOf(learnerId)) {
        const { site, userMac } = stored(item)
        await records.transact([
          { delete: keys.siteAccount(learnerId, site) },
          { delete: keys.siteAccountOwner(site, userMac) },
        ])
      }
    },
  }
}
