import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../inference-throughput/model/random.ts'
import { vocabulary } from '../inference-throughput/model/vocabulary.ts'
import { allReduce, expectedTraffic } from './all-reduce.ts'
import type { Communicator } from './communicator.ts'
import { hiddenText } from './corpus.ts'
import { checkTraining, judgeTraining, rankLine } from './judge-training.ts'
import { firstWeights, lossOf, samplesIn, shape, weightCount } from './model.ts'
import { dataParallelScaling, stepsOf, type TrainingConfiguration } from './practical.ts'
import { train } from './train-ranks.ts'

const solution = (name: string): TrainingConfiguration =>
  dataParallelScaling.zConfiguration.parse(
    JSON.parse(readFileSync(`practicals/data-parallel-scaling/solutions/${name}.json`, 'utf8')),
  )
const few = 256
const held = (sanity: { name: string; held: boolean }[]) =>
  sanity.filter((check) => check.held).map(({ name }) => name)
const all = [
  'configuration_unchanged',
  'several_ranks',
  'ranks_agree',
  'communication_counted',
  'training_reproduced',
]

/** Ranks in one thread, for sums alone. */
function inOneThread(size: number): Communicator[] {
  const mail = new Map<
    string,
    { queue: Float32Array[]; take?: ((values: Float32Array) => void) | undefined }
  >()
  const box = (from: number, to: number) => {
    const name = `${from}>${to}`
    const found = mail.get(name) ?? { queue: [] }
    mail.set(name, found)
    return found
  }
  return Array.from({ length: size }, (_, rank) => {
    const traffic = { messages: 0, bytes: 0 }
    return {
      rank,
      size,
      traffic,
      send(to, values) {
        traffic.messages++
        traffic.bytes += values.byteLength
        const letters = box(rank, to)
        if (letters.take) letters.take(values.slice())
        else letters.queue.push(values.slice())
        letters.take = undefined
      },
      receive(from) {
        const letters = box(from, rank)
        const next = letters.queue.shift()
        return next ? Promise.resolve(next) : new Promise((resolve) => (letters.take = resolve))
      },
    }
  })
}

describe('the sum over all ranks', () => {
  test.each(['ring', 'gather'] as const)(
    'by %s is the same on every rank, for any number and length',
    async (exchange) => {
      for (const size of [1, 2, 3, 4]) {
        for (const length of [1, 2, 3, 7, 64]) {
          const values = Array.from({ length: size }, (_, rank) =>
            Float32Array.from({ length }, (_v, at) => at + 100 * rank),
          )
          const sum = Float32Array.from({ length }, (_, at) => size * at + (100 * size * (size - 1)) / 2)
          const ranks = inOneThread(size)
          await Promise.all(values.map((own, rank) => allReduce(exchange, own, ranks[rank] as Communicator)))
          for (const own of values) expect(own).toEqual(sum)
        }
      }
    },
  )

  test.each(['ring', 'gather'] as const)(
    'by %s sends what it must, no more and no less',
    async (exchange) => {
      for (const workers of [2, 3, 4]) {
        const configuration = { ...solution('good'), exchange, workers }
        const ranks = inOneThread(workers)
        await Promise.all(ranks.map((rank) => allReduce(exchange, new Float32Array(weightCount), rank)))
        const once = expectedTraffic(configuration, 1)
        expect(ranks.map(({ traffic }) => traffic)).toEqual(once)
        const steps = stepsOf(configuration)
        expect(expectedTraffic(configuration)).toEqual(
          once.map(({ messages, bytes }) => ({ messages: messages * steps, bytes: bytes * steps })),
        )
      }
    },
  )
})

