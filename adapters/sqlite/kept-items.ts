import type { RecordItem, RecordKey } from '#core/records.ts'

const mostKept = 1000
const largestCharacters = 16 * 1024

/**
 * Items that were read before, so that the next read of the same one needs no engine. Exact, not merely
 * fresh: one process has the file, and each of its writes forgets what it touches before anybody can read
 * again. They are frozen, because many now hold the same one. Wrapped learner keys are never kept: an
 * erasure must leave none behind.
 */
export function keptItems() {
  const items = new Map<string, RecordItem>()
  // A key holds no control characters.
  const nameOf = ({ pk, sk }: RecordKey) => `${pk}\n${sk}`

  return {
    find(key: RecordKey, nowSeconds: number): RecordItem | undefined {
      const item = key.table === 'keys' ? undefined : items.get(nameOf(key))
      return item?.ttl !== undefined && item.ttl <= nowSeconds ? undefined : item
    },

    /** Only for what is committed: what a transaction reads may yet be rolled back. */
    keep(item: RecordItem, characters: number): RecordItem {
      if (item.table === 'keys' || characters > largestCharacters) return item
      items.set(nameOf(item), frozen(item))
      const [oldest] = items.size > mostKept ? items.keys() : []
      if (oldest !== undefined) items.delete(oldest)
      return item
    },

    forget(key: RecordKey): void {
      if (key.table !== 'keys') items.delete(nameOf(key))
    },
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}
