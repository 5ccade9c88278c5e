import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { privacyRules } from '#core/gaps/cell-privacy.ts'
import { addStairs, compareStairs, emptyStaircase, type Staircase, stairs } from '#core/gaps/staircase.ts'
import { type GraphContent, type GraphSkill, graphContent } from '#core/skills/graph-content.ts'
import { type Level, levels, type SkillLevel } from '#core/skills/ontology.ts'
import { prerequisiteClosure, skillsToLearn } from '#core/skills/prerequisites.ts'
import type { LearnerState, SectorSkill, SkillsGraph } from '#core/skills/skills-graph.ts'
import { loadOntology } from '#skills-ontology/load.ts'

const ontology = loadOntology()
const shipped = graphContent(ontology, privacyRules(10))
const byId = <T extends { skill: string }>(rows: readonly T[]) =>
  rows.toSorted((a, b) => (a.skill < b.skill ? -1 : 1))
const all = 20_000

let contents = 0
function content(skills: readonly Partial<GraphSkill>[], more: Partial<GraphContent> = {}): GraphContent {
  return {
    digest: `content ${++contents}`,
    languages: ['en'],
    demand: [],
    ...more,
    skills: skills.map((skill, position) => ({
      id: `s${position}`,
      findable: true,
      names: { en: [`name ${position}`] },
      requires: [],
      ...skill,
    })),
  }
}

const holds = (learner: string, seq: number, sector: string, ...skills: [string, Level][]): LearnerState => ({
  learner,
  seq,
  sector,
  skills: skills.map(([skill, level]) => ({ skill, level })),
})

/**
 * What every `SkillsGraph` must do; whole answers are compared. `empty` gives a graph that knows nothing.
 * `runs` is how many generated cases each property gets.
 */
