import { hash } from 'node:crypto'
import type { LearnerId, TenantTag } from '#core/ids.ts'
import type { Page } from '#core/store.ts'

/** What is written down for good: decisions of people about awards, learners, keys, bulk jobs and the institution itself. */
export const auditActions = [
  'award.revoke',
  'award.suspend',
  'award.reinstate',
  'award.correct',
  'learner.erase',
  'bulk.order',
  'bulk.start',
  'bulk.pause',
  'bulk.resume',
  'bulk.cancel',
  'bulk.approve',
  'bulk.refuse',
  'practical.supervise',
  'practical.override',
  'practical.override.confirm',
  'practical.override.refuse',
  'practical.override.withdraw',
  'key.prepare',
  'key.certify',
  'key.activate',
  'key.revoke',
  'settings.change',
  'site.pause',
  'site.resume',
  'site.drain',
  'site.stop',
  'site.account.state',
  'site.account.confirm',
  'site.account.remove',
] as const
type AuditAction = (typeof auditActions)[number]

/** A line before it has its place in the log. Holds ids, codes and numbers, never personal data. */
export interface AuditBody {
  action: AuditAction
  /** Account that decided; the learner's id where learners decided about what is theirs. */
  by: string
  /** Id of the thing it is about. */
  about: string
  learnerId?: LearnerId
  /** Codes and counts; a reason in words stays with the thing itself. */
  detail: Record<string, string | number | boolean>
}

/** One line of an institution's log. Each holds the hash of the one before: none can be changed or left out unseen. */
export interface AuditEntry extends AuditBody {
  tenant: TenantTag
  /** From 1, without a gap. */
  seq: number
  at: Date
  previousHash: string
  hash: string
}

export interface AuditStore {
  /** Newest first. */
  auditTrail(tenant: TenantTag, page: { limit: number; cursor?: string }): Promise<Page<AuditEntry>>
}

/** Before the first line. */
export const firstAuditHash = '0'.repeat(64)

/** SHA-256 of a line with the hash of the line before, hex. */
export function auditHash({
  hash: _own,
  ...entry
}: AuditEntry | (Omit<AuditEntry, 'hash'> & { hash?: string })): string {
  const { tenant, seq, at, action, by, about, learnerId, detail, previousHash } = entry
  const details = Object.entries(detail).sort(([a], [b]) => (a < b ? -1 : 1))
  const line = [tenant, seq, at.toISOString(), action, by, about, learnerId ?? null, details, previousHash]
  return hash('sha256', JSON.stringify(line), 'hex')
}

/**
 * Where a stretch of the log, newest first, is not what was written: the number of the first line whose hash
 * does not fit, or that does not follow the one before. `undefined` when all do.
 */
export function brokenAuditLine(newestFirst: readonly AuditEntry[]): number | undefined {
  for (const [place, entry] of newestFirst.entries()) {
    if (auditHash(entry) !== entry.hash) return entry.seq
    const before = newestFirst[place + 1]
    if (before && (before.hash !== entry.previousHash || before.seq !== entry.seq - 1)) return entry.seq
  }
  const oldest = newestFirst.at(-1)
  return oldest?.seq === 1 && oldest.previousHash !== firstAuditHash ? 1 : undefined
}
