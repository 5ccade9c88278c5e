import { createHash } from 'node:crypto'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { seededRandom } from '../inference-throughput/model/random.ts'
import { allReduce, exchangesAfter } from './all-reduce.ts'
import { portCommunicator } from './communicator.ts'
import { firstWeights, lossOf, samplesIn, weightCount } from './model.ts'
import type { TrainingConfiguration } from './practical.ts'

// One worker of a training: looks at its share of each step's samples, exchanges with the others, and steps.
interface Given {
  rank: number
  configuration: TrainingConfiguration
  steps: number
  text: Int32Array
  ports: [number, MessagePort][]
}
const { rank, configuration, steps, text, ports } = workerData as Given
const { workers, batchPerWorker, learningRate, warmupSteps, exchange, exchangeEvery } = configuration
const others = portCommunicator(rank, new Map(ports))
const weights = firstWeights(seededRandom(1))
const gradients = new Float32Array(weightCount)
const momentum = new Float32Array(weightCount)
const losses: number[] = []
let step = 0

/** Every rank draws the whole step's samples, so that all agree on them, and takes its own. */
const draw = seededRandom(2)
function ownSamples(): number[] {
  const all = Array.from({ length: workers * batchPerWorker }, () => Math.floor(draw() * samplesIn(text)))
  return all.slice(rank * batchPerWorker, (rank + 1) * batchPerWorker)
}

/** Rises over the warm-up, stays, and falls to nothing over the second half. */
function rateNow(): number {
  const warm = warmupSteps === 0 ? 1 : Math.min(1, (step + 1) / warmupSteps)
  return learningRate * warm * Math.min(1, Math.max(0, 2 * (1 - step / steps)))
}

async function takeStep(): Promise<void> {
  gradients.fill(0)
  losses.push(lossOf(weights, text, ownSamples(), gradients) / batchPerWorker)
  const together = exchangeEvery === 1
  if (together) await allReduce(exchange, gradients, others)
  const share = together && exchange !== 'none' ? workers * batchPerWorker : batchPerWorker
  const rate = rateNow()
  for (let at = 0; at < weightCount; at++) {
    const moved = 0.9 * (momentum[at] as number) + (gradients[at] as number) / share
    momentum[at] = moved
    weights[at] = (weights[at] as number) - rate * moved
  }
  if (!together && exchange !== 'none' && exchangesAfter(step, steps, configuration)) {
    await allReduce(exchange, weights, others)
    for (let at = 0; at < weightCount; at++) weights[at] = (weights[at] as number) / workers
  }
  step++
}

parentPort?.on('message', async (message: { run: number } | 'finish') => {
  if (message === 'finish') {
    const digest = createHash('sha256').update(Buffer.from(weights.buffer)).digest('hex')
    parentPort?.postMessage({ rank, steps: step, ...others.traffic, digest, losses, weights })
    for (const [, port] of ports) port.close()
    parentPort?.close()
    return
  }
  for (let left = message.run; left > 0; left--) await takeStep()
  parentPort?.postMessage('ran')
})
