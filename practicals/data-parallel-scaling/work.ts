import { readFileSync, writeFileSync } from 'node:fs'
import type { Artefact } from './artefact.ts'
import { rankLine } from './judge-training.ts'
import { dataParallelScaling } from './practical.ts'
import { train } from './train-ranks.ts'

// The learner's run: trains with the configuration that was handed in and tells what each rank did.
const configuration = dataParallelScaling.zConfiguration.parse(
  JSON.parse(readFileSync('configuration.json', 'utf8')),
)
const from = performance.now()
const ends = await train(configuration)
const seconds = (performance.now() - from) / 1000
const artefact: Artefact = { configuration, ranks: ends.map(rankLine), seconds }
writeFileSync('out/artefact.json', JSON.stringify(artefact))

console.log(`${ends.length} ranks took ${ends[0]?.steps} steps in ${seconds.toFixed(2)} s`)
for (const { rank, messages, bytes, digest } of ends)
  console.log(
    `rank ${rank}: ${messages} messages, ${(bytes / 1024).toFixed(0)} KiB sent, weights ${digest.slice(0, 12)}`,
  )
const losses = ends[0]?.losses ?? []
for (let at = 0; at < losses.length; at += Math.max(1, Math.ceil(losses.length / 12)))
  console.log(`step ${at + 1}: loss ${losses[at]?.toFixed(3)}`)