describe('the model', () => {
  test('has a row for each word of the vocabulary', () => {
    expect(shape.words).toBe(vocabulary.length)
  })

  test('follows the true slope: gradients agree with finite differences', () => {
    const weights = firstWeights(seededRandom(3))
    const text = hiddenText(5)
    const starts = [0, 7, 21]
    const gradients = new Float32Array(weightCount)
    lossOf(weights, text, starts, gradients)
    const touched = Array.from(gradients.keys()).filter((at) => Math.abs(gradients[at] as number) > 0.05)
    for (let turn = 0; turn < 24; turn++) {
      const at = touched[(turn * 7919) % touched.length] as number
      const before = weights[at] as number
      const slope = [0.01, -0.01].map((step) => {
        weights[at] = before + step
        return lossOf(weights, text, starts)
      })
      weights[at] = before
      const measured = ((slope[0] as number) - (slope[1] as number)) / 0.02
      expect(Math.abs((gradients[at] as number) - measured)).toBeLessThan(0.002 + 0.02 * Math.abs(measured))
    }
  })

  test('two attempts are asked about different text', () => {
    expect(hiddenText(1)).toEqual(hiddenText(1))
    expect(hiddenText(1)).not.toEqual(hiddenText(2))
    expect(samplesIn(hiddenText(1))).toBeGreaterThan(2000)
  })
})

describe('a training', () => {
  test('gives the same weights whoever does it, nearly those of one worker with the whole batch, and is found whole', async () => {
    const configuration = solution('good')
    const ends = await train(configuration, few)
    const ranks = (await train(configuration, few)).map(rankLine)
    expect(held(checkTraining({ configuration, ranks, seconds: 1 }, configuration, ends, few))).toEqual(all)
    const [one] = await train({ ...configuration, workers: 1, batchPerWorker: 64 }, few)
    const apart = (one?.weights ?? []).map((weight, at) => Math.abs(weight - (ends[0]?.weights[at] ?? 9)))
    expect(Math.max(...apart)).toBeLessThan(1e-4)

    const [first] = ranks
    if (!first) throw new Error('there were no ranks')
    const forgeries: [typeof ranks, string][] = [
      [[...ranks, { ...first, rank: 2 }], 'more ranks than there were'],
      [ranks.map((rank) => ({ ...rank, bytes: 0 })), 'less communication than there was'],
      [ranks.map((rank) => ({ ...rank, digest: 'f'.repeat(64) })), 'weights from elsewhere'],
    ]
    for (const [forged, found] of forgeries) {
      const artefact = { configuration, ranks: forged, seconds: 1 }
      expect(held(checkTraining(artefact, configuration, ends, few)), found).not.toContain(
        'training_reproduced',
      )
    }
  })

  test('workers that average their weights now and then end with one model too', async () => {
    const configuration = { ...solution('good'), exchange: 'gather', exchangeEvery: 3 } as const
    const ends = await train(configuration, few)
    expect(held(checkTraining(undefined, configuration, ends, few))).toEqual(all.slice(1, 4))
  })

  test('the good solution learns enough on two ranks that exchange all they must', async () => {
    const { sanity, metrics } = await judgeTraining(undefined, solution('good'), 20261123, 1)
    expect(held(sanity)).toEqual(all.slice(1, 4))
    const [gain, efficiency] = metrics
    expect(gain?.value).toBeGreaterThan(2.7)
    expect(gain?.value).toBeLessThan(4.7)
    expect(efficiency?.value).toBeGreaterThan(0)
  })

  test('the cheating solution is fast because its workers never speak, and is found out', async () => {
    const configuration = solution('cheating')
    const ends = await train(configuration, few)
    const artefact = { configuration, ranks: ends.map(rankLine), seconds: 1 }
    expect(held(checkTraining(artefact, configuration, ends, few))).toEqual([
      'configuration_unchanged',
      'several_ranks',
      'training_reproduced',
    ])
  })
})

test('a training that runs away ends, and has learned nothing', async () => {
  const wild = { ...solution('good'), batchPerWorker: 512, learningRate: 10, warmupSteps: 0 }
  const { metrics } = await judgeTraining(undefined, wild, 1, 1)
  expect(metrics[0]).toEqual({ name: 'loss_gain', value: 0, unit: '1' })
})

test.each([
  [{ workers: 0 }],
  [{ workers: 5 }],
  [{ workers: 2.5 }],
  [{ batchPerWorker: 1 }],
  [{ learningRate: Number.NaN }],
  [{ learningRate: '$(id)' }],
  [{ exchange: 'ring,SKA_KEY=1' }],
  [{ exchangeEvery: 0 }],
  [{ more: 1 }],
])('the configuration %j is refused', (change) => {
  expect(dataParallelScaling.zConfiguration.safeParse({ ...solution('good'), ...change }).success).toBe(false)
})
