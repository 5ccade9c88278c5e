import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ServingConfiguration } from './configuration.ts'

export interface Serving {
  /** Answers prompts in their order. One call at a time. */
  generate(prompts: readonly number[][]): Promise<number[][]>
  close(): Promise<void>
}

/** Starts the threads of a configuration and waits until each holds the model. */
export async function startServing(
  weights: Float32Array,
  configuration: ServingConfiguration,
): Promise<Serving> {
  const workers = Array.from(
    { length: configuration.threads },
    () => new Worker(new URL('./worker.ts', import.meta.url), { workerData: { weights, configuration } }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  return {
    generate: (prompts) => shareOut(workers, prompts, configuration.batchSize),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

/** Each worker takes the next batch as soon as it has answered the last. */
async function shareOut(
  workers: Worker[],
  prompts: readonly number[][],
  batchSize: number,
): Promise<number[][]> {
  const answers: number[][] = prompts.map(() => [])
  let next = 0
  const drain = async (worker: Worker): Promise<void> => {
    while (next < prompts.length) {
      const first = next
      next += batchSize
      const answered = once(worker, 'message')
      worker.postMessage({ first, prompts: prompts.slice(first, first + batchSize) })
      const [message] = (await answered) as [{ answers: number[][] }]
      for (const [at, answer] of message.answers.entries()) answers[first + at] = answer
    }
  }
  await Promise.all(workers.map(drain))
  return answers
}
