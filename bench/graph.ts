import { execFileSync } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import { memorySkillsGraph } from '#adapters/memory/skills-graph.ts'
import { connectNeo4j } from '#adapters/neo4j/connect.ts'
import { neo4jSkillsGraph } from '#adapters/neo4j/skills-graph.ts'
import { privacyRules } from '#core/gaps/cell-privacy.ts'
import type { EscoGraph } from '#core/skills/esco/esco-graph.ts'
import { importEsco } from '#core/skills/esco/import-esco.ts'
import { checkContent, type GraphContent, graphContent } from '#core/skills/graph-content.ts'
import { type Level, levels } from '#core/skills/ontology.ts'
import type { LearnerState, SkillsGraph } from '#core/skills/skills-graph.ts'
import { readEscoFolder } from '#skills-ontology/import-esco.ts'
import { loadOntology } from '#skills-ontology/load.ts'
import { referencePath } from '#test/reference/reference-data.ts'
import { type ContestOptions, contest } from './contest.ts'
import { judge, type Section } from './report.ts'

const skillsPerLearner = 8

/**
 * Memory beside a real Neo4j on the full ESCO and the shipped ontology together. ESCO has no prerequisites, so its
 * hierarchy stands in for them: every concept requires its broader ones.
 */
export async function graphSections(options: ContestOptions, slack: number): Promise<Section[]> {
  const learners = options.rounds > 2 ? 100_000 : 10_000
  const stop = startNeo4j()
  const address = { url: process.env['NEO4J_TEST_URL'] ?? '' }
  try {
    const esco = timed(() => importEsco(readEscoFolder(referencePath('ontology', 'esco', 'full-v1.1.1'))))
    const content = bothTogether(esco.result)
    checkContent(content)
    const states = generateStates(learners, content)

    const memory = memorySkillsGraph()
    const built = await timedAsync(() => memory.release(content))
    const indexed = await timedAsync(() => memory.search({ text: 'skill', language: 'en', limit: 1 }))
    const told = await timedAsync(() => inBatches(memory, states))
    await emptyNeo4j(address)
    const neo4j = neo4jSkillsGraph(address)
    const builtThere = await timedAsync(() => neo4j.release(content))
    const toldThere = await timedAsync(() => inBatches(neo4j, states))
    const proved = await prove(memory, neo4j, content)

    const sections = [
      await closures(memory, neo4j, content, options, slack),
      await plans(memory, neo4j, content, options, slack),
      await gapSlices(memory, neo4j, content, options, slack),
      await searches(memory, neo4j, content, options, slack),
    ]
    const [first] = sections
    first?.proved.push(...proved)
    first?.notes.push(
      `${content.skills.length} skills and groups, ${learners} learners with ${skillsPerLearner} skills each (invented)`,
      `ESCO read in ${ms(esco.took)}; aim: graph built in 1 s after that: memory ${ms(built)} and ${ms(indexed)} for the index of names, Neo4j ${ms(builtThere)} (not judged)`,
      `all learners told: memory ${ms(told)}, Neo4j ${ms(toldThere)} (not judged)`,
    )
    await neo4j.close()
    return sections
  } finally {
    stop()
  }
}

type Measure = (
  memory: SkillsGraph,
  neo4j: SkillsGraph,
  content: GraphContent,
  options: ContestOptions,
  slack: number,
) => Promise<Section>

const closures: Measure = async (memory, neo4j, { skills }, options, slack) => {
  const figures = await contest(
    [memory, neo4j].map((graph, place) => {
      const next = taking(skills, 7919)
      const run = () => graph.closure([{ skill: next().id, level: 1 }])
      return { name: place === 0 ? 'closure, memory' : 'closure, Neo4j', run }
    }),
    options,
  )
  const bars = judge(figures, [{ figure: 'closure, memory', anchor: 'closure, Neo4j', atLeast: 50 }], slack)
  return {
    title: 'Skills graph: everything a skill requires',
    proved: [],
    figures,
    bars,
    notes: ['aim: 0.1 ms (not judged)'],
  }
}

