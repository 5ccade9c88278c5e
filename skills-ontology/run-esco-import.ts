import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Refusal } from '#core/refusal.ts'
import type { EscoImportState } from '#core/skills/esco/esco-catalogue.ts'
import type { EscoWorkerMessage } from './esco-worker.ts'
import type { EscoImport } from './import-esco.ts'

export interface RunEscoImport {
  dir: string
  out: string
  version?: string | undefined
  progress?: (message: Extract<EscoWorkerMessage, { progress: object }>) => void
}

/** Where an import says how it goes: beside the file it makes. */
export const progressFile = (out: string): string => `${out}.progress`

/**
 * Imports ESCO in a thread of its own, and says in a file beside `out` how it goes, so that a page or another
 * command can tell. Refuses as `importEscoFolder` does.
 */
export function runEscoImport({ dir, out, version, progress }: RunEscoImport): Promise<EscoImport> {
  const startedAt = new Date()
  const say = (state: EscoImportState) => {
    mkdirSync(dirname(out), { recursive: true })
    writeFileSync(`${progressFile(out)}.new`, JSON.stringify(state))
    renameSync(`${progressFile(out)}.new`, progressFile(out))
  }
  const failed = (message: string) => say({ state: 'failed', startedAt, finishedAt: new Date(), message })
  say({ state: 'running', startedAt, file: '', filesDone: 0, files: 0 })
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./esco-worker.ts', import.meta.url), {
      workerData: { dir, out, version },
    })
    worker.on('message', (message: EscoWorkerMessage) => {
      if ('progress' in message) {
        const { filesDone, files } = message
        say({ state: 'running', startedAt, file: message.progress.name, filesDone, files })
        progress?.(message)
      } else if ('done' in message) {
        say({ state: 'done', startedAt, finishedAt: new Date(), written: message.done.written })
        resolve(message.done)
      } else {
        failed(message.refused)
        reject(new Refusal('invalid_input', message.refused, { field: 'files' }))
      }
    })
    worker.on('error', (error) => {
      failed('The import broke off; the log says why.')
      reject(error)
    })
    worker.on('exit', () => reject(new Error('the import ended without an answer')))
  })
}
