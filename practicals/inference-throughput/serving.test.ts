import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { describe, expect, test, vi } from 'vitest'
import {
  referenceConfiguration,
  type ServingConfiguration,
  zServingConfiguration,
} from './engine/configuration.ts'
import { makeDecoder } from './engine/decoder.ts'
import { generateBatch } from './engine/generate.ts'
import { agreement, compareSpeed } from './engine/measure.ts'
import { hiddenPrompts, leastAgreement, publicPrompts } from './hidden.ts'
import { judgeServing } from './judge-serving.ts'
import { loadWeights } from './load-weights.ts'
import { decode } from './model/vocabulary.ts'

const weights = loadWeights()
const brief = { rounds: 4, budgetSeconds: 1 }
vi.setConfig({ testTimeout: 60_000 })
const solution = (name: string): ServingConfiguration =>
  zServingConfiguration.parse(
    JSON.parse(readFileSync(new URL(`solutions/${name}.json`, import.meta.url), 'utf8')),
  )

/** What an honest work run of this configuration hands over. */
function artefactOf(configuration: ServingConfiguration) {
  const decoder = makeDecoder(weights, configuration.precision)
  const prompts = publicPrompts()
  const answers = generateBatch(decoder, prompts, { count: configuration.maxNewTokens, kvCache: true })
  return {
    configuration,
    answers: prompts.map((prompt, at) => ({ prompt: decode(prompt), answer: decode(answers[at] ?? []) })),
    timing: { seconds: 1, tokensPerSecond: 1 },
    node: process.version,
  }
}

const judge = (configuration: ServingConfiguration) =>
  judgeServing(weights, artefactOf(configuration), configuration, 20261123, brief)
const held = ({ sanity }: Awaited<ReturnType<typeof judge>>) =>
  Object.fromEntries(sanity.map((check) => [check.name, check.held]))
const ratio = ({ metrics }: Awaited<ReturnType<typeof judge>>) =>
  metrics.find(({ name }) => name === 'tokens_per_second_ratio')?.value ?? Number.NaN

describe('a solution', () => {
  test('that is good keeps every answer and passes the threshold', async () => {
    const judged = await judge(solution('good'))
    expect(Object.values(held(judged))).not.toContain(false)
    let found = ratio(judged)
    for (let turn = 0; turn < 3 && found <= 1.3; turn++) found = ratio(await judge(solution('good')))
    expect(found).toBeGreaterThan(1.3)
  })

  test('that is poor keeps every answer and misses the threshold', async () => {
    const judged = await judge(solution('poor'))
    expect(Object.values(held(judged))).not.toContain(false)
    expect(ratio(judged)).toBeLessThan(1.3)
  })

  test('that is fast by too low a precision says other things and is caught', async () => {
    const judged = await judge(solution('broken'))
    expect(held(judged)).toMatchObject({ outputs_match_reference: false, artefact_reproduced: true })
  })

  test('that answers too briefly is caught', async () => {
    const judged = await judge({ ...solution('good'), maxNewTokens: 8 })
    expect(held(judged)).toMatchObject({ answers_complete: false })
  })

  test('whose artefact was made otherwise, or altered afterwards, is caught', async () => {
    const configuration = { ...solution('good'), threads: 1 }
    const other = artefactOf({ ...configuration, precision: 'float32' })
    other.answers = other.answers.map(({ prompt }) => ({ prompt, answer: 'altered' }))
    const judged = await judgeServing(weights, other, configuration, 1, { rounds: 2, budgetSeconds: 1 })
    expect(held(judged)).toMatchObject({ configuration_unchanged: false, artefact_reproduced: false })
  })
})

describe('every knob changes the speed', () => {
  const warm = hiddenPrompts(4).slice(0, 2)
  const prompts = hiddenPrompts(5).slice(0, 8)
  const speed = async (change: Partial<ServingConfiguration>, group = prompts) =>
    (await compareSpeed(weights, { ...referenceConfiguration, ...change }, { warm, groups: [group] }, brief))
      .ratio
  /** The best of a few measurements: other work on the machine only ever hides a gain. */
  const best = async (change: Partial<ServingConfiguration>, enough: number) => {
    let found = 0
    for (let turn = 0; turn < 5 && found <= enough; turn++) found = Math.max(found, await speed(change))
    return found
  }

  test('a batch is faster than one by one', async () => {
    expect(await best({ batchSize: 8 }, 1.1)).toBeGreaterThan(1.1)
  })
  test('int8 is faster than float32', async () => {
    expect(await best({ precision: 'int8' }, 1.2)).toBeGreaterThan(1.2)
  })
  test('int4 is faster still', async () => {
    expect(await best({ precision: 'int4' }, 1.4)).toBeGreaterThan(1.4)
  })
  test('without the cache it is several times slower', async () => {
    expect(await speed({ kvCache: false }, prompts.slice(0, 2))).toBeLessThan(0.4)
  })
  test('short answers are slower per word, because each pays for its prompt', async () => {
    let found = 1
    for (let turn = 0; turn < 5 && found > 0.8; turn++)
      found = Math.min(found, await speed({ maxNewTokens: 6 }))
    expect(found).toBeLessThan(0.8)
  })
  test('a second thread helps where there is a second processor', async () => {
    if (availableParallelism() > 1) expect(await best({ threads: 2 }, 1.15)).toBeGreaterThan(1.15)
    else expect(await speed({ threads: 2 })).toBeLessThan(1.3)
  })
})

describe('outputs', () => {
  test('do not depend on batch, threads or cache', () => {
    const decoder = makeDecoder(weights, 'float32')
    const prompts = hiddenPrompts(3).slice(0, 6)
    const together = generateBatch(decoder, prompts, { count: 10, kvCache: true })
    const alone = prompts.map((prompt) => generateBatch(decoder, [prompt], { count: 10, kvCache: false })[0])
    expect(alone).toEqual(together)
  })

  test('int8 agrees with the reference and int4 does not', () => {
    const reference = makeDecoder(weights, 'float32')
    const prompts = hiddenPrompts(11)
    const agreed = (precision: 'int8' | 'int4') => {
      const answers = generateBatch(makeDecoder(weights, precision), prompts, { count: 48, kvCache: true })
      return agreement(reference, prompts, answers)
    }
    expect(agreed('int8')).toBeGreaterThan(leastAgreement)
    expect(agreed('int4')).toBeLessThan(leastAgreement)
  })

  test.each([
    {},
    { ...referenceConfiguration, batchSize: 0 },
    { ...referenceConfiguration, batchSize: 9 },
    { ...referenceConfiguration, batchSize: 1.5 },
    { ...referenceConfiguration, threads: '2' },
    { ...referenceConfiguration, threads: 1e9 },
    { ...referenceConfiguration, precision: '$(reboot)' },
    { ...referenceConfiguration, more: true },
    { ...referenceConfiguration, maxNewTokens: 49 },
    [],
    null,
  ])('the configuration %j is not taken', (configuration) => {
    expect(zServingConfiguration.safeParse(configuration).success).toBe(false)
  })
})
