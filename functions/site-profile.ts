import type { SitePartition, SiteProfile } from '#core/practicals/site.ts'
import type { RemoteEntry } from './site-shape.ts'

/** What core knows of a site of the file. */
export function profileOf(entry: RemoteEntry): SiteProfile {
  const { name, aiFactory, adapter, accountModel, dataPolicy, caps, calendar } = entry
  return {
    name,
    aiFactory,
    environment: 'site',
    adapter,
    partitions: partitionsOf(entry),
    // No learner's own account is ever the one that grades.
    separateAccounts: entry.accounts.work?.user !== entry.accounts.grade.user,
    accountModel,
    ...(entry.accountPage === undefined ? {} : { accountPage: entry.accountPage }),
    dataPolicy,
    caps,
    calendar,
    ...(entry.practicals ? { practicals: entry.practicals } : {}),
    killSwitch: entry.killSwitch,
    maxPendingMinutes: entry.maxPendingMinutes,
    firstPollSeconds: entry.firstPollSeconds,
  }
}

export const partitionsOf = ({ partitions }: RemoteEntry): SitePartition[] =>
  partitions.map(({ cpu, limits, ...partition }) => ({ ...partition, machine: { cpu, limits } }))
