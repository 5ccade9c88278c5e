import { hash } from 'node:crypto'
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { backup as copyDatabase, DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { lockDataDir } from '../data-dir-lock.ts'
import type { OpsCommand } from '../ops.ts'
import { readSettings } from '../settings.ts'

const records = 'records.sqlite'
/** What a backup holds beside the records. In this order: what records name is copied after them, so it is there. */
const alongside = ['keys', 'files']
const manifestName = 'backup.json'

const zManifest = z.strictObject({
  at: z.iso.datetime(),
  /** SHA-256 of each file, hex, by its path. */
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
})

const options = {
  to: { type: 'string' },
  from: { type: 'string' },
  'erased-in': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const backupHelp = [
  'npm run ops -- backup --to FOLDER',
  '',
  'Copies DATA_DIR into FOLDER, which must be empty or not there, while the server runs: the records as they',
  'are at one moment, then keys and files. What it leaves out can be made again (the graph, running practicals,',
  'ESCO). Whoever has the copy can read everybody in it: encrypt it, and keep it no longer than erased learners',
  'may be brought back.',
]

/** `npm run ops -- backup`. */
export const backupCommand: OpsCommand = {
  summary: 'copy the data of this machine, also while the server runs',
  async run(words) {
    const { values } = parseArgs({ args: words, options })
    if (values.help || values.to === undefined) return backupHelp
    const { dataDir, records: engine } = readSettings(process.env)
    if (engine !== 'sqlite')
      throw new Error('RECORDS: only records in sqlite are copied; DynamoDB has backups of its own.')
    const count = await backUp(dataDir, values.to, new Date())
    return [`${count} files are in ${values.to}, each with its SHA-256 in ${manifestName}.`]
  },
}

const restoreHelp = [
  'npm run ops -- restore --from FOLDER [--erased-in FOLDER]',
  '',
  'Puts a backup into DATA_DIR, which must be empty or not there, once every file is as it was when it was copied.',
  '  --erased-in FOLDER  the data folder that is replaced, if there still is one: who was erased since the backup',
  '                      is noted there. Then run `npm run ops -- erase-again` before anybody is served.',
]

/** `npm run ops -- restore`. */
export const restoreCommand: OpsCommand = {
  summary: 'put a backup into an empty data folder',
  async run(words) {
    const { values } = parseArgs({ args: words, options })
    if (values.help || values.from === undefined) return restoreHelp
    const { dataDir } = readSettings(process.env)
    const { files, erased } = restore(values.from, dataDir, values['erased-in'])
    return [
      `${files} files are in ${dataDir}, as they were when they were copied; ${erased} erasures were noted since.`,
      'Now run `npm run ops -- erase-again`, and start the server at the same PUBLIC_URL.',
    ]
  },
}

/** Whatever the folder they lie in allows: these are everybody's records and keys. */
const ownerOnly = 0o600

/** Answers how many files were copied. Throws when the folder is not empty or the copy of the records is not sound. */
export async function backUp(dataDir: string, to: string, now: Date): Promise<number> {
  mustBeEmpty(to, '--to')
  const source = new DatabaseSync(join(dataDir, records), { readOnly: true })
  try {
    await copyDatabase(source, join(to, records))
    chmodSync(join(to, records), ownerOnly)
  } finally {
    source.close()
  }
  mustBeSound(join(to, records))
  for (const name of alongside)
    if (existsSync(join(dataDir, name))) copyFolder(join(dataDir, name), join(to, name))
  const files = Object.fromEntries(filesIn(to).map((path) => [relative(to, path), digest(path)]))
  const manifest = zManifest.parse({ at: now.toISOString(), files })
  writeFileSync(join(to, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: ownerOnly })
  return Object.keys(files).length
}

/** Answers how many files were put back, and how many erasures were taken over from the folder that is replaced. */
export function restore(from: string, dataDir: string, erasedIn?: string): { files: number; erased: number } {
  const { files } = zManifest.parse(JSON.parse(readFileSync(join(from, manifestName), 'utf8')))
  const wrong = Object.entries(files).filter(
    ([path, sha256]) =>
      !isWithin(from, path) || !existsSync(join(from, path)) || digest(join(from, path)) !== sha256,
  )
  if (wrong.length > 0)
    throw new Error(`--from: ${wrong.length} files are not as they were copied, as ${wrong[0]?.[0]}`)
  mustBeEmpty(dataDir, 'DATA_DIR')
  const lock = lockDataDir(dataDir)
  try {
    for (const path of Object.keys(files)) copy(join(from, path), join(dataDir, path))
    mustBeSound(join(dataDir, records))
    const noted = erasedIn === undefined ? [] : erasuresIn(join(erasedIn, 'files'))
    const fresh = noted.filter((path) => !existsSync(join(dataDir, 'files', path)))
    for (const path of fresh) copy(join(erasedIn ?? '', 'files', path), join(dataDir, 'files', path))
    return { files: Object.keys(files).length, erased: fresh.length }
  } finally {
    lock.release()
  }
}

/** The register of who was erased: an empty file each, `{institution}/erasures/{learner}`. */
function erasuresIn(folder: string): string[] {
  return filesIn(folder)
    .map((path) => relative(folder, path))
    .filter((path) => /^[^/]+\/erasures\/[^/]+$/.test(path))
}

function mustBeEmpty(folder: string, option: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (readdirSync(folder).length > 0) throw new Error(`${option}: the folder must be empty`)
}

/** A copy is one file: what stands beside records in use is made again by whoever opens them next. */
function mustBeSound(file: string): void {
  const copied = new DatabaseSync(file)
  try {
    copied.exec('PRAGMA journal_mode = DELETE')
    const [row] = copied.prepare('PRAGMA integrity_check').all()
    if (row?.['integrity_check'] !== 'ok') throw new Error('the copy of the records is not sound')
  } finally {
    copied.close()
  }
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** A file that is gone meanwhile was removed by the server, or replaced by one that is copied. */
function copyFolder(from: string, to: string): void {
  for (const path of filesIn(from)) {
    try {
      copy(path, join(to, relative(from, path)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  copyFileSync(from, to, constants.COPYFILE_EXCL)
  chmodSync(to, ownerOnly)
}

const digest = (path: string) => hash('sha256', readFileSync(path), 'hex')
const isWithin = (folder: string, path: string) => resolve(folder, path).startsWith(`${resolve(folder)}/`)
