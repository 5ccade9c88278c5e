import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { entryBytes } from '#core/practicals/entry-bytes.ts'

/** Reads a plain file, never through a link; `undefined` when it is anything else, absent or too large. */
export function readPlainFile(file: string, maxBytes: number): Uint8Array | undefined {
  let descriptor: number | undefined
  try {
    if (!lstatSync(file).isFile()) return undefined
    // O_NONBLOCK: a pipe swapped in since then must not make us wait.
    descriptor = openSync(
      file,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    )
    const { size, ...stat } = fstatSync(descriptor)
    if (!fstatSync(descriptor).isFile() || size > maxBytes || stat.nlink > 1) return undefined
    const bytes = new Uint8Array(size)
    let filled = 0
    while (filled < size) {
      const count = readSync(descriptor, bytes, filled, size - filled, filled)
      if (count === 0) return undefined
      filled += count
    }
    return bytes
  } catch {
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** The last bytes of a plain file, also while it grows; `undefined` when it is anything else or absent. */
export function readTail(file: string, maxBytes: number): Uint8Array | undefined {
  let descriptor: number | undefined
  try {
    descriptor = openSync(
      file,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    )
    const stat = fstatSync(descriptor)
    if (!stat.isFile() || stat.nlink > 1) return undefined
    const bytes = new Uint8Array(Math.min(maxBytes, stat.size))
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, stat.size - bytes.length))
  } catch {
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

const mostFiles = 64

/** Copies the plain files of a finished job's `out` folder; links, folders and anything odd are left behind. */
export function copyArtefact(from: string, to: string, maxBytes: number): void {
  mkdirSync(to, { recursive: true, mode: 0o700 })
  let left = maxBytes
  for (const name of readdirSync(from).slice(0, mostFiles)) {
    const bytes = readPlainFile(join(from, name), left)
    if (!bytes) continue
    left -= bytes.length
    writeFileSync(join(to, name), bytes, { mode: 0o400 })
  }
}

/** Bytes of all files and folders below a folder, links not followed; stops counting past `enough`. */
export function folderBytes(folder: string, enough: number): number {
  let bytes = 0
  const look = (path: string) => {
    try {
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        if (bytes > enough) return
        const file = join(path, entry.name)
        if (entry.isDirectory()) {
          bytes += entryBytes.folder
          look(file)
        } else bytes += entryBytes.other + (lstatSync(file, { throwIfNoEntry: false })?.size ?? 0)
      }
    } catch (error) {
      // Gone since it was listed, the job's own folder too: a job may remove what it was given. Of one that is shut
      // nobody can say what is in it.
      if ((error as NodeJS.ErrnoException).code === 'EACCES') bytes = Number.POSITIVE_INFINITY
    }
  }
  look(folder)
  return bytes
}
