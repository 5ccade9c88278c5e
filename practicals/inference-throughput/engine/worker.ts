import { parentPort, workerData } from 'node:worker_threads'
import type { ServingConfiguration } from './configuration.ts'
import { makeDecoder } from './decoder.ts'
import { generateBatch } from './generate.ts'

// One serving thread: takes a batch of prompts, answers with its continuations.
const { weights, configuration } = workerData as {
  weights: Float32Array
  configuration: ServingConfiguration
}
const decoder = makeDecoder(weights, configuration.precision)
const { maxNewTokens: count, kvCache } = configuration
parentPort?.on('message', ({ first, prompts }: { first: number; prompts: number[][] }) => {
  parentPort?.postMessage({ first, answers: generateBatch(decoder, prompts, { count, kvCache }) })
})
parentPort?.postMessage('ready')
