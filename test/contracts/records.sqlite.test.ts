import { sqliteRecords } from '#adapters/sqlite/records.ts'
import { recordsContract } from './records.ts'

recordsContract('SQLite', async (clock) => {
  const records = sqliteRecords(':memory:', () => clock.now())
  return { records, close: () => records.close() }
})
