import {
  type RecordCondition,
  type RecordItem,
  type RecordKey,
  type RecordQuery,
  type Records,
  type RecordWrite,
  recordLimits,
} from '#core/records.ts'

interface Staged {
  write: RecordWrite
  /** What the engine below must still find when the batch arrives there. */
  condition: RecordCondition | undefined
}

/**
 * `Records` that answers writes at once and sends them on a hundred at a time: an engine that makes every
 * transaction durable takes milliseconds for each. For seeding only, where nobody relies on an answer
 * before `flush`; a batch that meets another writer's change throws.
 */
export function batchedRecords(below: Records): Records & { flush(): Promise<void> } {
  const staged = new Map<string, Staged>()
  let bytes = 0
  let turn: Promise<unknown> = Promise.resolve()

  // One at a time: conditions are judged against what is staged.
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work)
    turn = result.catch(() => undefined)
    return result
  }

  async function read(key: RecordKey): Promise<RecordItem | undefined> {
    const write = staged.get(nameOf(key))?.write
    if (!write || 'check' in write) return below.get(key)
    return 'put' in write ? write.put : undefined
  }

  async function flush(): Promise<void> {
    if (staged.size === 0) return
    const writes = [...staged.values()].map(withCondition)
    staged.clear()
    bytes = 0
    const answer = await below.transact(writes)
    if (!answer.ok) throw new Error('the records changed under a batch of seeding')
  }

  return {
    get: (key) => inTurn(() => read(key)),

    query: (query) =>
      inTurn(async () => {
        if ([...staged.values()].some((one) => mayAnswer(one, query))) await flush()
        return below.query(query)
      }),

    transact: (writes) =>
      inTurn(async () => {
        for (const [position, write] of writes.entries()) {
          const found = write.if === undefined ? undefined : await read(keyOf(write))
          if (!holds(write.if, found))
            return { ok: false, failed: position, ...(found ? { found } : {}) } as const
        }
        const size = JSON.stringify(writes).length
        const full = staged.size + writes.length > recordLimits.writesPerTransaction
        if (full || bytes + size > recordLimits.bytesPerTransaction / 2) await flush()
        for (const write of writes) stage(write)
        bytes += size
        return { ok: true } as const
      }),

    flush: () => inTurn(flush),
  }

  function stage(write: RecordWrite): void {
    const name = nameOf(keyOf(write))
    const before = staged.get(name)
    if (before && 'check' in write) return
    staged.set(name, { write, condition: before ? before.condition : write.if })
  }
}

/** Whether a staged write could change what the query answers. Where an item stood in the index before is not known here. */
function mayAnswer({ write, condition }: Staged, query: RecordQuery): boolean {
  if ('check' in write) return false
  if (!query.index) return keyOf(write).pk === query.pk
  return condition !== 'absent' || 'delete' in write || write.put[query.index]?.pk === query.pk
}

const keyOf = (write: RecordWrite): RecordKey =>
  'put' in write ? write.put : 'delete' in write ? write.delete : write.check

const nameOf = ({ table, pk, sk }: RecordKey) => JSON.stringify([table ?? 'records', pk, sk])

function withCondition({ write, condition }: Staged): RecordWrite {
  if ('check' in write) return write
  const bare = 'put' in write ? { put: write.put } : { delete: write.delete }
  return condition === undefined ? bare : { ...bare, if: condition }
}

function holds(condition: RecordCondition | undefined, found: RecordItem | undefined): boolean {
  if (condition === undefined) return true
  if (condition === 'absent') return found === undefined
  if (condition === 'present') return found !== undefined
  return found?.version === condition.version
}
