import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileLimits, isFileName, isFilePrefix } from '#core/file-names.ts'
import type { Files } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'

/**
 * `Files` in a folder. A file appears whole or not at all: it is written under another name, flushed,
 * then renamed. `contentType` is not kept: whoever serves a file knows what it is.
 */
export function folderFiles(folder: string): Files {
  // "=" cannot stand in a name, so the file `a/b` and the folder of `a/b/c` never collide.
  const pathOf = (name: string) => {
    if (!isFileName(name)) throw new Error('a file name does not have the form of one')
    return `${join(folder, ...name.split('/'))}=`
  }

  return {
    async put(name, bytes) {
      const path = pathOf(name)
      if (bytes.length > fileLimits.bytesPerFile) {
        throw new Refusal('too_large', `A file is at most ${fileLimits.bytesPerFile} bytes.`)
      }
      const parent = dirname(path)
      const unfinished = join(parent, `${randomUUID()}~`)
      try {
        await mkdir(parent, { recursive: true, mode: 0o700 })
        const file = await open(unfinished, 'wx', 0o600)
        try {
          await file.writeFile(bytes)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(unfinished, path)
        await syncFolder(parent)
      } catch (cause) {
        await rm(unfinished, { force: true })
        throw isFull(cause)
          ? new Refusal('storage_full', 'The storage is full. Nothing was saved; try again later.', { cause })
          : cause
      }
    },

    async get(name) {
      try {
        return await readFile(pathOf(name))
      } catch (cause) {
        if (codeOf(cause) === 'ENOENT') return undefined
        throw cause
      }
    },

    async delete(name) {
      const path = pathOf(name)
      await rm(path, { force: true })
      await syncFolder(dirname(path))
    },

    async list(prefix) {
      if (!isFilePrefix(prefix)) throw new Error('a prefix begins with a tenant tag and "/"')
      const from = prefix.slice(0, prefix.lastIndexOf('/'))
      const names: string[] = []
      await collect(join(folder, ...from.split('/')), from, names)
      return names.filter((name) => name.startsWith(prefix)).sort()
    },
  }
}

async function collect(folder: string, name: string, names: string[]): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    const inner = `${name}/${entry.name}`
    if (entry.isDirectory()) await collect(join(folder, entry.name), inner, names)
    else if (entry.name.endsWith('=')) names.push(inner.slice(0, -1))
    if (names.length > fileLimits.namesPerList) throw new Error('more files than one list may hold')
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return []
    throw cause
  }
}

/** A rename survives a power cut only when its folder is flushed too. Windows cannot and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause
  }
}

const codeOf = (cause: unknown) =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
const isFull = (cause: unknown) => ['ENOSPC', 'EDQUOT'].includes(codeOf(cause) ?? '')