export function skillsGraphContract(engine: string, empty: () => Promise<SkillsGraph>, runs: number): void {
  describe(`skills graph on ${engine}`, () => {
    let graph: SkillsGraph
    const fresh = async () => {
      await graph?.close()
      graph = await empty()
    }
    afterAll(() => graph?.close())

    describe('on the shipped ontology', () => {
      beforeAll(async () => {
        await fresh()
        await graph.release(shipped)
      })

      test('the closure of every skill is the one the records of the ontology give', async () => {
        for (const skill of ontology.skills.keys()) {
          const wanted: SkillLevel[] = [{ skill, level: 2 }]
          const answer = await graph.closure(wanted)
          expect(sorted(answer), skill).toEqual(sorted(prerequisiteClosure(wanted, ontology.skills)))
        }
      })

      test('the closure of a role is the closure of its skills together', async () => {
        for (const { skills } of ontology.roles.values()) {
          const expected = prerequisiteClosure(skills, ontology.skills)
          expect(sorted(await graph.closure(skills))).toEqual(sorted(expected))
        }
      })

      test('the plan to every role, from nothing and from what another role asks, is the one of the records', async () => {
        const roles = [...ontology.roles.values()]
        for (const [place, { id, skills }] of roles.entries()) {
          for (const held of [[], roles[(place + 1) % roles.length]?.skills ?? []]) {
            const plan = await graph.plan(skills, held)
            expect(plan, id).toEqual(skillsToLearn(skills, held, ontology.skills))
          }
        }
      })

      test('every skill that is live is found by its whole English and French name', async () => {
        for (const { id, status, label } of ontology.skills.values()) {
          if (status !== 'live') continue
          for (const language of ['en', 'fr'] as const) {
            const found = await graph.search({ text: label[language], language, limit: 20 })
            expect(found, `${language} ${label[language]}`).toContain(id)
          }
        }
      })

      test.each([
        ['en', 'prompt engin', 'prompt-engineering', 'the beginning of a word'],
        ['en', 'PROMPT Engineering', 'prompt-engineering', 'case'],
        ['fr', 'reseaux', 'neural-networks', 'an accent left out'],
        ['en', 'promt engineering', 'prompt-engineering', 'a letter left out'],
        ['en', 'prompt enginneering', 'prompt-engineering', 'a letter too many'],
        ['de-AT', 'maschinelles lernen', 'machine-learning', 'the label of an equal ESCO concept'],
        ['tlh', 'prompt engineering', 'prompt-engineering', 'English for a language nobody has'],
      ])('a search in %s for "%s" finds %s: %s', async (language, text, skill) => {
        expect(await graph.search({ text, language, limit: 20 })).toContain(skill)
      })

      test.each([
        '',
        '   ',
        '*',
        '"',
        'OR NOT',
        '+-&|!(){}[]^"~*?:\\/',
        'names_en:[a TO z]',
        '*:*',
        '/.*/',
        'a'.repeat(500),
        "' OR 1=1 //",
        '\u0000',
      ])('a search is words and never a query: %j', async (text) => {
        const found = await graph.search({ text, language: 'en', limit: 200 })
        expect(found.length).toBeLessThan(20)
      })

      test('a search answers no more than was asked for', async () => {
        expect(await graph.search({ text: 'data', language: 'en', limit: 3 })).toHaveLength(3)
      })

      test('demand of every sector is the demand of the content, with no supply and the whole as gap', async () => {
        for (const sector of ontology.sectors.keys()) {
          const expected = shipped.demand
            .filter((line) => line.sector === sector)
            .map(({ skill, steps }) => row(skill, steps, emptyStaircase))
          expect(byId(await graph.gapSlice(sector, all))).toEqual(byId(expected))
        }
      })
    })

    describe('on small graphs', () => {
      beforeEach(fresh)

      test('an empty graph answers nothing and knows only what it was asked', async () => {
        expect(await graph.search({ text: 'anything', language: 'en', limit: 5 })).toEqual([])
        expect(await graph.gapSlice('energy', all)).toEqual([])
        expect(await graph.waiting()).toEqual([])
        expect([...(await graph.closure([{ skill: 'unknown', level: 3 }]))]).toEqual([['unknown', 3]])
      })

      test('a diamond asks for its foot once, at the highest level', async () => {
        await graph.release(
          content([
            { id: 'top', requires: [at('left', 1), at('right', 2)] },
            { id: 'left', requires: [at('foot', 3)] },
            { id: 'right', requires: [at('foot', 1)] },
            { id: 'foot' },
          ]),
        )
        const expected = [['foot', 3], ['left', 1], ['right', 2], ['top', 4]] // biome-ignore format: one line
        expect(sorted(await graph.closure([at('top', 4)]))).toEqual(expected)
      })

      test('a plan leaves out what is held and what that stands for, and learns what is required first', async () => {
        await graph.release(
          content([
            { id: 'goal', requires: [at('left', 2), at('right', 1)] },
            { id: 'left', requires: [at('foot', 2)] },
            { id: 'right', requires: [at('foot', 1), at('other', 1)] },
            { id: 'foot' },
            { id: 'other' },
          ]),
        )
        const all = [at('foot', 2), at('left', 2), at('other', 1), at('right', 1), at('goal', 1)]
        expect(await graph.plan([at('goal', 1)], [])).toEqual(all)
        // Whoever holds the right branch holds the foot at level 1; the left one asks for more.
        expect(await graph.plan([at('goal', 1)], [at('right', 1)])).toEqual([
          at('foot', 2),
          at('left', 2),
          at('goal', 1),
        ])
        expect(await graph.plan([at('goal', 1)], [at('goal', 4)])).toEqual([])
        expect(await graph.plan([at('unknown', 3)], [at('nobody', 1)])).toEqual([at('unknown', 3)])
      })

      test('a chain of 300 is followed to its end', async () => {
        const chain = Array.from({ length: 300 }, (_, n) => ({
          requires: n < 299 ? [at(`s${n + 1}`, 2)] : [],
        }))
        await graph.release(content(chain))
        expect((await graph.closure([at('s0', 1)])).size).toBe(300)
        const plan = await graph.plan([at('s0', 1)], [at('s150', 2)])
        expect(plan.map(({ skill }) => skill)).toEqual(Array.from({ length: 150 }, (_, n) => `s${149 - n}`))
      })

      test('a ladder of forty diamonds is answered at once, though it has 2^40 paths', async () => {
        const rung = (n: number) => [at(`s${n}`, 1), at(`s${n + 1}`, 1)]
        const ladder = Array.from({ length: 80 }, (_, n) => ({
          requires: n >= 78 ? [] : rung(n - (n % 2) + 2),
        }))
        await graph.release(content(ladder))
        expect((await graph.closure([at('s0', 1)])).size).toBe(79)
        expect(await graph.plan([at('s0', 1)], [])).toHaveLength(79)
      })

      test('a deprecated skill is in closures, is not found, and what replaced it is found by the old name', async () => {
        await graph.release(
          content([
            { id: 'old', findable: false, names: { en: ['Expert systems'] }, requires: [at('base', 2)] },
            { id: 'new', names: { en: ['Knowledge engineering', 'Expert systems'] } },
            { id: 'base' },
          ]),
        )
        expect(await graph.search({ text: 'expert', language: 'en', limit: 5 })).toEqual(['new'])
        expect(sorted(await graph.closure([at('old', 1)]))).toEqual([['base', 2], ['old', 1]]) // biome-ignore format: one line
      })

      test.each([
        ['itself', [{ requires: [at('s0', 1)] }], /circle: s0 → s0/],
        ['two', [{ requires: [at('s1', 1)] }, { requires: [at('s0', 1)] }], /circle: s0 → s1 → s0/],
        ['an unknown one', [{ requires: [at('nobody', 1)] }], /s0 requires nobody/],
        ['an id twice', [{ id: 'a' }, { id: 'a' }], /given twice/],
      ])(
        'a content that is not sound (%s) is refused and leaves the last one in force',
        async (_what, skills, message) => {
          await graph.release(content([{ id: 'kept', names: { en: ['kept'] } }]))
          await expect(graph.release(content(skills))).rejects.toThrow(message)
          expect(await graph.search({ text: 'kept', language: 'en', limit: 5 })).toEqual(['kept'])
        },
      )

      test('the next content replaces skills, requirements and demand', async () => {
        const demand = [{ sector: 'energy', skill: 'a', steps: [10, 10, 0, 0] as const }]
        await graph.release(content([{ id: 'a', requires: [at('b', 4)] }, { id: 'b' }], { demand }))
        await graph.release(content([{ id: 'a', requires: [at('c', 1)] }, { id: 'c' }]))
        expect(sorted(await graph.closure([at('a', 1)]))).toEqual([['a', 1], ['c', 1]]) // biome-ignore format: one line
        expect(await graph.gapSlice('energy', all)).toEqual([])
      })
    })

    describe('supply', () => {
      beforeEach(async () => {
        await fresh()
        await graph.release(
          content([{ id: 'a' }, { id: 'b' }], { demand: demandOf('energy', 'a', [3, 2, 1, 0]) }),
        )
      })

      test('learners count at every level up to theirs, and the gap is what is left', async () => {
        await graph.project([
          holds('l1', 1, 'energy', ['a', 2]),
          holds('l2', 1, 'energy', ['a', 1], ['b', 4]),
          holds('l3', 1, 'health', ['a', 4]),
        ])
        expect(await graph.gapSlice('energy', all)).toEqual([
          { skill: 'a', demand: [3, 2, 1, 0], supply: [2, 1, 0, 0], gap: 3 },
          { skill: 'b', demand: emptyStaircase, supply: [1, 1, 1, 1], gap: 0 },
        ])
        expect(await graph.gapSlice('health', all)).toEqual([row('a', emptyStaircase, [1, 1, 1, 1])])
        expect(await graph.gapSlice('energy', 1)).toHaveLength(1)
      })

      test('a state told again, or one older than the known, changes nothing', async () => {
        const state = holds('l1', 5, 'energy', ['a', 2])
        expect(await graph.project([state])).toEqual({ applied: 1, waiting: [] })
        expect(await graph.project([state, state])).toEqual({ applied: 0, waiting: [] })
        expect(await graph.project([holds('l1', 4, 'energy', ['a', 4])])).toEqual({ applied: 0, waiting: [] })
        expect(await supplyOf('energy')).toEqual([['a', [1, 1, 0, 0]]])
      })

      test('a newer state replaces skills, levels and sector', async () => {
        await graph.project([holds('l1', 1, 'energy', ['a', 3], ['b', 1])])
        await graph.project([holds('l1', 2, 'health', ['a', 1])])
        expect(await supplyOf('energy')).toEqual([])
        expect(await supplyOf('health')).toEqual([['a', [1, 0, 0, 0]]])
        await graph.project([{ learner: 'l1', seq: 3, sector: undefined }])
        expect(await supplyOf('health')).toEqual([])
      })

      test('who counts nowhere for now is kept out by older states, and comes back with a newer one', async () => {
        const skills: [string, Level][] = [
          ['a', 2],
          ['future', 1],
        ]
        await graph.project([holds('l1', 1, 'energy', ...skills), holds('l2', 1, 'energy', ['a', 1])])
        const out: LearnerState = { learner: 'l1', seq: 2, sector: undefined }
        expect(await graph.project([out])).toEqual({ applied: 1, waiting: [] })
        expect(await graph.project([holds('l1', 1, 'energy', ...skills), out])).toEqual({
          applied: 0,
          waiting: [],
        })
        expect(await supplyOf('energy')).toEqual([['a', [1, 0, 0, 0]]])
        expect(await graph.waiting()).toEqual([])
        expect(await graph.project([holds('l1', 3, 'energy', ...skills)])).toEqual({
          applied: 1,
          waiting: ['future'],
        })
        expect(await supplyOf('energy')).toEqual([['a', [2, 1, 0, 0]]])
      })

      test('a skill named twice in a state counts once, at its highest level', async () => {
        await graph.project([holds('l1', 1, 'energy', ['a', 1], ['a', 3], ['a', 2])])
        expect(await supplyOf('energy')).toEqual([['a', [1, 1, 1, 0]]])
      })

      test('an erased learner counts no more, and no later event brings them back', async () => {
        await graph.project([holds('l1', 1, 'energy', ['a', 2]), holds('l2', 1, 'energy', ['a', 1])])
        expect(await graph.project([{ learner: 'l1', erased: true }])).toEqual({ applied: 1, waiting: [] })
        expect(await graph.project([holds('l1', 99, 'energy', ['a', 4])])).toEqual({
          applied: 0,
          waiting: [],
        })
        expect(await graph.project([{ learner: 'l1', erased: true }])).toEqual({ applied: 0, waiting: [] })
        expect(await supplyOf('energy')).toEqual([['a', [1, 0, 0, 0]]])
      })

      test('an erasure that is heard of first keeps the learner out', async () => {
        await graph.project([{ learner: 'l1', erased: true }, holds('l1', 7, 'energy', ['a', 2])])
        expect(await graph.project([holds('l1', 8, 'energy', ['a', 2])])).toEqual({ applied: 0, waiting: [] })
        expect(await supplyOf('energy')).toEqual([])
      })

      test('a skill the content lacks waits, and counts once the content has it', async () => {
        const told = await graph.project([holds('l1', 1, 'energy', ['a', 1], ['future', 3], ['later', 1])])
        expect(told).toEqual({ applied: 1, waiting: ['future', 'later'] })
        await graph.project([holds('l2', 1, 'energy', ['future', 1])])
        expect(await graph.waiting()).toEqual([
          { skill: 'future', learners: 2 },
          { skill: 'later', learners: 1 },
        ])
        expect(await supplyOf('energy')).toEqual([['a', [1, 0, 0, 0]]])
        await graph.release(content([{ id: 'b' }, { id: 'future' }]))
        // And what the new content lacks waits in its turn.
        expect(await supplyOf('energy')).toEqual([['future', [2, 1, 1, 0]]])
        expect(await graph.waiting()).toEqual([
          { skill: 'a', learners: 1 },
          { skill: 'later', learners: 1 },
        ])
        await graph.project([{ learner: 'l1', erased: true }])
        expect(await graph.waiting()).toEqual([])
        expect(await supplyOf('energy')).toEqual([['future', [1, 0, 0, 0]]])
      })

      test('copies that tell the same at once count it once', async () => {
        const states = Array.from({ length: 60 }, (_, n) => holds(`l${n}`, 1, 'energy', ['a', 2], ['b', 1]))
        const answers = await Promise.all([1, 2, 3, 4].map(() => graph.project(states)))
        expect(answers.reduce((sum, { applied }) => sum + applied, 0)).toBe(60)
        expect(await supplyOf('energy')).toEqual([
          ['a', [60, 60, 0, 0]],
          ['b', [60, 0, 0, 0]],
        ])
      })
    })

    describe('on generated graphs', () => {
      test('closures equal those of the definition, whatever the graph', async () => {
        await fresh()
        await fc.assert(
          fc.asyncProperty(anyGraph, async (skills) => {
            await graph.release(content(skills))
            const known = new Map(content(skills).skills.map((skill) => [skill.id, skill]))
            for (const wanted of [[...known.keys()].map((skill) => at(skill, 1)), [at('s0', 3)]]) {
              const expected = sorted(prerequisiteClosure(wanted, known))
              expect(sorted(await graph.closure(wanted))).toEqual(expected)
            }
          }),
          { numRuns: runs },
        )
      })

      test('plans equal those of the definition, from whatever is held, and can be followed', async () => {
        await fc.assert(
          fc.asyncProperty(anyGraph, fc.array(anyHeld, { maxLength: 5 }), async (skills, held) => {
            await graph.release(content(skills))
            const known = new Map(content(skills).skills.map((skill) => [skill.id, skill]))
            const wanted = [at('s0', 3), at('s1', 2)]
            const plan = await graph.plan(wanted, held)
            expect(plan).toEqual(skillsToLearn(wanted, held, known))
            const place = new Map(plan.map(({ skill }, position) => [skill, position]))
            for (const { skill } of plan) {
              for (const before of known.get(skill)?.requires ?? []) {
                expect(place.get(before.skill) ?? -1).toBeLessThan(place.get(skill) ?? -1)
              }
            }
          }),
          { numRuns: runs },
        )
      })

      test('a graph with any circle in it is refused with the circle, and changes nothing', async () => {
        await fresh()
        await graph.release(content([{ id: 'kept', names: { en: ['kept'] } }]))
        await fc.assert(
          fc.asyncProperty(anyGraph, fc.nat(), fc.nat(), async (skills, a, b) => {
            const [low, high] = [a % skills.length, b % skills.length].toSorted((x, y) => x - y)
            // Down by a chain of its own, and up again.
            const ring = skills.map((skill, n) =>
              n < (low ?? 0) || n > (high ?? 0)
                ? skill
                : { ...skill, requires: [...skill.requires, at(n === high ? `s${low}` : `s${n + 1}`, 1)] },
            )
            const refused = await graph.release(content(ring)).catch((error: unknown) => error)
            expect(refused).toMatchObject({ code: 'invalid_input', field: 'content' })
            const circle = /circle: (.*)\./.exec((refused as Error).message)?.[1]?.split(' → ') ?? []
            expect(circle[0]).toBe(circle.at(-1))
            for (const [position, id] of circle.slice(0, -1).entries()) {
              const skill = ring[Number(id.slice(1))]
              expect(skill?.requires.map((one) => one.skill)).toContain(circle[position + 1])
            }
            expect(await graph.search({ text: 'kept', language: 'en', limit: 5 })).toEqual(['kept'])
          }),
          { numRuns: runs },
        )
      })

      test('a search finds the live skills of a name, deprecated ones by what replaced them', async () => {
        await fc.assert(
          fc.asyncProperty(anyGraph, async (skills) => {
            // What replaced a deprecated skill here is the next one, which is called by its name too.
            const named = skills.map((skill, n) => ({
              ...skill,
              names: { en: [`thing ${wordOf(n)}`, ...(skills[n - 1]?.findable ? [] : [wordOf(n - 1)])] },
            }))
            await graph.release(content(named))
            const found = await graph.search({ text: 'thing', language: 'en', limit: 100 })
            const live = skills.flatMap(({ findable }, n) => (findable ? [`s${n}`] : []))
            expect(found.toSorted()).toEqual(live.toSorted())
            for (const [n, { findable }] of skills.entries()) {
              const own = await graph.search({ text: wordOf(n), language: 'en', limit: 100 })
              const next = skills[n + 1]?.findable ? [`s${n + 1}`] : []
              expect(own).toEqual(findable ? [`s${n}`] : next)
            }
          }),
          { numRuns: Math.ceil(runs / 5) },
        )
      })

      test('supply equals a count of the newest states, whatever the order and the repeats', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.array(anyState, { maxLength: 6 }), { maxLength: 6 }),
            async (batches) => {
              await fresh()
              await graph.release(content([{}, {}, {}]))
              for (const batch of batches) await graph.project(batch)
              const truth = countNewest(batches.flat())
              for (const sector of sectors) expect(await supplyOf(sector)).toEqual(truth.get(sector) ?? [])
            },
          ),
          { numRuns: runs },
        )
      })
    })

    const supplyOf = async (sector: string) =>
      byId(await graph.gapSlice(sector, all))
        .filter(({ supply }) => supply[0] > 0)
        .map(({ skill, supply }) => [skill, supply])

    test('a graph that forgets its learners has its content and no supply, and may be told of them again', async () => {
      await fresh()
      await graph.release(content([{}, {}], { demand: [{ sector: 'x', skill: 's0', steps: [3, 2, 1, 0] }] }))
      const told = [holds('ada', 5, 'x', ['s0', 2]), holds('bob', 3, 'x', ['s1', 1], ['gone', 1])]
      await graph.project(told)
      await graph.project([{ learner: 'eve', erased: true }])
      const before = await graph.gapSlice('x', all)
      await graph.forgetLearners()
      expect((await graph.gapSlice('x', all)).map(({ skill, supply }) => ({ skill, supply }))).toEqual([
        { skill: 's0', supply: [0, 0, 0, 0] },
      ])
      expect(await graph.waiting()).toEqual([])
      expect(await graph.search({ text: 'name 1', language: 'en', limit: 5 })).toEqual(['s1'])
      expect((await graph.project(told)).applied).toBe(2)
      expect(await graph.gapSlice('x', all)).toEqual(before)
    })
  })
}

