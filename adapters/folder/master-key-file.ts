import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const fileName = 'master.key'

/**
 * The 32 secret bytes of this data folder, made at first start, mode 0600. Without this file nobody can
 * read the personal data in the folder again: back it up apart from the records.
 */
export function readMasterKey(dataDir: string): Uint8Array {
  const path = join(dataDir, fileName)
  const found = readIfThere(path) ?? makeKey(dataDir, path)
  const secret = Buffer.from(found.trim(), 'base64url')
  if (secret.length !== 32)
    throw new Error(`${fileName} in the data folder is damaged: restore it from its backup`)
  return secret
}

// Linked into place whole: a start that is cut off never leaves half a key, and an existing one is never replaced.
function makeKey(dataDir: string, path: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const unfinished = `${path}.${randomBytes(6).toString('hex')}~`
  const file = openSync(unfinished, 'wx', 0o600)
  try {
    writeSync(file, `${randomBytes(32).toString('base64url')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(unfinished, path)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
  } finally {
    rmSync(unfinished, { force: true })
  }
  return readFileSync(path, 'utf8')
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw cause
  }
}
