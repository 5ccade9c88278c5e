import * as z from 'zod'
import type { LearnerFacts, ModuleFacts } from '#core/gaps/learner-facts.ts'
import { placeDimensions } from '#core/gaps/places.ts'
import type { LearnerId, TenantTag } from '#core/ids.ts'
import type { Json } from '#core/records.ts'
import type { SkillLevel } from '#core/skills/ontology.ts'

export type Entry = readonly [LearnerId, LearnerFacts]

/**
 * Facts of some hundred learners in one item: words once, in `words` and `skills`, and numbers for them in
 * `learners`. −1 stands for what is not stated.
 */
const zPack = z.object({
  words: z.array(z.string()),
  /** Lists of skills of awards, as `[word, level, word, level, …]`. */
  skills: z.array(z.array(z.int())),
  /** Each `[id, sector, country, nuts1, targetGroup, organisation, modules]`. */
  learners: z.array(z.tuple([z.string(), z.array(z.int())])),
})

const none = -1

export function packFacts(entries: Iterable<Entry>): { [key: string]: Json } {
  const words: string[] = []
  const wordAt = new Map<string, number>()
  const number = (word: string | undefined): number => {
    if (word === undefined) return none
    const known = wordAt.get(word)
    if (known !== undefined) return known
    wordAt.set(word, words.length)
    return words.push(word) - 1
  }
  const skills: number[][] = []
  const skillsAt = new Map<string, number>()
  const listOf = (list: readonly SkillLevel[]): number => {
    const key = JSON.stringify(list)
    const known = skillsAt.get(key)
    if (known !== undefined) return known
    skillsAt.set(key, skills.length)
    return skills.push(list.flatMap(({ skill, level }) => [number(skill), level])) - 1
  }
  const learners = Array.from(entries, ([id, { places, organisation, modules }]): [string, number[]] => [
    id,
    [
      ...placeDimensions.map((dimension) => number(places[dimension])),
      number(organisation),
      ...modules.flatMap(({ module, stage, daysToAward, awards }) => [
        number(module),
        stage,
        daysToAward ?? none,
        awards.length,
        ...awards.flatMap(({ validUntil, skills: held }) => [number(validUntil), listOf(held)]),
      ]),
    ],
  ])
  return { words, skills, learners }
}

/** The learners of an item; what does not have its shape is a defect and throws. */
export function* unpackFacts(data: unknown, tenant: TenantTag): Generator<Entry> {
  const { words, skills, learners } = zPack.parse(data)
  const word = (at: number | undefined): string => {
    const found = words[at ?? none]
    if (found === undefined) throw new Error('stored facts name a word that is not there')
    return found
  }
  const lists = skills.map((list) => {
    const held: SkillLevel[] = []
    for (let at = 0; at < list.length; at += 2) {
      held.push({ skill: word(list[at]), level: list[at + 1] as SkillLevel['level'] })
    }
    return held
  })
  for (const [id, numbers] of learners) {
    const places: LearnerFacts['places'] = {}
    placeDimensions.forEach((dimension, at) => {
      if (numbers[at] !== none) places[dimension] = word(numbers[at])
    })
    const facts: LearnerFacts = { tenant, places, modules: [] }
    const organisation = numbers[placeDimensions.length]
    if (organisation !== none) facts.organisation = word(organisation)
    for (let at = placeDimensions.length + 1; at < numbers.length; ) {
      const module: ModuleFacts = { module: word(numbers[at]), stage: numbers[at + 1] ?? 1, awards: [] }
      const days = numbers[at + 2] ?? none
      if (days !== none) module.daysToAward = days
      const awards = numbers[at + 3] ?? 0
      at += 4
      for (let one = 0; one < awards; one++, at += 2) {
        const held = lists[numbers[at + 1] ?? none]
        if (!held) throw new Error('stored facts name a list that is not there')
        module.awards.push({
          ...(numbers[at] === none ? {} : { validUntil: word(numbers[at]) }),
          skills: held,
        })
      }
      facts.modules.push(module)
    }
    yield [id as LearnerId, facts]
  }
}