const sorted = (closure: ReadonlyMap<string, Level>) => [...closure].sort(([a], [b]) => (a < b ? -1 : 1))
const at = (skill: string, level: Level): SkillLevel => ({ skill, level })
const row = (skill: string, demand: Staircase, supply: Staircase): SectorSkill => ({
  skill,
  demand,
  supply,
  gap: compareStairs(demand, supply).gap,
})
const demandOf = (sector: string, skill: string, steps: Staircase) => [{ sector, skill, steps }]

// No two differ by one letter only, for a search forgives one.
const wordOf = (n: number) => String.fromCharCode(97 + ((n + 26) % 26)).repeat(5)

const anyLevel = fc.constantFrom(...levels)
const anyHeld = fc.record({ skill: fc.integer({ min: 0, max: 25 }).map((n) => `s${n}`), level: anyLevel })

// Skills require only later ones, so there is no circle; many end in the same few.
const anyGraph = fc.integer({ min: 1, max: 24 }).chain((size) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, n) =>
      fc
        .uniqueArray(fc.tuple(fc.integer({ min: n + 1, max: Math.max(n + 1, size - 1) }), anyLevel), {
          maxLength: 5,
          selector: ([to]) => to,
        })
        .map((edges) => ({
          findable: n % 5 !== 0,
          requires: edges.filter(([to]) => to < size).map(([to, level]) => at(`s${to}`, level)),
        })),
    ),
  ),
)

