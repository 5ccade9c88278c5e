import { isDeepStrictEqual } from 'node:util'
import { memorySkillsGraph } from '#adapters/memory/skills-graph.ts'
import { neo4jSkillsGraph } from '#adapters/neo4j/skills-graph.ts'
import { learningPath, pathTargets } from '#core/paths/learning-path.ts'
import { importEsco } from '#core/skills/esco/import-esco.ts'
import { checkContent, type GraphContent } from '#core/skills/graph-content.ts'
import type { Level, Ontology, SkillLevel } from '#core/skills/ontology.ts'
import type { LearnerState, SkillsGraph } from '#core/skills/skills-graph.ts'
import { readEscoFolder } from '#skills-ontology/import-esco.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { referencePath } from '#test/reference/reference-data.ts'
import { type ContestOptions, contest, type Figure, figureOf } from './contest.ts'
import { bothTogether, generateStates, sectorsOf, skillsPerLearner } from './graph-content.ts'
import { emptyNeo4j, startNeo4j } from './graph-engines.ts'
import { aim, type Bar, judge, type Section } from './report.ts'

interface Bench {
  memory: SkillsGraph
  neo4j: SkillsGraph
  content: GraphContent
  ontology: Ontology
  options: ContestOptions
  slack: number
}

/** Memory beside a real Neo4j, in one run, on the full ESCO and the shipped ontology together. */
export async function graphSections(options: ContestOptions, slack: number): Promise<Section[]> {
  const learners = options.rounds > 2 ? 100_000 : 10_000
  const { url, stop } = startNeo4j()
  const neo4j = neo4jSkillsGraph({ url })
  try {
    const ontology = loadOntology()
    const began = performance.now()
    const esco = importEsco(readEscoFolder(referencePath('ontology', 'esco', 'full-v1.1.1')))
    const parsed = performance.now() - began
    const content = bothTogether(esco, ontology)
    checkContent(content)
    const engine = await emptyNeo4j({ url })
    const bench = { memory: memorySkillsGraph(), neo4j, content, ontology, options, slack }
    const building = await build(bench, generateStates(learners, content))
    building.notes.push(
      `${engine}; ${content.skills.length} skills and groups, ${content.demand.length} demands, ${learners} learners with ${skillsPerLearner} skills each (invented)`,
      `ESCO read in ${ms(parsed)}, before and apart from this`,
    )
    const sections = [building]
    for (const measure of [closures, plans, paths, gapSlices, searches]) sections.push(await measure(bench))
    return sections
  } finally {
    await neo4j.close()
    stop()
  }
}

type Measure = (bench: Bench) => Promise<Section>

// Too long to take turns: in memory some times over, on Neo4j once.
async function build({ memory, neo4j, content, slack }: Bench, states: LearnerState[]): Promise<Section> {
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    times.push(await took(() => memorySkillsGraph().release(content)))
  }
  const figures = [
    figureOf('build, memory', times),
    figureOf('build, Neo4j', [await took(() => neo4j.release(content))]),
  ]
  await memory.release(content)
  const indexed = await took(() => memory.search({ text: 'skill', language: 'en', limit: 1 }))
  figures.push(
    figureOf('learners told, memory', [await took(() => inBatches(memory, states))]),
    figureOf('learners told, Neo4j', [await took(() => inBatches(neo4j, states))]),
  )
  return {
    title: 'Skills graph: built from what was read, and told of its learners',
    proved: [],
    figures,
    bars: judge(figures, [faster('build'), faster('learners told')], slack),
    aims: [aim(figures, { figure: 'build, memory', quantile: 'p50', atMost: 1000 })],
    notes: [`the index of English names, made with the first search in memory: ${ms(indexed)}`],
  }
}

