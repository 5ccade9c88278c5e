import {
  type RecordCondition,
  type RecordItem,
  type RecordQuery,
  type RecordWrite,
  recordLimits,
} from '#core/records.ts'

/** Rules both engines share, checked before either is asked; a breach is a defect of ours and throws. */
export function checkWrites(writes: RecordWrite[]): void {
  if (writes.length === 0 || writes.length > recordLimits.writesPerTransaction) {
    throw new Error(
      `a transaction takes 1 to ${recordLimits.writesPerTransaction} writes, not ${writes.length}`,
    )
  }
  const seen = new Set<string>()
  let bytes = 0
  for (const write of writes) {
    const key = 'put' in write ? write.put : 'delete' in write ? write.delete : write.check
    if (!key.pk.startsWith('T#')) throw new Error('a partition key begins with the tenant: T#…')
    const name = JSON.stringify([key.table ?? 'records', key.pk, key.sk])
    if (seen.has(name)) throw new Error('a transaction takes one write per item')
    seen.add(name)
    if ('put' in write) {
      const size = Buffer.byteLength(JSON.stringify(write.put))
      if (size > recordLimits.bytesPerItem)
        throw new Error(`an item is at most ${recordLimits.bytesPerItem} bytes`)
      bytes += size
    }
  }
  if (bytes > recordLimits.bytesPerTransaction) throw new Error('a transaction is at most 4 MiB')
}

export function checkQuery(query: RecordQuery): void {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > 1000)
    throw new Error('limit is 1 to 1,000')
}

export function conditionHolds(
  condition: RecordCondition | undefined,
  found: RecordItem | undefined,
): boolean {
  if (condition === undefined) return true
  if (condition === 'absent') return found === undefined
  if (condition === 'present') return found !== undefined
  return found?.version === condition.version
}
