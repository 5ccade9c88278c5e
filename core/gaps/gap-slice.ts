import { countries, nuts1Regions } from '#core/offerings/nuts1.ts'
import { targetGroups } from '#core/offerings/offering.ts'
import { Refusal } from '#core/refusal.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { type PlaceDimension, placeDimensions } from './places.ts'

/** By what a gap may be asked for, and broken down. */
export const gapDimensions = ['sector', 'role', 'country', 'nuts1', 'targetGroup', 'domain', 'skill'] as const
export type GapDimension = (typeof gapDimensions)[number]

/** At most two of them, each with one code. Empty: everything. */
export type GapSlice = { readonly [D in GapDimension]?: string | undefined }

export const isPlace = (dimension: GapDimension): dimension is PlaceDimension =>
  (placeDimensions as readonly string[]).includes(dimension)

/** Every code of a dimension, in the order in which it is shown. */
export function codesOf(
  dimension: GapDimension,
  { sectors, roles, skills, domains }: Pick<Ontology, 'sectors' | 'roles' | 'skills' | 'domains'>,
): string[] {
  switch (dimension) {
    case 'sector':
      return [...sectors.keys()]
    case 'role':
      return [...roles.keys()]
    case 'country':
      return [...countries]
    case 'nuts1':
      return [...nuts1Regions.keys()]
    case 'targetGroup':
      return [...targetGroups]
    case 'domain':
      return [...domains.keys()]
    case 'skill':
      return [...skills].flatMap(([id, { status }]) => (status === 'live' ? [id] : []))
  }
}

type Codes = Pick<Ontology, 'sectors' | 'roles' | 'skills' | 'domains'>

const words: Record<GapDimension, string> = {
  sector: 'sector',
  role: 'role',
  country: 'country',
  nuts1: 'region',
  targetGroup: 'target group',
  domain: 'domain',
  skill: 'skill',
}

/**
 * Refuses `invalid_input` with the field's name: for a code of no list, for a third dimension, and for two that
 * are one question at two grains.
 */
export function checkSlice(slice: GapSlice, ontology: Codes): void {
  const asked = gapDimensions.filter((dimension) => slice[dimension] !== undefined)
  checkDimensions(asked, (dimension) => dimension)
  for (const dimension of asked) {
    if (codesOf(dimension, ontology).includes(slice[dimension] ?? '')) continue
    throw new Refusal('invalid_input', `${dimension}: there is no such ${words[dimension]}.`, {
      field: dimension,
    })
  }
}

/** The same for dimensions without codes; `fieldOf` names the field of the one that is too much. */
export function checkDimensions(
  asked: readonly GapDimension[],
  fieldOf: (dimension: GapDimension) => string,
): void {
  const refuse = (dimension: GapDimension, why: string) => {
    const field = fieldOf(dimension)
    return new Refusal('invalid_input', `${field}: ${why}`, { field })
  }
  const [, , third] = asked
  if (third !== undefined) {
    throw refuse(third, 'at most two dimensions at once; ask again without one of them.')
  }
  const [first, second] = asked
  if (first === undefined || second === undefined) return
  const sameQuestion = [
    ['country', 'nuts1'],
    ['domain', 'skill'],
  ]
  if (first === second || sameQuestion.some((pair) => pair.includes(first) && pair.includes(second))) {
    throw refuse(second, `says the same as ${words[first]}, at another grain; ask for one of them.`)
  }
}
