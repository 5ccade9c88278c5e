import type { Practicals } from '#core/practicals/practical.ts'
import type { Stage } from '#core/practicals/queue.ts'
import { makePracticals, type PracticalSource } from './shipped.ts'

/** By id: the source of a practical, and the stages there are programs for. */
export type PackedPracticals = Record<string, PracticalSource & { stages: Stage[] }>

/** The practicals of `packPracticals`, where their files are not: at a site, or nowhere. */
export function unpackPracticals(text: string): {
  practicals: Practicals
  hasProgram: (practical: { id: string }, stage: Stage) => boolean
} {
  const packed = JSON.parse(text) as PackedPracticals
  const of = (id: string) => (Object.hasOwn(packed, id) ? packed[id] : undefined)
  return {
    practicals: makePracticals((id) => {
      const source = of(id)
      if (!source) throw new Error(`the practical ${id} is not packed`)
      return source
    }),
    hasProgram: ({ id }, stage) => of(id)?.stages.includes(stage) ?? false,
  }
}