// What a role asks for and half of what the next one asks for as held: on the shipped ontology, with the whole
// of ESCO beside it in the same graph; and from one skill of ESCO upwards.
const plans: Measure = async (memory, neo4j, { skills }, options, slack) => {
  const roles = [...loadOntology().roles.values()]
  const questions = roles.flatMap((role, place) => {
    const next = roles[(place + 1) % roles.length]?.skills ?? []
    const concept = skills[skills.length - 1 - place * 997]
    const fromEsco = concept ? [{ wanted: [{ skill: concept.id, level: 1 as Level }], held: [] }] : []
    return [{ wanted: role.skills, held: next.filter((_, n) => n % 2 === 0) }, ...fromEsco]
  })
  for (const { wanted, held } of questions) {
    const [here, there] = await Promise.all([memory, neo4j].map((graph) => graph.plan(wanted, held)))
    if (!isDeepStrictEqual(here, there)) throw new Error('the plans differ')
  }
  const figures = await contest(
    [memory, neo4j].map((graph, place) => {
      const next = taking(questions, 7)
      const run = () => {
        const { wanted, held } = next()
        return graph.plan(wanted, held)
      }
      return { name: place === 0 ? 'plan, memory' : 'plan, Neo4j', run }
    }),
    options,
  )
  return {
    title: 'Skills graph: what is still to be learned for a role, in order',
    proved: [`both engines answer alike: ${questions.length} plans`],
    figures,
    bars: judge(figures, [{ figure: 'plan, memory', anchor: 'plan, Neo4j', atLeast: 20 }], slack),
    notes: [],
  }
}

const gapSlices: Measure = async (memory, neo4j, { demand }, options, slack) => {
  const sectors = [...new Set(demand.map(({ sector }) => sector))]
  const figures = await contest(
    [memory, neo4j].map((graph, place) => {
      const next = taking(sectors, 1)
      return {
        name: place === 0 ? 'gap slice, memory' : 'gap slice, Neo4j',
        run: () => graph.gapSlice(next(), 50),
      }
    }),
    options,
  )
  const bars = judge(
    figures,
    [{ figure: 'gap slice, memory', anchor: 'gap slice, Neo4j', atLeast: 5 }],
    slack,
  )
  return {
    title: 'Skills graph: the fifty largest gaps of a sector',
    proved: [],
    figures,
    bars,
    notes: ['aim: 10 ms (not judged)'],
  }
}

const searches: Measure = async (memory, neo4j, { skills }, options) => {
  const names = skills.flatMap(({ names }, n) => (n % 31 === 0 ? (names['en']?.[0] ?? []) : []))
  // As people type: the beginning, the whole, and one vowel forgotten.
  const texts = names.flatMap((name) => [name.slice(0, 12), name, name.replace(/[aeiou](?=\w{3})/, '')])
  const figures = await contest(
    [memory, neo4j].map((graph, place) => {
      const next = taking(texts, 1)
      const run = () => graph.search({ text: next(), language: 'en', limit: 20 })
      return { name: place === 0 ? 'search, memory' : 'search, Neo4j', run }
    }),
    options,
  )
  return {
    title: 'Skills graph: search by the beginning of a name, the whole, and with a letter forgotten',
    proved: [],
    figures,
    bars: [],
    notes: [
      `aim: 20 ms for 95 of 100 in memory; here ${figures.map(({ name, p95 }) => `${name} ${p95.toFixed(2)} ms`).join(', ')} (not judged)`,
    ],
  }
}

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

