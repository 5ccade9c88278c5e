import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The tree the programs run from: the project, or what an operator laid out at a site. */
const root = fileURLToPath(new URL('../..', import.meta.url))

const folders: Readonly<Record<string, string>> = { '#core/': 'core/', '#practicals/': 'practicals/' }
// What runs: an import of a value, and a file that is read or started beside a program. Types leave nothing behind.
const imported = [
  /^(?:import|export)\s+(?!type\s)[\w\s{},*$]+?\sfrom\s+'([^']+)'/gm,
  /^import\s+'([^']+)'/gm,
  /\bimport\(\s*'([^']+)'/g,
]
const beside = /new URL\(\s*'([^']+)',\s*import\.meta\.url\)/g

/** SHA-256 (hex) over `programFiles`. The same tree gives the same hash on any machine. */
export function hashPrograms(id: string, stage: 'work' | 'grade'): string {
  const lines = [...programFiles(id, stage)].sort(([a], [b]) => (a < b ? -1 : 1))
  return sha256(lines.map(([name, what]) => `${name} ${what}\n`).join(''))
}

/**
 * The program of a practical's stage and every file it is made of, each with its SHA-256: what it imports, step by
 * step, and what it reads beside itself; of a package, its version.
 */
export function programFiles(id: string, stage: 'work' | 'grade'): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const look = (file: string) => {
    if (found.has(file)) return
    const bytes = readFileSync(join(root, file))
    found.set(file, sha256(bytes))
    if (extname(file) !== '.ts') return
    const text = bytes.toString()
    for (const [, name = ''] of imported.flatMap((form) => [...text.matchAll(form)])) {
      if (name.startsWith('node:')) continue
      const next = fileOf(name, file)
      if (next) look(next)
      else found.set(name, versionOf(name))
    }
    for (const [, name = ''] of text.matchAll(beside)) lookAll(posix.join(posix.dirname(file), name))
  }
  const lookAll = (path: string) => {
    // What a program looks for above its own folder is the tree, not a part of itself.
    if (path.startsWith('..') || path === '.' || !existsSync(join(root, path))) return
    if (statSync(join(root, path)).isFile()) return look(path)
    for (const name of readdirSync(join(root, path)).sort()) lookAll(posix.join(path, name))
  }
  look(`practicals/${id}/${stage}.ts`)
  return found
}

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

/** Path below the root of what a program imports; `undefined` for a package. */
function fileOf(name: string, importer: string): string | undefined {
  if (name.startsWith('.')) return posix.join(posix.dirname(importer), name)
  for (const [prefix, folder] of Object.entries(folders)) {
    if (name.startsWith(prefix)) return folder + name.slice(prefix.length)
  }
  return undefined
}

function versionOf(name: string): string {
  const file = join(root, 'node_modules', name, 'package.json')
  return String((JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version)
}
