import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { zLevel } from '#core/parse.ts'
import { checkContent, type GraphContent, indexLanguage } from '#core/skills/graph-content.ts'
import type { Level } from '#core/skills/ontology.ts'
import { skillsToLearn } from '#core/skills/prerequisites.ts'
import {
  byGap,
  highestLevels,
  type LearnerState,
  newestStates,
  type SkillsGraph,
} from '#core/skills/skills-graph.ts'
import { connectNeo4j, type Neo4j, type Neo4jAddress } from './connect.ts'
import { indexedWords, indexName, nameQueries } from './name-query.ts'
import * as statements from './statements.ts'

const statesPerStatement = 500
const rowsPerStatement = 5000
const learnersPerStatement = 10_000

const zSteps = z.tuple([z.number(), z.number(), z.number(), z.number()])
const zCell = z.object({ skill: z.string(), demand: zSteps, supply: zSteps, gap: z.number() })

const zRequires = z.object({ requires: z.array(z.object({ skill: z.string(), level: zLevel })) })

/** The graph in a Neo4j 5; needs `release` once before it answers searches. */
export function neo4jSkillsGraph(address: Neo4jAddress): SkillsGraph {
  const neo4j = connectNeo4j(address)
  let languages: readonly string[] | undefined
  let prepared: Promise<void> | undefined
  const prepare = () => {
    prepared ??= prepareSchema(neo4j).catch((error: unknown) => {
      prepared = undefined
      throw error
    })
    return prepared
  }

  return {
    async release(content) {
      checkContent(content)
      await prepare()
      for (const language of content.languages) {
        await neo4j.write(statements.nameIndex(indexName(language), language))
      }
      await neo4j.read('CALL db.awaitIndexes(300)')
      await releaseContent(neo4j, content)
      languages = content.languages
    },

    async closure(wanted) {
      const needed = new Map<string, Level>()
      const ask = (skill: string, level: Level) => {
        if ((needed.get(skill) ?? 0) < level) needed.set(skill, level)
      }
      for (const { skill, level } of wanted) ask(skill, level)
      for (const row of await neo4j.read(statements.closure, { wanted: [...needed.keys()] })) {
        ask(z.string().parse(row['skill']), zLevel.parse(row['level']))
      }
      return needed
    },

    async plan(wanted, held) {
      const skills = [...new Set([...wanted, ...held].map(({ skill }) => skill))]
      const rows = await neo4j.read(statements.requirementsBelow, { skills })
      const known = new Map(rows.map((row) => [z.string().parse(row['skill']), zRequires.parse(row)]))
      return skillsToLearn(wanted, held, known)
    },

    async search({ text, language, limit }) {
      languages ??= await releasedLanguages(neo4j)
      if (languages.length === 0) return []
      const index = indexName(indexLanguage(language, languages))
      for (const query of nameQueries(text)) {
        const rows = await neo4j.read(statements.search, { index, query, limit: BigInt(limit) })
        if (rows.length > 0) return rows.map((row) => z.string().parse(row['skill']))
      }
      return []
    },

    async gapSlice(sector, limit) {
      const rows = await neo4j.read(statements.gapSlice, { sector, limit: BigInt(limit) })
      return rows.map((row) => zCell.parse(row)).sort(byGap)
    },

    async project(states) {
      await prepare()
      let applied = 0
      const waiting = new Set<string>()
      const newest = newestStates(states).map(stateValues)
      for (let from = 0; from < newest.length; from += statesPerStatement) {
        const values = { lock: randomUUID(), states: newest.slice(from, from + statesPerStatement) }
        const rows = await neo4j.write(statements.project, values)
        applied += rows.length
        for (const row of rows) for (const one of zWaiting.parse(row).waiting) waiting.add(one)
      }
      return { applied, waiting: [...waiting].sort() }
    },

    async forgetLearners() {
      for (;;) {
        const [row] = await neo4j.write(statements.forget.learners, { limit: BigInt(learnersPerStatement) })
        if (z.number().parse(row?.['gone'] ?? 0) > 0) continue
        // Whoever was told of meanwhile still counts: the supply is nothing only while there is nobody.
        const isEmpty = await neo4j.writeAll(async (run) => {
          await run(statements.lock, { lock: randomUUID() })
          const [left] = await run(statements.forget.left)
          if (z.number().parse(left?.['learners']) > 0) return false
          await run(statements.forget.supply)
          return true
        })
        if (isEmpty) return
      }
    },

    async waiting() {
      const rows = await neo4j.read(statements.waiting)
      return rows.map((row) => z.object({ skill: z.string(), learners: z.number() }).parse(row))
    },

    close: () => neo4j.close(),
  }
}

// Put aside as "skill level"; neither ids nor addresses have blanks.
const zWaiting = z.object({
  waiting: z.array(z.string().transform((one) => one.slice(0, one.indexOf(' ')))),
})

function stateValues(state: LearnerState) {
  if ('erased' in state) return { learner: state.learner, seq: 0, erased: true, sector: null, skills: [] }
  const { learner, seq, sector } = state
  if (sector === undefined) return { learner, seq, erased: false, sector: null, skills: [] }
  return { learner, seq, erased: false, sector, skills: highestLevels(state.skills) }
}

async function prepareSchema(neo4j: Neo4j): Promise<void> {
  for (const constraint of statements.constraints) await neo4j.write(constraint)
}

async function releasedLanguages(neo4j: Neo4j): Promise<readonly string[]> {
  const [row] = await neo4j.read('MATCH (g:Graph {id: 1}) RETURN g.languages AS languages')
  return z.array(z.string()).nullish().parse(row?.['languages']) ?? []
}

/** All in one transaction: a reader sees the content of before or the new one, never half of both. */
async function releaseContent(neo4j: Neo4j, content: GraphContent): Promise<void> {
  const { digest, languages } = content
  const skills = content.skills.map(({ id, findable, names }) => ({
    id,
    properties: { id, release: digest, ...(findable ? nameProperties(names, languages) : {}) },
  }))
  const edges = content.skills.flatMap(({ id, requires }) =>
    requires.map(({ skill, level }) => ({ from: id, to: skill, level })),
  )
  const { release } = statements
  await neo4j.writeAll(async (run) => {
    const [before] = await run(statements.lock, { lock: randomUUID() })
    if (before?.['digest'] === digest) return
    const inParts = async <T>(query: string, name: string, rows: readonly T[]) => {
      for (let from = 0; from < rows.length; from += rowsPerStatement) {
        await run(query, { [name]: rows.slice(from, from + rowsPerStatement) })
      }
    }
    await inParts(release.skills, 'skills', skills)
    await run(release.waitForRemoved, { digest })
    await run(release.removed, { digest })
    await run(release.noRequirements)
    await inParts(release.requirements, 'edges', edges)
    await run(release.noDemand)
    await inParts(release.demand, 'demand', content.demand)
    await run(release.countWaiting)
    await run(release.done, { digest, languages })
  })
}

function nameProperties(
  names: Readonly<Record<string, readonly string[]>>,
  languages: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    languages.flatMap((language) => {
      const [name = '', ...others] = names[language] ?? names['en'] ?? []
      return [
        [`name_${language}`, indexedWords([name])],
        [`others_${language}`, indexedWords(others)],
      ]
    }),
  )
}
