import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JobRequest, Stage } from '#core/practicals/queue.ts'
import { readBeneath, readTailBeneath } from './read-beneath.ts'

/**
 * The folder of a site that both the academy and the site's nodes reach (a shared file system, mounted):
 *
 *     inbox/work   the academy writes, the work account reads (group, set-group-id)
 *     inbox/grade  the academy writes, the grade account reads
 *     jobs/work    the work account writes, the grade account reads
 *     jobs/grade   the grade account's own
 *     programs     the academy writes, both read
 */
export interface SiteFolder {
  /** Whose job a key is; `undefined` when nothing was laid down for it here. */
  stageOf(key: string): Stage | undefined
  /** Lays down what a job is given. False when that was done before: the job may already be at the site. */
  lay(job: JobRequest): boolean
  /** A file of the job's `out` folder once the job has come to its end. */
  read(key: string, name: string, maxBytes: number): Uint8Array | undefined
  /** What the job script noted: which job did the work of a key, and how it ended if it came to its end. */
  noted(key: string): { jobId: string; exitCode?: number } | undefined
  /** The end of what a work job has printed so far. */
  workLogTail(job: { key: string; jobId: string }, maxBytes: number): Uint8Array | undefined
  /** Takes the secret away: it lives no longer than its run. */
  forgetSecret(key: string): void
  /** Takes away what the academy laid down for a job. What the job's account wrote is that account's. */
  forget(key: string): void
}

const stages = ['work', 'grade'] as const satisfies readonly Stage[]
const keyShape = /^ska-[a-z2-7]{24}$/
const nameShape = /^[a-z0-9][a-z0-9._-]{0,63}$/

export function siteFolder(root: string): SiteFolder {
  const inbox = (stage: Stage, key: string) => join(root, 'inbox', stage, key)
  // Only the academy writes to the inboxes, so they tell which account a key belongs to.
  const stageOf = (key: string) =>
    keyShape.test(key) ? stages.find((stage) => existsSync(join(inbox(stage, key), 'ready'))) : undefined

  return {
    stageOf,

    lay({ key, stage, inputs, secret }) {
      const folder = inbox(stage, key)
      if (existsSync(join(folder, 'ready'))) return false
      // Without `ready` it is the rest of a submit that was cut off before anything was sent.
      mkdirSync(join(folder, 'inputs'), { recursive: true })
      // Made by mode, not by mask; the group comes from the inbox's set-group-id bit.
      for (const made of [folder, join(folder, 'inputs')]) chmodSync(made, 0o2750)
      const lay = (name: string, bytes: Uint8Array) => {
        writeFileSync(join(folder, name), bytes)
        chmodSync(join(folder, name), 0o640)
      }
      for (const { name, bytes } of inputs) lay(join('inputs', name), bytes)
      lay('secret', secret ?? new Uint8Array())
      lay('ready', new Uint8Array())
      return true
    },

    read(key, name, maxBytes) {
      const stage = stageOf(key)
      if (!stage || !nameShape.test(name)) return undefined
      const jobs = join(root, 'jobs', stage)
      // Made by our script after the program: before it a file may be half written.
      if (!existsSync(join(jobs, key, '.ended'))) return undefined
      return readBeneath(jobs, [key, 'out'], name, maxBytes)
    },

    noted(key) {
      const stage = stageOf(key)
      if (!stage) return undefined
      const note = (name: string) => {
        const bytes = readBeneath(join(root, 'jobs', stage), [key], name, 32)
        return /^\d{1,10}(?=\n$)/.exec(new TextDecoder().decode(bytes))?.[0]
      }
      const jobId = note('.job')
      if (jobId === undefined) return undefined
      const exit = note('.ended')
      return { jobId, ...(exit === undefined ? {} : { exitCode: Number(exit) }) }
    },

    workLogTail({ key, jobId }, maxBytes) {
      if (!keyShape.test(key) || !/^\d{1,10}$/.test(jobId)) return undefined
      return readTailBeneath(join(root, 'jobs', 'work'), [], `${key}.${jobId}.log`, maxBytes)
    },

    forgetSecret(key) {
      const stage = stageOf(key)
      if (stage) rmSync(join(inbox(stage, key), 'secret'), { force: true })
    },

    forget(key) {
      const stage = stageOf(key)
      if (stage) rmSync(inbox(stage, key), { recursive: true, force: true })
    },
  }
}
