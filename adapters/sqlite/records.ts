import { DatabaseSync } from 'node:sqlite'
import type {
  RecordItem,
  RecordKey,
  RecordQuery,
  Records,
  RecordTable,
  RecordWrite,
  TransactResult,
} from '#core/records.ts'
import { Refusal } from '#core/refusal.ts'
import {
  checkKey,
  checkQuery,
  checkWrites,
  conditionHolds,
  isEmptyRange,
  keyOf,
} from '../store/record-rules.ts'
import { keptItems } from './kept-items.ts'

const schema = `
CREATE TABLE IF NOT EXISTS TABLENAME (
  pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL,
  gsi1pk TEXT, gsi1sk TEXT, gsi2pk TEXT, gsi2sk TEXT, ttl INTEGER, data TEXT NOT NULL,
  PRIMARY KEY (pk, sk)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS TABLENAME_gsi1 ON TABLENAME (gsi1pk, gsi1sk, pk, sk) WHERE gsi1pk IS NOT NULL;
CREATE INDEX IF NOT EXISTS TABLENAME_gsi2 ON TABLENAME (gsi2pk, gsi2sk, pk, sk) WHERE gsi2pk IS NOT NULL;
CREATE INDEX IF NOT EXISTS TABLENAME_ttl ON TABLENAME (ttl) WHERE ttl IS NOT NULL;
`

