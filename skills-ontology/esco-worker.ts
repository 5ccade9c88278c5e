import { parentPort, workerData } from 'node:worker_threads'
import * as z from 'zod'
import { Refusal } from '#core/refusal.ts'
import { type EscoImport, importEscoFolder } from './import-esco.ts'

/** Run beside the main thread by `runEscoImport`: a minute of reading holds nobody up. */
const { dir, out, version } = z
  .object({ dir: z.string(), out: z.string(), version: z.string().optional() })
  .parse(workerData)

export type EscoWorkerMessage =
  | { progress: { name: string; rows: number }; filesDone: number; files: number }
  | { done: EscoImport }
  | { refused: string }

const tell = (message: EscoWorkerMessage) => parentPort?.postMessage(message)
try {
  const done = importEscoFolder(dir, out, (progress, counts) => tell({ progress, ...counts }), version)
  tell({ done })
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  tell({ refused: error.message })
}