async function prove(
  memory: SkillsGraph,
  neo4j: SkillsGraph,
  { skills, demand }: GraphContent,
): Promise<string[]> {
  const sample = skills.filter((_, n) => n % 150 === 0)
  for (const { id } of sample) {
    const [here, there] = await Promise.all(
      [memory, neo4j].map((graph) => graph.closure([{ skill: id, level: 2 }])),
    )
    if (!isDeepStrictEqual(here, there)) throw new Error(`the closures of ${id} differ`)
  }
  const sectors = [...new Set(demand.map(({ sector }) => sector))]
  for (const sector of sectors) {
    const [here, there] = await Promise.all([memory, neo4j].map((graph) => graph.gapSlice(sector, 50)))
    if (!isDeepStrictEqual(here, there)) throw new Error(`the gaps of ${sector} differ`)
  }
  return [
    `both engines answer alike: ${sample.length} closures, the largest gaps of ${sectors.length} sectors`,
  ]
}

function bothTogether(esco: EscoGraph): GraphContent {
  const shipped = graphContent(loadOntology(), privacyRules(10))
  const above = new Map<number, Set<number>>()
  for (let pair = 0; pair < esco.broader.length; pair += 2) {
    const [child = 0, parent = 0] = [esco.broader[pair], esco.broader[pair + 1]]
    above.set(child, (above.get(child) ?? new Set()).add(parent))
  }
  const skills = esco.concepts.map(({ uri, kind, names }, number) => ({
    id: uri,
    findable: kind === 'skill' && names['en'] !== undefined,
    names,
    requires: [...(above.get(number) ?? [])].map((parent) => ({
      skill: esco.concepts[parent]?.uri ?? '',
      level: 1 as Level,
    })),
  }))
  const sectors = [...new Set(shipped.demand.map(({ sector }) => sector))]
  const findable = skills.filter((skill) => skill.findable)
  const demand = findable.flatMap(({ id }, n) =>
    sectors.flatMap((sector, s) =>
      (n + s) % 7 === 0 ? [{ sector, skill: id, steps: [300, 200, 60, 10 + (n % 40)] as const }] : [],
    ),
  )
  return {
    digest: `bench ${shipped.digest} ${skills.length}`,
    languages: shipped.languages,
    skills: [...shipped.skills, ...skills],
    demand: [...shipped.demand, ...demand],
  }
}

function generateStates(count: number, { skills, demand }: GraphContent): LearnerState[] {
  const held = skills.filter(({ findable }) => findable)
  const sectors = [...new Set(demand.map(({ sector }) => sector))]
  let seed = 1
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  return Array.from({ length: count }, (_, n) => ({
    learner: `learner-${n}`,
    seq: 1,
    sector: sectors[random(sectors.length)] ?? '',
    skills: Array.from({ length: skillsPerLearner }, () => ({
      skill: held[random(held.length)]?.id ?? '',
      level: levels[random(4)] ?? 1,
    })),
  }))
}

async function inBatches(graph: SkillsGraph, states: readonly LearnerState[]): Promise<void> {
  for (let from = 0; from < states.length; from += 2000) await graph.project(states.slice(from, from + 2000))
}

/** Starts the engine of `test/engines/neo4j` unless it runs; answers how to undo that. */
function startNeo4j(): () => void {
  const script = (name: string) =>
    execFileSync('bash', [`test/engines/neo4j/${name}.sh`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  const [state, setting = ''] = script('start').trim().split('\n')
  process.env['NEO4J_TEST_URL'] = setting.slice(setting.indexOf('=') + 1)
  return () => {
    if (state === 'started') script('stop')
  }
}

async function emptyNeo4j(address: { url: string }): Promise<void> {
  const neo4j = connectNeo4j(address)
  for (let deleted = 1; deleted > 0; ) {
    const [row] = await neo4j.write('MATCH (n) WITH n LIMIT 20000 DETACH DELETE n RETURN count(*) AS deleted')
    deleted = Number(row?.['deleted'] ?? 0)
  }
  await neo4j.close()
}

function timed<T>(work: () => T): { result: T; took: number } {
  const began = performance.now()
  return { result: work(), took: performance.now() - began }
}

async function timedAsync(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const ms = (milliseconds: number) => `${Math.round(milliseconds).toLocaleString('en')} ms`
