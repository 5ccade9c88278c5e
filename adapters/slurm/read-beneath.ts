import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs'

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants

/**
 * Reads a plain file some folders below `root`, of which every step is owned by an account we do not trust.
 * No step may be a link, the file no second name of another, and its owner must be the owner of `root`:
 * otherwise a job could have us read a file that is not its own. Linux only. `undefined` for anything odd.
 */
export function readBeneath(
  root: string,
  folders: readonly string[],
  name: string,
  maxBytes: number,
): Uint8Array | undefined {
  return inFolder(root, folders, (folder, owner) => readPlain(`${folder}/${name}`, owner, maxBytes))
}

/** The last `maxBytes` of such a file, also while it grows. */
export function readTailBeneath(
  root: string,
  folders: readonly string[],
  name: string,
  maxBytes: number,
): Uint8Array | undefined {
  return inFolder(root, folders, (folder, owner) => readPlain(`${folder}/${name}`, owner, maxBytes, true))
}

/** Every plain file in a folder below `root`, by the same rules, until `maxBytes` or `maxFiles` are used up. */
export function readAllBeneath(
  root: string,
  folders: readonly string[],
  { maxFiles, maxBytes }: { maxFiles: number; maxBytes: number },
): { name: string; bytes: Uint8Array }[] {
  return (
    inFolder(root, folders, (folder, owner) => {
      let left = maxBytes
      const names = readdirSync(folder).sort().slice(0, maxFiles)
      return names.flatMap((name) => {
        const bytes = readPlain(`${folder}/${name}`, owner, left)
        if (!bytes) return []
        left -= bytes.length
        return [{ name, bytes }]
      })
    }) ?? []
  )
}

function inFolder<T>(
  root: string,
  folders: readonly string[],
  use: (folder: string, owner: number) => T,
): T | undefined {
  const open: number[] = []
  try {
    let at = openSync(root, O_RDONLY | O_DIRECTORY)
    open.push(at)
    const owner = fstatSync(at).uid
    for (const folder of folders) {
      // Through the descriptor of the step before: a folder renamed meanwhile changes nothing.
      at = openSync(`/proc/self/fd/${at}/${folder}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      open.push(at)
    }
    return use(`/proc/self/fd/${at}`, owner)
  } catch {
    return undefined
  } finally {
    for (const descriptor of open) closeSync(descriptor)
  }
}

function readPlain(file: string, owner: number, maxBytes: number, tail = false): Uint8Array | undefined {
  let descriptor: number | undefined
  try {
    // O_NONBLOCK: a pipe must not make us wait.
    descriptor = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const stat = fstatSync(descriptor)
    if (!stat.isFile() || stat.nlink !== 1 || stat.uid !== owner) return undefined
    if (stat.size > maxBytes && !tail) return undefined
    const bytes = new Uint8Array(Math.min(maxBytes, stat.size))
    const from = stat.size - bytes.length
    let filled = 0
    while (filled < bytes.length) {
      const count = readSync(descriptor, bytes, filled, bytes.length - filled, from + filled)
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
