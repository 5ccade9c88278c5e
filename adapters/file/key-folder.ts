import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

/** Where secrets are kept: small named files. Tests hand in one that lives in memory. */
export interface KeyFolder {
  read(name: string): string | undefined
  /** All or nothing: a reader sees the old text or the new one. */
  write(name: string, text: string): void
}

/** Key files in a folder of their own, readable by their owner only (folder 0700, files 0600). */
export function keyFolder(folder: string): KeyFolder {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  return {
    read(name) {
      try {
        return readFileSync(join(folder, name), 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    write(name, text) {
      const temporary = join(folder, `.${name}.${randomBytes(6).toString('hex')}`)
      const file = openSync(temporary, 'wx', 0o600)
      try {
        writeSync(file, text)
        // A key that was used and then lost with the power would orphan what it signed.
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(temporary, join(folder, name))
    },
  }
}

/** The same in memory, for tests. */
export function memoryKeyFolder(): KeyFolder {
  const files = new Map<string, string>()
  return { read: (name) => files.get(name), write: (name, text) => void files.set(name, text) }
}

/** The deployment's one master secret, 32 bytes, made when first asked for. Every use derives its own key from it. */
export function masterSecret(keys: KeyFolder): Uint8Array {
  const stored = keys.read('master.key')?.trim()
  if (stored === undefined) {
    const secret = randomBytes(32)
    keys.write('master.key', `${secret.toString('hex')}\n`)
    return secret
  }
  if (!/^[0-9a-f]{64}$/.test(stored))
    throw new Error('the file master.key does not hold 64 hexadecimal digits')
  return Buffer.from(stored, 'hex')
}
