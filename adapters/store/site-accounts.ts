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

/**
 * Learners' own accounts at sites. A learner names one at a site, and several may name the same: only what is
 * confirmed is claimed, by an item under the account's name that is put and taken away in the one transaction that
 * changes the learner's own.
 */
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
      const named = await allOf(records, { pk, sk: { beginsWith: sk } })
      const learners = new Set(named.map((item) => fromItem(zOwner, 'owner', item).learnerId))
      const found = await Promise.all(
        [...learners].map(async (learnerId) => {
          const item = await records.get(keys.siteAccount(learnerId, site))
          return item ? opened(item) : []
        }),
      )
      const waits = ({ state }: SiteAccount) => (state === 'stated' ? 0 : 1)
      return found.flat().sort((a, b) => waits(a) - waits(b) || a.statedAt.getTime() - b.statedAt.getTime())
    },

    async saveSiteAccountOnce(request, account, audit) {
      const { learnerId, site, user, version: before, ...rest } = account
      const dataKey = await learnerKey(parts, learnerId)
      if (!dataKey) throw new Refusal('not_found', 'There is no such learner.')
      const sealed = sealBytes(dataKey, Buffer.from(user), binding(learnerId, site))
      const userMac = macOf(site, user)
      const version = before === 0 ? firstVersion() : before + 1
      const data = toData({
        ...rest,
        learnerId,
        site,
        sealedUser: Buffer.from(sealed).toString('base64'),
        userMac,
        version,
      })
      const writes: RecordWrite[] = [
        {
          put: { ...keys.siteAccount(learnerId, site), version, data },
          if: before === 0 ? 'absent' : { version: before },
        },
        { put: { ...keys.siteAccountNamed(site, userMac, learnerId), version, data: { learnerId } } },
      ]
      if (rest.state === 'confirmed') {
        const claim = await claimOf(site, userMac)
        if (claim && claim.learnerId !== learnerId) throw ofAnother()
        const put = { ...keys.siteAccountOwner(site, userMac), version, data: { learnerId } }
        writes.push({ put, if: claim ? { version: claim.version } : 'absent' })
      }
      const outcome = await writeAudited(parts, request, null, writes, audit)
      if (outcome.outcome !== 'failed') return
      throw outcome.failed === 2 ? ofAnother() : changed()
    },

    async removeSiteAccountOnce(request, { learnerId, site, user, version }, audit) {
      const userMac = macOf(site, user)
      const writes: RecordWrite[] = [
        { delete: keys.siteAccount(learnerId, site), if: { version } },
        ...(await endOf(learnerId, site, userMac)),
      ]
      const outcome = await writeAudited(parts, request, null, writes, audit)
      if (outcome.outcome === 'failed') throw changed()
    },

    forgetSiteAccounts: forget,
  }

  async function forget(learnerId: LearnerId): Promise<void> {
    for (const item of await itemsOf(learnerId)) {
      const { site, userMac, version } = stored(item)
      const gone = await records.transact([
        { delete: keys.siteAccount(learnerId, site), if: { version } },
        ...(await endOf(learnerId, site, userMac)),
      ])
      // An operator changed it in this moment. The learner is gone and names no other, so this comes to an end.
      if (!gone.ok) return forget(learnerId)
    }
  }

  /** Far apart by chance, so that an account named anew never has a version that somebody still holds. */
  function firstVersion(): number {
    return 1 + Buffer.from(parts.random.bytes(6)).readUIntBE(0, 6)
  }

  async function claimOf(site: string, userMac: string) {
    const item = await records.get(keys.siteAccountOwner(site, userMac))
    return item && { ...fromItem(zOwner, 'owner', item), version: item.version }
  }

  /** What else goes with a learner's account: that they named it, and the claim if it is theirs. */
  async function endOf(learnerId: LearnerId, site: string, userMac: string): Promise<RecordWrite[]> {
    const claim = await claimOf(site, userMac)
    return [
      { delete: keys.siteAccountNamed(site, userMac, learnerId) },
      ...(claim?.learnerId === learnerId
        ? [{ delete: keys.siteAccountOwner(site, userMac), if: { version: claim.version } }]
        : []),
    ]
  }
}

const ofAnother = () =>
  new Refusal('state_conflict', 'user: the account is confirmed as somebody else’s here.', { field: 'user' })
const changed = () =>
  new Refusal('state_conflict', 'site: the account has just changed; look again.', { field: 'site' })
