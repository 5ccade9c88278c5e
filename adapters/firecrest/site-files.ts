import { join } from 'node:path'
import { type JobRequest, QueueError, type Stage } from '#core/practicals/queue.ts'
import type { FirecrestAnswer, FirecrestCall } from './rest-call.ts'
import { zStat, zTail } from './z-firecrest.ts'

type Ask = (stage: Stage, call: FirecrestCall) => Promise<FirecrestAnswer>

/**
 * The site's folder (as `docs/sites.md` lays it out) through FirecREST's file operations, each under the account
 * of the job it is for: what an account may not read there, it cannot have us read either.
 */
export interface SiteFiles {
  /** Lays down what a job is given. False when that was done before: the job may already be at the site. */
  lay(job: JobRequest): Promise<boolean>
  /** A file of the job's `out` folder once the job has come to its end. */
  read(stage: Stage, key: string, name: string, maxBytes: number): Promise<Uint8Array | undefined>
  /** The end of what a work job has printed so far. */
  workLogTail(job: { key: string; jobId: string }, maxBytes: number): Promise<Uint8Array | undefined>
  /** Takes the secret away: it lives no longer than its run. */
  forgetSecret(stage: Stage, key: string): Promise<void>
  /** Takes away what was laid down for a job, and what it left, under its own account. */
  forget(stage: Stage, key: string): Promise<void>
}

const nameShape = /^[a-z0-9][a-z0-9._-]{0,63}$/
const keyShape = /^ska-[a-z2-7]{24}$/
/** The shortest file that can be uploaded. */
const nothing = Buffer.from('\n')
/** What `stat` calls a plain file: the type bits of its mode. */
const typeBits = 0o170_000
const plainFile = 0o100_000

export function siteFiles(system: string, root: string, ask: Ask): SiteFiles {
  const op = (name: string, path?: string) =>
    `/filesystem/${system}/ops/${name}${path === undefined ? '' : `?path=${encodeURIComponent(path)}`}`
  const inbox = (stage: Stage, key: string) => join(root, 'inbox', stage, key)

  async function must(stage: Stage, call: FirecrestCall): Promise<FirecrestAnswer> {
    const answer = await ask(stage, call)
    if (answer.status < 300) return answer
    // Nothing of a job is sent before its files lie there, so whatever went wrong may be tried again.
    if (answer.status === 403 || answer.status === 400 || answer.status === 413)
      throw new QueueError('rejected', 'the site does not take the files of this job')
    throw new QueueError('unavailable', 'the site cannot take files now')
  }

  /** `undefined` when there is no such plain file. */
  async function sizeOf(stage: Stage, path: string): Promise<number | undefined> {
    const answer = await ask(stage, { method: 'GET', path: op('stat', path) })
    // 403: a folder the other account closes to this one, so there is nothing of ours.
    if (answer.status === 404 || answer.status === 403) return undefined
    const read = zStat.safeParse(answer.body)
    if (answer.status !== 200 || !read.success)
      throw new QueueError('unavailable', 'the site does not tell of a file')
    const { mode, nlink, size } = read.data.output
    return (mode & typeBits) === plainFile && nlink === 1 ? size : undefined
  }

  return {
    async lay({ key, stage, inputs, secret }) {
      const folder = inbox(stage, key)
      if ((await sizeOf(stage, join(folder, 'ready'))) !== undefined) return false
      // Without `ready` it is the rest of a submit that was cut off before anything was sent.
      await must(stage, {
        method: 'POST',
        path: op('mkdir'),
        json: { path: join(folder, 'inputs'), parent: true },
      })
      // Whatever mask the site has: nobody but the job's own account.
      await must(stage, { method: 'PUT', path: op('chmod'), json: { path: folder, mode: '700' } })
      const upload = (to: string, name: string, bytes: Uint8Array) => {
        // FirecREST waits for the bytes of an empty file until its time is up.
        if (bytes.length === 0)
          throw new QueueError('rejected', 'inputs: an empty file cannot be laid at this site')
        return must(stage, { method: 'POST', path: op('upload', to), file: { name, bytes } })
      }
      for (const { name, bytes } of inputs) await upload(join(folder, 'inputs'), name, bytes)
      await upload(folder, 'secret', secret ?? nothing)
      await upload(folder, 'ready', nothing)
      return true
    },

    async read(stage, key, name, maxBytes) {
      if (!keyShape.test(key) || !nameShape.test(name)) return undefined
      const job = join(root, 'jobs', stage, key)
      // Made by our script after the program: before it a file may be half written.
      if ((await sizeOf(stage, join(job, '.ended'))) === undefined) return undefined
      const path = join(job, 'out', name)
      const size = await sizeOf(stage, path)
      if (size === undefined || size > maxBytes) return undefined
      const { status, bytes } = await ask(stage, { method: 'GET', path: op('download', path) })
      if (status === 404 || status === 403) return undefined
      if (status !== 200) throw new QueueError('unavailable', 'the site does not hand over a file')
      return bytes.length > maxBytes ? undefined : bytes
    },

    async workLogTail({ key, jobId }, maxBytes) {
      if (!keyShape.test(key) || !/^\d{1,10}$/.test(jobId)) return undefined
      const path = join(root, 'jobs', 'work', `${key}.${jobId}.log`)
      const answer = await ask('work', { method: 'GET', path: `${op('tail', path)}&bytes=${maxBytes}` })
      const read = zTail.safeParse(answer.body)
      return answer.status === 200 && read.success ? Buffer.from(read.data.output.content) : undefined
    },

    async forgetSecret(stage, key) {
      // Absent by now is as good.
      await ask(stage, { method: 'DELETE', path: op('rm', join(inbox(stage, key), 'secret')) })
    },

    async forget(stage, key) {
      if (!keyShape.test(key)) return
      for (const path of [inbox(stage, key), join(root, 'jobs', stage, key)])
        await ask(stage, { method: 'DELETE', path: op('rm', path) })
    },
  }
}
