import {
  type RecordCondition,
  type RecordItem,
  type RecordKey,
  type RecordQuery,
  type RecordWrite,
  recordLimits,
} from '#core/records.ts'

/**
 * Rules both engines share, checked before either is asked, so that a mistake shows in the embedded one
 * already. A breach is a defect of ours and throws a plain error; it names no value.
 */
export function checkWrites(writes: RecordWrite[]): void {
  const { writesPerTransaction, bytesPerItem, bytesPerTransaction } = recordLimits
  if (writes.length === 0 || writes.length > writesPerTransaction) {
    throw new Error(`a transaction takes 1 to ${writesPerTransaction} writes, not ${writes.length}`)
  }
  const seen = new Set<string>()
  let bytes = 0
  for (const write of writes) {
    const key = keyOf(write)
    checkKey(key)
    const name = JSON.stringify([key.table ?? 'records', key.pk, key.sk])
    if (seen.has(name)) throw new Error('a transaction takes one write per item')
    seen.add(name)
    if ('put' in write) {
      checkItem(write.put)
      const size = itemBytes(write.put)
      if (size > bytesPerItem) throw new Error(`an item is at most ${bytesPerItem} bytes`)
      bytes += size
    }
  }
  if (bytes > bytesPerTransaction) throw new Error(`a transaction is at most ${bytesPerTransaction} bytes`)
}

export function checkQuery(query: RecordQuery): void {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > recordLimits.itemsPerQuery) {
    throw new Error(`limit is 1 to ${recordLimits.itemsPerQuery}`)
  }
  checkPartition(query.pk)
  if (query.table === 'keys' && query.index) throw new Error('the table of keys has no index')
  if (!query.sk) return
  if ('beginsWith' in query.sk) {
    if (query.sk.beginsWith !== '') checkText(query.sk.beginsWith, 1024)
  } else {
    checkText(query.sk.from, 1024)
    checkText(query.sk.to, 1024)
  }
}

/** A range whose end comes before its start: DynamoDB refuses it, here it is simply empty. */
export function isEmptyRange(range: RecordQuery['sk']): boolean {
  return (
    range !== undefined &&
    'from' in range &&
    Buffer.compare(Buffer.from(range.from), Buffer.from(range.to)) > 0
  )
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

export function keyOf(write: RecordWrite): RecordKey {
  if ('put' in write) return write.put
  return 'delete' in write ? write.delete : write.check
}

export function checkKey({ pk, sk }: RecordKey): void {
  checkPartition(pk)
  checkText(sk, 1024)
}

function checkPartition(pk: string): void {
  if (!pk.startsWith('T#')) throw new Error('a partition key begins with the tenant: T#…')
  checkText(pk, 2048)
}

// Both engines sort keys by their UTF-8 bytes; half a surrogate pair has none, and a control character is a mistake.
function checkText(text: string, mostBytes: number): void {
  const bytes = Buffer.byteLength(text)
  if (bytes === 0 || bytes > mostBytes) throw new Error(`a key is 1 to ${mostBytes} bytes`)
  if (!text.isWellFormed() || /\p{Cc}/u.test(text)) throw new Error('a key is well-formed text')
}

function checkItem(item: RecordItem): void {
  if (!Number.isSafeInteger(item.version) || item.version < 1)
    throw new Error('a version is a whole number from 1')
  if (item.ttl !== undefined && (!Number.isSafeInteger(item.ttl) || item.ttl < 0)) {
    throw new Error('a ttl is whole seconds since 1970')
  }
  for (const index of [item.gsi1, item.gsi2]) {
    if (!index) continue
    if (item.table === 'keys') throw new Error('the table of keys has no index')
    checkKey(index)
  }
}

/** Size as DynamoDB counts it: names and values in UTF-8, a number as 21 bytes at most. */
function itemBytes(item: RecordItem): number {
  const texts: [string, string | undefined][] = [
    ['pk', item.pk],
    ['sk', item.sk],
    ['gsi1pk', item.gsi1?.pk],
    ['gsi1sk', item.gsi1?.sk],
    ['gsi2pk', item.gsi2?.pk],
    ['gsi2sk', item.gsi2?.sk],
    ['data', JSON.stringify(item.data)],
  ]
  const numbers = 'version'.length + 21 + (item.ttl === undefined ? 0 : 'ttl'.length + 21)
  return texts.reduce(
    (sum, [name, value]) => sum + (value === undefined ? 0 : name.length + Buffer.byteLength(value)),
    numbers,
  )
}
