import { join } from 'node:path'
import { connectDynamo } from '#adapters/dynamodb/connect.ts'
import { sqliteRecords } from '#adapters/sqlite/records.ts'
import type { Clock } from '#core/ports.ts'
import type { Records } from '#core/records.ts'
import type { Settings } from './settings.ts'

/** The engine that `RECORDS` names: a file in the data folder, or DynamoDB. */
export function openRecords(
  settings: Pick<Settings, 'records' | 'dataDir' | 'dynamodb'>,
  clock: Clock,
): Records & { close(): void } {
  const now = () => clock.now()
  if (settings.records === 'sqlite') return sqliteRecords(join(settings.dataDir, 'records.sqlite'), now)
  return connectDynamo({ ...settings.dynamodb, now })
}
