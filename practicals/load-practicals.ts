import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse as parseYaml } from 'yaml'
import type { Practicals } from '#core/practicals/practical.ts'
import type { Stage } from '#core/practicals/queue.ts'
import { hashPrograms } from './kit/hash-programs.ts'
import type { PackedPracticals } from './packed.ts'
import { makePracticals, type PracticalSource, shippedIds } from './shipped.ts'

/** Every practical this deployment ships; throws with its name when a spec is not in order. */
export function loadPracticals(): Practicals {
  return makePracticals(readSource)
}

/** All that can be told of the shipped practicals without their files, as one text for `unpackPracticals`. */
export function packPracticals(): string {
  const packed: PackedPracticals = Object.fromEntries(
    shippedIds.map((id) => {
      const stages = (['work', 'grade'] as const).filter((stage) => programOf({ id }, stage))
      return [id, { ...readSource(id), stages }]
    }),
  )
  return JSON.stringify(packed)
}

function readSource(id: string): PracticalSource {
  const text = readFileSync(new URL(`${id}/spec.yaml`, import.meta.url), 'utf8')
  return { spec: parseYaml(text), graderSha256: hashPrograms(id, 'grade') }
}

/** The constant program of a practical's stage, for the local executor. */
export function programOf({ id }: { id: string }, stage: Stage): string | undefined {
  if (!shippedIds.includes(id)) return undefined
  const file = fileURLToPath(new URL(`${id}/${stage}.ts`, import.meta.url))
  return existsSync(file) ? file : undefined
}
