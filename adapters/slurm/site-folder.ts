import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAccountName, type JobRequest, QueueError, type Stage } from '#core/practicals/queue.ts'
import { readBeneath, readTailBeneath } from './read-beneath.ts'

/**
 * The folder of a site that both the academy and the site's nodes reach (a shared file system, mounted):
 *
 *     inbox/work   the academy writes, the work account reads (group, set-group-id)
 *     inbox/grade  the academy writes, the grade account reads
 *     jobs/work    the work account writes, the grade account reads
 *     jobs/grade   the grade account's own
 *     programs     the academy writes, both read
 *
 * Where each learner has an account of their own, `inbox/learners/USER` and `jobs/learners/USER` stand for
 * `inbox/work` and `jobs/work`; the site makes them when it makes the account.
 */
export interface SiteFolder {
  /** Under which account the job of a key runs; `undefined` when nothing was laid down for it here. */
  placeOf(key: string): JobPlace | undefined
  /** The same by the number the site gave the job, of jobs under learners' own accounts. */
  placeOfJob(jobId: string): JobPlace | undefined
  /** Keeps the number of a learner's job, so that a server that starts anew still knows whose it is. */
  noteJob(key: string, jobId: string): void
  /** Lays down what a job is given. False when that was done before: the job may already be at the site. */
  lay(job: JobRequest): boolean
  /** A file of the job's `out` folder once the job has come to its end. */
  read(key: string, name: string, maxBytes: number): Uint8Array | undefined
  /** Whether the folders of a job that was laid down are there; not so when the site's folder is not mounted. */
  canSee(key: string): boolean
  /** What the job script noted: which job did the work of a key, and how it ended if it came to its end. */
  noted(key: string): { jobId: string; exitCode?: number } | undefined
  /** The end of what a work job has printed so far. */
  workLogTail(job: { key: string; jobId: string }, maxBytes: number): Uint8Array | undefined
  /** Takes the secret away: it lives no longer than its run. */
  forgetSecret(key: string): void
  /** Takes away what the academy laid down for a job. What the job's account wrote is that account's. */
  forget(key: string): void
}

/** Whose a job is: of one of the site's accounts for the academy, or of a learner's own. */
export interface JobPlace {
  stage: Stage
  /** The learner's own account; absent where one account does all learners' work. */
  user?: string
}

/** Where such a job's things lie, below `inbox` and `jobs`. */
export const folderOf = ({ stage, user }: JobPlace): string =>
  user === undefined ? stage : join('learners', user)

const stages = ['work', 'grade'] as const satisfies readonly Stage[]
const numbered = (jobId: string) => `job-${jobId}`
const keyShape = /^ska-[a-z2-7]{24}$/
const nameShape = /^[a-z0-9][a-z0-9._-]{0,63}$/

export function siteFolder(root: string): SiteFolder {
  const inbox = (place: JobPlace, key: string) => join(root, 'inbox', folderOf(place), key)
  const jobsOf = (place: JobPlace) => join(root, 'jobs', folderOf(place))
  const learners = () => {
    const path = join(root, 'inbox', 'learners')
    return existsSync(path) ? readdirSync(path).filter(isAccountName) : []
  }
  const learnersPlaces = (): JobPlace[] => learners().map((user) => ({ stage: 'work', user }))
  // Only the academy writes to the inboxes, so they tell which account a key belongs to.
  const isLaid = (place: JobPlace, key: string) => existsSync(join(inbox(place, key), 'ready'))
  function placeOf(key: string): JobPlace | undefined {
    if (!keyShape.test(key)) return undefined
    const stage = stages.find((one) => isLaid({ stage: one }, key))
    // Learners' own folders are gone through only for what is in neither of the academy's.
    return stage ? { stage } : learnersPlaces().find((place) => isLaid(place, key))
  }

  return {
    placeOf,

    placeOfJob(jobId) {
      for (const place of learnersPlaces()) {
        const keys = readdirSync(join(root, 'inbox', folderOf(place)))
        if (keys.some((key) => existsSync(join(inbox(place, key), numbered(jobId))))) return place
      }
      return undefined
    },

    noteJob(key, jobId) {
      const place = placeOf(key)
      if (place) writeFileSync(join(inbox(place, key), numbered(jobId)), '')
    },

    lay({ key, stage, account, inputs, secret }) {
      // A job that was laid down keeps its account, whatever the learner's is by now.
      if (placeOf(key)) return false
      const place = account === undefined ? { stage } : { stage, user: account }
      // Made here they would belong to the wrong groups.
      if (account !== undefined && !(existsSync(inbox(place, '')) && existsSync(jobsOf(place))))
        throw new QueueError('rejected', 'the site has made no folders for this account yet')
      const folder = inbox(place, key)
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
      const place = placeOf(key)
      if (!place || !nameShape.test(name)) return undefined
      const jobs = jobsOf(place)
      // Made by our script after the program: before it a file may be half written.
      if (!existsSync(join(jobs, key, '.ended'))) return undefined
      return readBeneath(jobs, [key, 'out'], name, maxBytes)
    },

    canSee(key) {
      const place = placeOf(key)
      return place !== undefined && existsSync(jobsOf(place))
    },

    noted(key) {
      const place = placeOf(key)
      if (!place) return undefined
      const note = (name: string) => {
        const bytes = readBeneath(jobsOf(place), [key], name, 32)
        return /^\d{1,10}(?=\n$)/.exec(new TextDecoder().decode(bytes))?.[0]
      }
      const jobId = note('.job')
      if (jobId === undefined) return undefined
      const exit = note('.ended')
      return { jobId, ...(exit === undefined ? {} : { exitCode: Number(exit) }) }
    },

    workLogTail({ key, jobId }, maxBytes) {
      if (!keyShape.test(key) || !/^\d{1,10}$/.test(jobId)) return undefined
      const place = placeOf(key) ?? { stage: 'work' }
      if (place.stage !== 'work') return undefined
      return readTailBeneath(jobsOf(place), [], `${key}.${jobId}.log`, maxBytes)
    },

    forgetSecret(key) {
      const place = placeOf(key)
      if (place) rmSync(join(inbox(place, key), 'secret'), { force: true })
    },

    forget(key) {
      const place = placeOf(key)
      if (place) rmSync(inbox(place, key), { recursive: true, force: true })
    },
  }
}
