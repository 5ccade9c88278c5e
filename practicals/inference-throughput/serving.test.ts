import { readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import {
  referenceConfiguration,
  type ServingConfiguration,
  zServingConfiguration,
} from './engine/configuration.ts'
import { makeDecoder } from './engine/decoder.ts'
import { generateBatch } from './engine/generate.ts'
import { agreement } from './engine/measure.ts'
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
describe('a solution', () => {
  test('that is good keeps every answer', async () => {
    const judged = await judge(solution('good'))
    expect(Object.values(held(judged))).not.toContain(false)
  })

  test('that is fast by too low a precision says other things and is caught', async () => {
    const judged = await judge(solution('broken'))
    expect(held(judged)).toMatchObject({ outputs_match_reference: false, artefact_reproduced: true })
  })

  test('that cheats, by answering no more than a beginning, is caught', async () => {
    const judged = await judge(solution('cheating'))
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
