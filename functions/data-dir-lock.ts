import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A second server on the same data folder. */
export class DataDirInUse extends Error {
  constructor(dataDir: string, pid: string | undefined) {
    const who = pid === undefined ? '' : ` (process ${pid})`
    super(`DATA_DIR: ${dataDir} is in use by another server${who}. Stop it, or choose another DATA_DIR.`)
    this.name = 'DataDirInUse'
  }
}

/**
 * Takes the folder for this process, or throws `DataDirInUse`. The lock is SQLite's own file lock on an
 * empty database: the system lets go of it when the process dies, however it dies, so there is no stale
 * lock to judge and no moment in which two contenders both take one over. The process id beside it is
 * only for the message.
 */
export function lockDataDir(dataDir: string): { release(): void } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const pidFile = join(dataDir, 'server.pid')
  const db = new DatabaseSync(join(dataDir, 'server.lock'))
  try {
    db.exec('PRAGMA journal_mode = MEMORY; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    if (/locked|busy/i.test(String(cause))) throw new DataDirInUse(dataDir, readPid(pidFile))
    throw new Error(`DATA_DIR: the lock in ${dataDir} cannot be taken`, { cause })
  }
  writeFileSync(pidFile, String(process.pid), { mode: 0o600 })
  return {
    release() {
      rmSync(pidFile, { force: true })
      db.close()
    },
  }
}

function readPid(file: string): string | undefined {
  try {
    return /^\d{1,10}$/.exec(readFileSync(file, 'utf8'))?.[0]
  } catch {
    return undefined
  }
}