const columns = ['pk', 'sk', 'version', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk', 'ttl', 'data'] as const
type Column = (typeof columns)[number]

/** The columns in their order: rows as lists are read in half the time of rows as objects. */
type Row = [
  pk: string,
  sk: string,
  version: number,
  gsi1pk: string | null,
  gsi1sk: string | null,
  gsi2pk: string | null,
  gsi2sk: string | null,
  ttl: number | null,
  data: string,
]

const tables: readonly RecordTable[] = ['records', 'keys']
const readOneOf = (table: RecordTable) =>
  `SELECT ${columns.join(', ')} FROM ${table} WHERE pk = ? AND sk = ? AND (ttl IS NULL OR ttl > ?)`
const readOne = { records: readOneOf('records'), keys: readOneOf('keys') }
/** Expired items are hidden at once and removed now and then, a few at a time. */
const sweepEvery = 256
const sweptAtOnce = 500
/** Transactions that share one flush to the disk. */
const mostAtOnce = 200

interface Waiting {
  writes: RecordWrite[]
  resolve: (answer: TransactResult) => void
  reject: (cause: unknown) => void
}

/**
 * `Records` on one SQLite file (`:memory:` for tests). WAL with `synchronous=FULL`: an answered write
 * survives `kill -9` and power loss. One process per file; `functions/data-dir-lock.ts` sees to that.
 * `mostBytes` is a quota: beyond it, as on a full disk, writes are refused `storage_full` and reads go on.
 */
export function sqliteRecords(
  file: string,
  now: () => Date,
  limits: { mostBytes?: number } = {},
): Records & { close(): void } {
  const db = new DatabaseSync(file)
  try {
    open()
  } catch (cause) {
    db.close()
    throw storageRefusal(cause)
  }

  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const prepare = (sql: string) => {
    let statement = statements.get(sql)
    if (!statement) {
      statement = db.prepare(sql)
      statement.setReturnArrays(true)
      statements.set(sql, statement)
    }
    return statement
  }
  const nowSeconds = () => Math.floor(now().getTime() / 1000)
  const kept = keptItems()
  const waiting: Waiting[] = []
  let transactions = 0

  return {
    async get(key) {
      checkKey(key)
      const known = kept.find(key, nowSeconds())
      if (known) return known
      const row = readRow(key)
      return row && kept.keep(toItem(row, key.table), row[8].length)
    },

    async query(query) {
      checkQuery(query)
      if (isEmptyRange(query.sk)) return { items: [] }
      const { sql, values, sortColumns } = select(query, nowSeconds())
      const rows = prepare(sql).all(...values) as unknown as Row[]
      const items = rows.slice(0, query.limit).map((row) => toItem(row, query.table))
      const last = rows.length > query.limit ? rows[query.limit - 1] : undefined
      if (!last) return { items }
      return { items, cursor: JSON.stringify(sortColumns.map((column) => last[columns.indexOf(column)])) }
    },

    async transact(writes): Promise<TransactResult> {
      checkWrites(writes)
      return new Promise((resolve, reject) => {
        if (waiting.push({ writes, resolve, reject }) === 1) setImmediate(commitWaiting)
      })
    },

    close() {
      while (waiting.length > 0) commitWaiting()
      db.close()
    },
  }

  // Flushing to the disk takes milliseconds, so all who ask in one turn of the event loop share one flush.
  // Each still stands or falls alone: its conditions are judged in turn, behind a savepoint of its own.
  function commitWaiting(): void {
    const group = waiting.splice(0, mostAtOnce)
    if (waiting.length > 0) setImmediate(commitWaiting)
    try {
      const answers = commit(group.map(({ writes }) => writes))
      for (const [position, { resolve }] of group.entries()) resolve(answers[position] ?? { ok: true })
    } catch (cause) {
      const [first] = group
      if (first && group.length === 1) {
        first.reject(storageRefusal(cause))
        return
      }
      // One of them may be what the disk had no room for: the others get their chance.
      for (const { writes, resolve, reject } of group) {
        try {
          resolve(commit([writes])[0] ?? { ok: true })
        } catch (own) {
          reject(storageRefusal(own))
        }
      }
    }
  }

  function commit(group: RecordWrite[][]): TransactResult[] {
    try {
      db.exec('BEGIN IMMEDIATE')
      const answers = group.map(applyOne)
      if (transactions++ % sweepEvery === 0) sweep()
      db.exec('COMMIT')
      // The log still holds what a key was, or words; emptying it makes it final that they are gone.
      if (group.some((writes) => writes.some(leavesNothing))) db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      return answers
    } catch (cause) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw cause
    }
  }

  function applyOne(writes: RecordWrite[]): TransactResult {
    db.exec('SAVEPOINT one')
    for (const [position, write] of writes.entries()) {
      const found = write.if === undefined ? undefined : read(keyOf(write))
      if (!conditionHolds(write.if, found)) {
        db.exec('ROLLBACK TO one; RELEASE one')
        return { ok: false, failed: position, ...(found ? { found } : {}) }
      }
      if ('put' in write) put(write.put)
      else if ('delete' in write) remove(write.delete)
    }
    db.exec('RELEASE one')
    return { ok: true }
  }

  function open(): void {
    // secure_delete: a deleted learner key must not stay readable in a free page.
    // cache_size: 64 MiB, so that the upper pages of a file of millions of items are read once.
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000; PRAGMA secure_delete = ON; PRAGMA cache_size = -65536;',
    )
    if (limits.mostBytes !== undefined) {
      db.exec(`PRAGMA max_page_count = ${Math.floor(limits.mostBytes / 4096)}`)
    }
    for (const table of tables) db.exec(schema.replaceAll('TABLENAME', table))
  }

  function read(key: RecordKey): RecordItem | undefined {
    const row = readRow(key)
    return row && toItem(row, key.table)
  }

  function readRow(key: RecordKey): Row | undefined {
    return prepare(readOne[tableOf(key)]).get(key.pk, key.sk, nowSeconds()) as unknown as Row | undefined
  }

  function put(item: RecordItem): void {
    kept.forget(item)
    prepare(`INSERT OR REPLACE INTO ${tableOf(item)} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
      item.pk,
      item.sk,
      item.version,
      item.gsi1?.pk ?? null,
      item.gsi1?.sk ?? null,
      item.gsi2?.pk ?? null,
      item.gsi2?.sk ?? null,
      item.ttl ?? null,
      JSON.stringify(item.data),
    )
  }

  function remove(key: RecordKey): void {
    kept.forget(key)
    prepare(`DELETE FROM ${tableOf(key)} WHERE pk = ? AND sk = ?`).run(key.pk, key.sk)
  }

  function sweep(): void {
    for (const table of tables) {
      prepare(
        `DELETE FROM ${table} WHERE (pk, sk) IN (SELECT pk, sk FROM ${table} WHERE ttl <= ? LIMIT ?)`,
      ).run(nowSeconds(), sweptAtOnce)
    }
  }
}

const leavesNothing = (write: RecordWrite) =>
  'put' in write ? write.forgets === true : 'delete' in write && write.delete.table === 'keys'

// Only ever one of the two names: no text from outside reaches a statement.
const tableOf = (key: RecordKey): RecordTable => (key.table === 'keys' ? 'keys' : 'records')

function toItem(row: Row, table: RecordTable | undefined): RecordItem {
  const [pk, sk, version, gsi1pk, gsi1sk, gsi2pk, gsi2sk, ttl, data] = row
  const item: RecordItem = { pk, sk, version, data: JSON.parse(data) }
  if (table) item.table = table
  if (gsi1pk !== null && gsi1sk !== null) item.gsi1 = { pk: gsi1pk, sk: gsi1sk }
  if (gsi2pk !== null && gsi2sk !== null) item.gsi2 = { pk: gsi2pk, sk: gsi2sk }
  if (ttl !== null) item.ttl = ttl
  return item
}

function select(query: RecordQuery, nowSeconds: number) {
  const prefix = query.index ?? ''
  const pk: Column = `${prefix}pk`
  const sk: Column = `${prefix}sk`
  const sortColumns: Column[] = query.index ? [sk, 'pk', 'sk'] : ['sk']
  const where = [`${pk} = ?`, '(ttl IS NULL OR ttl > ?)']
  const values: (string | number)[] = [query.pk, nowSeconds]
  if (query.sk && 'beginsWith' in query.sk) {
    const { beginsWith } = query.sk
    const end = afterPrefix(beginsWith)
    where.push(`${sk} >= ?`)
    values.push(beginsWith)
    if (end !== undefined) {
      where.push(`${sk} < ?`)
      values.push(end)
    }
  } else if (query.sk) {
    where.push(`${sk} BETWEEN ? AND ?`)
    values.push(query.sk.from, query.sk.to)
  }
  if (query.cursor !== undefined) {
    const after = JSON.parse(query.cursor) as string[]
    where.push(
      `(${sortColumns.join(', ')}) ${query.descending ? '<' : '>'} (${after.map(() => '?').join(', ')})`,
    )
    values.push(...after)
  }
  const direction = query.descending ? 'DESC' : 'ASC'
  const order = sortColumns.map((column) => `${column} ${direction}`).join(', ')
  const sql = `SELECT ${columns.join(', ')} FROM ${query.table === 'keys' ? 'keys' : 'records'} WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ?`
  return { sql, values: [...values, query.limit + 1], sortColumns }
}

/**
 * The least text, by UTF-8 bytes, that is greater than every text with this prefix; `undefined` when there
 * is none. UTF-8 sorts like code points, so the last code point is raised by one.
 */
function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue
    // Surrogates are no characters of their own.
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  }
  return undefined
}

const sqliteFull = 13
const sqliteBusy = 5

/** A full disk is the operator's to mend, a held lock passes: both left nothing written and get their own refusal. */
function storageRefusal(cause: unknown): unknown {
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : 0
  if (code === sqliteFull) {
    return new Refusal('storage_full', 'The storage is full. Nothing was saved; try again later.', { cause })
  }
  if (code === sqliteBusy) {
    return new Refusal('storage_busy', 'The storage is busy. Nothing was saved; try again.', { cause })
  }
  return cause
}
