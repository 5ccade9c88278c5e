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
import { checkQuery, checkWrites, conditionHolds } from '../store/record-rules.ts'

const schema = `
CREATE TABLE IF NOT EXISTS TABLENAME (
  pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL,
  gsi1pk TEXT, gsi1sk TEXT, gsi2pk TEXT, gsi2sk TEXT, ttl INTEGER, data TEXT NOT NULL,
  PRIMARY KEY (pk, sk)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS TABLENAME_gsi1 ON TABLENAME (gsi1pk, gsi1sk, pk, sk) WHERE gsi1pk IS NOT NULL;
CREATE INDEX IF NOT EXISTS TABLENAME_gsi2 ON TABLENAME (gsi2pk, gsi2sk, pk, sk) WHERE gsi2pk IS NOT NULL;
`

interface Row {
  pk: string
  sk: string
  version: number
  gsi1pk: string | null
  gsi1sk: string | null
  gsi2pk: string | null
  gsi2sk: string | null
  ttl: number | null
  data: string
}

/**
 * `Records` on one SQLite file (`:memory:` for tests). WAL with `synchronous=FULL`: an answered write
 * survives `kill -9` and power loss. One process per file; `functions/data-dir-lock.ts` sees to that.
 */
export function sqliteRecords(file: string, now: () => Date): Records & { close(): void } {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;')
  const tables: RecordTable[] = ['records', 'keys']
  for (const table of tables) db.exec(schema.replaceAll('TABLENAME', table))

  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const prepare = (sql: string) => {
    let statement = statements.get(sql)
    if (!statement) {
      statement = db.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }
  const nowSeconds = () => Math.floor(now().getTime() / 1000)
  const read = (key: RecordKey): RecordItem | undefined => {
    const row = prepare(
      `SELECT * FROM ${key.table ?? 'records'} WHERE pk = ? AND sk = ? AND (ttl IS NULL OR ttl > ?)`,
    ).get(key.pk, key.sk, nowSeconds()) as Row | undefined
    return row && toItem(row, key.table)
  }

  return {
    async get(key) {
      return read(key)
    },

    async query(query) {
      checkQuery(query)
      const { sql, values, sortColumns } = select(query, nowSeconds())
      const rows = prepare(sql).all(...values) as unknown as Row[]
      const items = rows.slice(0, query.limit).map((row) => toItem(row, query.table))
      const last = rows.length > query.limit ? rows[query.limit - 1] : undefined
      return last ? { items, cursor: JSON.stringify(sortColumns.map((column) => last[column])) } : { items }
    },

    async transact(writes): Promise<TransactResult> {
      checkWrites(writes)
      try {
        db.exec('BEGIN IMMEDIATE')
      } catch (cause) {
        throw storageRefusal(cause)
      }
      try {
        for (const [position, write] of writes.entries()) {
          const key = keyOf(write)
          const found = write.if === undefined ? undefined : read(key)
          if (!conditionHolds(write.if, found)) {
            db.exec('ROLLBACK')
            return { ok: false, failed: position, ...(found ? { found } : {}) }
          }
          if ('put' in write) put(write.put)
          else if ('delete' in write) {
            prepare(`DELETE FROM ${key.table ?? 'records'} WHERE pk = ? AND sk = ?`).run(key.pk, key.sk)
          }
        }
        db.exec('COMMIT')
        return { ok: true }
      } catch (cause) {
        if (db.isTransaction) db.exec('ROLLBACK')
        throw storageRefusal(cause)
      }
    },

    close() {
      db.close()
    },
  }

  function put(item: RecordItem): void {
    prepare(`INSERT OR REPLACE INTO ${item.table ?? 'records'} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
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
}

function keyOf(write: RecordWrite): RecordKey {
  if ('put' in write) return write.put
  return 'delete' in write ? write.delete : write.check
}

function toItem(row: Row, table: RecordTable | undefined): RecordItem {
  return {
    ...(table ? { table } : {}),
    pk: row.pk,
    sk: row.sk,
    version: row.version,
    ...(row.gsi1pk !== null && row.gsi1sk !== null ? { gsi1: { pk: row.gsi1pk, sk: row.gsi1sk } } : {}),
    ...(row.gsi2pk !== null && row.gsi2sk !== null ? { gsi2: { pk: row.gsi2pk, sk: row.gsi2sk } } : {}),
    ...(row.ttl === null ? {} : { ttl: row.ttl }),
    data: JSON.parse(row.data),
  }
}

function select(query: RecordQuery, nowSeconds: number) {
  const prefix = query.index ?? ''
  const pk = `${prefix}pk` as keyof Row
  const sk = `${prefix}sk` as keyof Row
  const sortColumns: (keyof Row)[] = query.index ? [sk, 'pk', 'sk'] : ['sk']
  const where = [`${pk} = ?`, '(ttl IS NULL OR ttl > ?)']
  const values: (string | number)[] = [query.pk, nowSeconds]
  if (query.sk && 'beginsWith' in query.sk) {
    where.push(`${sk} >= ?`, `substr(${sk}, 1, ?) = ?`)
    values.push(query.sk.beginsWith, query.sk.beginsWith.length, query.sk.beginsWith)
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
  const sql = `SELECT * FROM ${query.table ?? 'records'} WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ?`
  return { sql, values: [...values, query.limit + 1], sortColumns }
}

/** A full disk is the operator's to mend and safe to try again: it gets its own refusal. */
function storageRefusal(cause: unknown): unknown {
  const message = cause instanceof Error ? cause.message : ''
  return /disk is full|disk I\/O error|database or disk/i.test(message)
    ? new Refusal('storage_full', 'The storage is full. Nothing was saved; try again later.', { cause })
    : cause
}