const closures: Measure = async ({ memory, neo4j, content: { skills }, options, slack }) => {
  const sample = skills.filter((_, n) => n % 150 === 0)
  for (const { id } of sample) {
    await mustAgree(`closures of ${id}`, memory, neo4j, (graph) => graph.closure([{ skill: id, level: 2 }]))
  }
  const figures = await inTurns('closure', { memory, neo4j }, options, (graph) => {
    const next = taking(skills, 7919)
    return () => graph.closure([{ skill: next().id, level: 1 }])
  })
  return {
    title: 'Skills graph: everything a skill requires',
    proved: [`both engines answer alike: ${sample.length} closures`],
    figures,
    bars: judge(figures, [faster('closure', 50)], slack),
    aims: [aim(figures, { figure: 'closure, memory', quantile: 'p50', atMost: 0.1 })],
    notes: [],
  }
}

/** What each role asks for, and half of what the next one asks for as held. */
const questionsOf = ({ roles }: Ontology) =>
  [...roles.values()].map((role, place, all) => ({
    role: role.id,
    held: (all[(place + 1) % all.length]?.skills ?? []).filter((_, n) => n % 2 === 0),
  }))

// On the shipped ontology, with the whole of ESCO beside it in the same graph; and from one skill of ESCO upwards.
const plans: Measure = async ({ memory, neo4j, content: { skills }, ontology, options, slack }) => {
  const questions = questionsOf(ontology).flatMap(({ role, held }, place) => {
    const concept = skills[skills.length - 1 - place * 997]
    const fromEsco = concept ? [{ wanted: [{ skill: concept.id, level: 1 as Level }], held: [] }] : []
    return [{ wanted: ontology.roles.get(role)?.skills ?? [], held }, ...fromEsco]
  })
  for (const { wanted, held } of questions) {
    await mustAgree('plans', memory, neo4j, (graph) => graph.plan(wanted, held))
  }
  const figures = await inTurns('plan', { memory, neo4j }, options, (graph) => {
    const next = taking(questions, 7)
    return () => {
      const { wanted, held } = next()
      return graph.plan(wanted, held)
    }
  })
  return {
    title: 'Skills graph: what is still to be learned for a role, in order',
    proved: [`both engines answer alike: ${questions.length} plans`],
    figures,
    bars: judge(figures, [faster('plan', 20)], slack),
    notes: [],
  }
}

// As the page and the API do it: what is to be learned comes from the graph, modules are chosen after it.
const paths: Measure = async ({ memory, neo4j, ontology, options, slack }) => {
  const sectors = [...ontology.sectors.keys()]
  const questions = questionsOf(ontology).flatMap(({ role, held }, place) =>
    [undefined, sectors[place % sectors.length]].map((sector) => ({
      role,
      ...(sector === undefined ? {} : { sector }),
      held,
    })),
  )
  const path = async (graph: SkillsGraph, { held, ...question }: (typeof questions)[number]) => {
    const needed = await graph.plan(pathTargets(question, ontology), held)
    const method = 'greedy' as const
    return learningPath({ ...question, held: asMap(held), method }, ontology, needed)
  }
  for (const question of questions) {
    await mustAgree('paths', memory, neo4j, (graph) => path(graph, question))
  }
  const figures = await inTurns('greedy path', { memory, neo4j }, options, (graph) => {
    const next = taking(questions, 7)
    return () => path(graph, next())
  })
  return {
    title: 'Skills graph: a path of modules to a role, greedy, with its bound (exact ones: `bench -- paths`)',
    proved: [`both engines answer alike: ${questions.length} paths`],
    figures,
    bars: judge(figures, [faster('greedy path')], slack),
    aims: [aim(figures, { figure: 'greedy path, memory', quantile: 'p50', atMost: 5 })],
    notes: [],
  }
}

