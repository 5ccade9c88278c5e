import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs'

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants

/**
 * A plain file below a folder in which somebody we do not trust may write: no step of the path may be a link.
 * `undefined` for anything odd, absent or larger than `maxBytes`. Linux.
 */
export function readBelow(root: string, path: string, maxBytes: number): Uint8Array | undefined {
  const folders = path.split('/')
  const name = folders.pop() ?? ''
  const open: number[] = []
  try {
    open.push(openSync(root, O_RDONLY | O_DIRECTORY))
    const here = () => `/proc/self/fd/${open.at(-1)}`
    // Through the descriptor of the step before: a folder changed meanwhile for a link changes nothing.
    for (const folder of folders)
      open.push(openSync(`${here()}/${folder}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
    const file = openSync(`${here()}/${name}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    open.push(file)
    const stat = fstatSync(file)
    if (!stat.isFile() || stat.nlink > 1 || stat.size > maxBytes) return undefined
    const bytes = new Uint8Array(stat.size)
    let filled = 0
    while (filled < bytes.length) {
      const count = readSync(file, bytes, filled, bytes.length - filled, filled)
      if (count === 0) break
      filled += count
    }
    return bytes.subarray(0, filled)
  } catch {
    return undefined
  } finally {
    for (const descriptor of open) closeSync(descriptor)
  }
}

/** Names in a folder in which somebody we do not trust may write, at most `most` of them; none when they shut it. */
export function namesIn(folder: string, most: number): string[] {
  try {
    return readdirSync(folder).sort().slice(0, most)
  } catch {
    return []
  }
}
