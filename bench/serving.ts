import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import {
  referenceConfiguration,
  type ServingConfiguration,
  zServingConfiguration,
} from '#practicals/inference-throughput/engine/configuration.ts'
import { makeDecoder } from '#practicals/inference-throughput/engine/decoder.ts'
import { agreement } from '#practicals/inference-throughput/engine/measure.ts'
import { type Serving, startServing } from '#practicals/inference-throughput/engine/serve.ts'
import { hiddenPrompts, leastAgreement } from '#practicals/inference-throughput/hidden.ts'
import { loadWeights } from '#practicals/inference-throughput/load-weights.ts'
import { type ContestOptions, contest } from './contest.ts'
import { judge, type Section } from './report.ts'

const reference = 'reference: one by one, cache, float32'
const longest = referenceConfiguration.maxNewTokens
const short = 6

/**
 * The practical `inference-throughput`: what each knob of the serving configuration does to the speed, beside the
 * reference configuration. One unit of work is the same number of words for everyone.
 */
export async function servingSections(options: ContestOptions, slack: number): Promise<Section[]> {
  const weights = loadWeights()
  const prompts = hiddenPrompts(5).slice(0, 8)
  const variants: Record<string, ServingConfiguration> = {
    [reference]: referenceConfiguration,
    'batches of 8': { ...referenceConfiguration, batchSize: 8 },
    int8: { ...referenceConfiguration, precision: 'int8' },
    'int4 (breaks the outputs)': { ...referenceConfiguration, precision: 'int4' },
    '2 threads': { ...referenceConfiguration, threads: 2 },
    'no cache': { ...referenceConfiguration, kvCache: false },
    [`answers of ${short} words`]: { ...referenceConfiguration, maxNewTokens: short },
    'solution good': solution('good'),
    'solution poor': solution('poor'),
  }
  const running: { name: string; serving: Serving; times: number }[] = []
  try {
    for (const [name, configuration] of Object.entries(variants)) {
      const serving = await startServing(weights, configuration)
      running.push({ name, serving, times: longest / configuration.maxNewTokens })
    }
    const agreed = await agreements(running, weights, prompts)
    const figures = await contest(
      running.map(({ name, serving, times }) => ({
        name,
        run: async () => {
          for (let time = 0; time < times; time++) await serving.generate(prompts)
        },
      })),
      options,
    )
    const faster = (figure: string, atLeast: number, anchor = reference) => ({ figure, anchor, atLeast })
    return [
      {
        title: `Serving the practical's language model: ${prompts.length} prompts of ${longest} words a unit`,
        proved: [
          `int8 says ${percent(agreed.int8)} of the words the reference model would choose, int4 ${percent(agreed.int4)}; ${percent(leastAgreement)} are asked`,
        ],
        figures,
        bars: judge(
          figures,
          [
            faster('batches of 8', 1.1),
            faster('int8', 1.2),
            faster('int4 (breaks the outputs)', 1.4),
            ...(availableParallelism() > 1 ? [faster('2 threads', 1.15)] : []),
            faster(reference, 2.5, 'no cache'),
            faster(reference, 1.2, `answers of ${short} words`),
            faster('solution good', 1.3),
            faster('solution good', 1.3, 'solution poor'),
          ],
          slack,
        ),
        notes: ['a second thread needs a second processor that nobody else uses'],
      },
    ]
  } finally {
    await Promise.all(running.map(({ serving }) => serving.close()))
  }
}

function solution(name: string): ServingConfiguration {
  const file = `practicals/inference-throughput/solutions/${name}.json`
  return zServingConfiguration.parse(JSON.parse(readFileSync(file, 'utf8')))
}

async function agreements(
  running: { name: string; serving: Serving }[],
  weights: Float32Array,
  prompts: readonly number[][],
) {
  const decoder = makeDecoder(weights, 'float32')
  const of = async (start: string) => {
    const serving = running.find(({ name }) => name.startsWith(start))?.serving
    if (!serving) throw new Error(`no variant begins with ${start}`)
    return agreement(decoder, prompts, await serving.generate(prompts))
  }
  return { int8: await of('int8'), int4: await of('int4') }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