const gapSlices: Measure = async ({ memory, neo4j, content, options, slack }) => {
  const sectors = sectorsOf(content)
  for (const sector of sectors) {
    await mustAgree(`gaps of ${sector}`, memory, neo4j, (graph) => graph.gapSlice(sector, 50))
  }
  const figures = await inTurns('gap slice', { memory, neo4j }, options, (graph) => {
    const next = taking(sectors, 1)
    return () => graph.gapSlice(next(), 50)
  })
  return {
    title: 'Skills graph: the fifty largest gaps of a sector',
    proved: [`both engines answer alike: ${sectors.length} sectors`],
    figures,
    bars: judge(figures, [faster('gap slice', 5)], slack),
    aims: [aim(figures, { figure: 'gap slice, memory', quantile: 'p50', atMost: 10 })],
    notes: [],
  }
}

const searches: Measure = async ({ memory, neo4j, content: { skills }, options, slack }) => {
  const named = skills.flatMap(({ id, findable, names }, n) => {
    const name = names['en']?.[0]
    return findable && name !== undefined && n % 31 === 0 ? [{ id, name }] : []
  })
  for (const { id, name } of named.filter((_, n) => n % 10 === 0)) {
    for (const graph of [memory, neo4j]) {
      const found = await graph.search({ text: name, language: 'en', limit: 200 })
      if (!found.includes(id)) throw new Error(`a search for "${name}" does not find ${id}`)
    }
  }
  // As people type: the beginning, the whole, and one vowel forgotten.
  const texts = named.flatMap(({ name }) => [name.slice(0, 12), name, name.replace(/[aeiou](?=\w{3})/, '')])
  const figures = await inTurns('search', { memory, neo4j }, options, (graph) => {
    const next = taking(texts, 1)
    return () => graph.search({ text: next(), language: 'en', limit: 20 })
  })
  return {
    title: 'Skills graph: search by the beginning of a name, the whole, and with a letter forgotten',
    proved: [`both engines find ${Math.ceil(named.length / 10)} skills by their whole name`],
    figures,
    bars: judge(figures, [faster('search')], slack),
    aims: [aim(figures, { figure: 'search, memory', quantile: 'p95', atMost: 20 })],
    notes: [
      `95 of 100 take at most ${(await processorTime(texts, (text) => memory.search({ text, language: 'en', limit: 20 }))).toFixed(1)} ms of the processor, whatever else this machine does`,
    ],
  }
}

const faster = (what: string, atLeast = 1): Bar => ({
  figure: `${what}, memory`,
  anchor: `${what}, Neo4j`,
  atLeast,
})

const inTurns = (
  what: string,
  { memory, neo4j }: Pick<Bench, 'memory' | 'neo4j'>,
  options: ContestOptions,
  runOn: (graph: SkillsGraph) => () => unknown,
): Promise<Figure[]> =>
  contest(
    [
      { name: `${what}, memory`, run: runOn(memory) },
      { name: `${what}, Neo4j`, run: runOn(neo4j) },
    ],
    options,
  )

async function mustAgree(
  what: string,
  memory: SkillsGraph,
  neo4j: SkillsGraph,
  ask: (graph: SkillsGraph) => Promise<unknown>,
): Promise<void> {
  if (!isDeepStrictEqual(await ask(memory), await ask(neo4j))) throw new Error(`the ${what} differ`)
}

const asMap = (held: readonly SkillLevel[]) =>
  new Map(held.map(({ skill, level }): [string, Level] => [skill, level]))

/** Every item again and again, `step` apart, so that neighbours do not stand together. */
function taking<T>(items: readonly T[], step: number): () => T {
  let place = 0
  return () => {
    place = (place + step) % items.length
    const item = items[place]
    if (item === undefined) throw new Error('nothing to measure with')
    return item
  }
}

async function inBatches(graph: SkillsGraph, states: readonly LearnerState[]): Promise<void> {
  for (let from = 0; from < states.length; from += 2000) await graph.project(states.slice(from, from + 2000))
}

/** What 95 of 100 take of the processor, in milliseconds: a busy machine makes waits longer, and not this. */
async function processorTime<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (const item of items) {
    const before = process.cpuUsage()
    await work(item)
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / 1000)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const ms = (milliseconds: number) => `${Math.round(milliseconds).toLocaleString('en')} ms`