const sectors = ['energy', 'health']
const anyState: fc.Arbitrary<LearnerState> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      learner: fc.constantFrom('l1', 'l2', 'l3'),
      seq: fc.integer({ min: 1, max: 6 }),
      sector: fc.constantFrom(...sectors),
      skills: fc.array(fc.record({ skill: fc.constantFrom('s0', 's1', 's2', 'gone'), level: anyLevel }), {
        maxLength: 4,
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      learner: fc.constantFrom('l1', 'l2', 'l3'),
      seq: fc.integer({ min: 1, max: 6 }),
      sector: fc.constant(undefined),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ learner: fc.constantFrom('l1', 'l2'), erased: fc.constant(true as const) }),
  },
)

/** The plain way: the first state heard of with the highest number, unless the learner was ever erased. */
function countNewest(states: readonly LearnerState[]): Map<string, [string, Staircase][]> {
  const answer = new Map<string, [string, Staircase][]>()
  const perLearner = Map.groupBy(states, ({ learner }) => learner)
  const cells = new Map<string, Map<string, Staircase>>()
  for (const told of perLearner.values()) {
    if (told.some((state) => 'erased' in state)) continue
    const numbered = told.flatMap((state) => ('erased' in state ? [] : [state]))
    const top = Math.max(...numbered.map(({ seq }) => seq))
    const last = numbered.find(({ seq }) => seq === top)
    if (last?.sector === undefined) continue
    const held = Map.groupBy(last.skills, ({ skill }) => skill)
    for (const [skill, of] of held) {
      if (skill === 'gone') continue
      const level = Math.max(...of.map((one) => one.level)) as Level
      const cell = cells.get(last.sector) ?? new Map<string, Staircase>()
      cells.set(last.sector, cell.set(skill, addStairs(cell.get(skill) ?? emptyStaircase, stairs(level, 1))))
    }
  }
  for (const [sector, of] of cells)
    answer.set(
      sector,
      [...of].sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  return answer
}
