import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { type JobRequest, jobOutcomes } from '#core/practicals/queue.ts'

const zDate = z.iso.datetime().transform((text) => new Date(text))
const zHardware = z.object({
  cpu: z.string(),
  cores: z.number(),
  memoryGiB: z.number(),
  gpus: z.number(),
  limits: z.enum(['enforced', 'watched']),
})

const zEntry = z.discriminatedUnion('state', [
  z.object({ state: z.literal('pending'), submittedAt: zDate }),
  z.object({
    state: z.literal('running'),
    submittedAt: zDate,
    startedAt: zDate,
    pid: z.int(),
    startTicks: z.string().exactOptional(),
    hardware: zHardware,
  }),
  z.object({
    state: z.literal('ended'),
    submittedAt: zDate,
    startedAt: zDate.exactOptional(),
    endedAt: zDate,
    outcome: z.enum(jobOutcomes),
    reason: z.string(),
    exitCode: z.int().exactOptional(),
    hardware: zHardware.exactOptional(),
  }),
])
/** What the journal knows about a job; everything needed after a restart, and nothing secret. */
export type JournalEntry = z.output<typeof zEntry>

export interface Journal {
  /** Makes the job's folder with its inputs. False when the key is already there. */
  create(job: JobRequest, entry: JournalEntry): boolean
  read(key: string): JournalEntry | undefined
  write(key: string, entry: JournalEntry): void
  keys(): string[]
  /** Forgets a job with everything in its folder. */
  remove(key: string): void
  /** The job's own working folder; what it hands over is in `out` below it. */
  workFolder(key: string): string
  /** Folder of the job's standard output and error. */
  logFolder(key: string): string
}

const keyShape = /^ska-[a-z2-7]{24}$/

/** One folder per job below `root`, named by its key, with `job.json` in it. */
export function folderJournal(root: string): Journal {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const folder = (key: string) => {
    if (!keyShape.test(key)) throw new Error('a job key has the wrong form')
    return join(root, key)
  }
  const entryFile = (key: string) => join(folder(key), 'job.json')

  return {
    create({ key, inputs }, entry) {
      if (existsSync(entryFile(key))) return false
      // A folder without its entry is the rest of a submit that was cut off; the same bytes are laid again.
      const work = join(folder(key), 'work')
      mkdirSync(join(work, 'out'), { recursive: true, mode: 0o700 })
      for (const { name, bytes } of inputs) writeFileSync(join(work, name), bytes, { mode: 0o600 })
      writeEntry(entryFile(key), entry)
      return true
    },
    read(key) {
      const file = entryFile(key)
      return existsSync(file) ? zEntry.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined
    },
    write(key, entry) {
      writeEntry(entryFile(key), entry)
    },
    keys: () => readdirSync(root).filter((name) => keyShape.test(name) && existsSync(entryFile(name))),
    remove: (key) => rmSync(folder(key), { recursive: true, force: true }),
    workFolder: (key) => join(folder(key), 'work'),
    logFolder: (key) => folder(key),
  }
}

/** A reader sees the old entry or the new one, never half of one. */
function writeEntry(file: string, entry: JournalEntry): void {
  const next = `${file}.next`
  writeFileSync(next, JSON.stringify(entry), { mode: 0o600, flush: true })
  renameSync(next, file)
}
