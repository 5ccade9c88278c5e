/** The Cypher of the adapter. Values travel as parameters only; Community features only. */

export const constraints = [
  'CREATE CONSTRAINT skill_id IF NOT EXISTS FOR (s:Skill) REQUIRE s.id IS UNIQUE',
  'CREATE CONSTRAINT sector_id IF NOT EXISTS FOR (x:Sector) REQUIRE x.id IS UNIQUE',
  'CREATE CONSTRAINT learner_id IF NOT EXISTS FOR (l:Learner) REQUIRE l.id IS UNIQUE',
  'CREATE CONSTRAINT graph_id IF NOT EXISTS FOR (g:Graph) REQUIRE g.id IS UNIQUE',
]

/** The language is a checked tag, for names of indexes and properties cannot be parameters. */
export const nameIndex = (name: string, language: string) =>
  `CREATE FULLTEXT INDEX ${name} IF NOT EXISTS FOR (s:Skill) ON EACH [s.name_${language}, s.others_${language}]
   OPTIONS {indexConfig: {\`fulltext.analyzer\`: 'whitespace'}}`

/** Whoever changes the graph holds this node until the end of the transaction: changes come one after another. */
export const lock = 'MERGE (g:Graph {id: 1}) SET g.lock = $lock RETURN g.digest AS digest'

const newCell = 'c.d1 = 0, c.d2 = 0, c.d3 = 0, c.d4 = 0, c.s1 = 0, c.s2 = 0, c.s3 = 0, c.s4 = 0'
const countCell = (sign: '+' | '-', level: string) =>
  `c.s1 = c.s1 ${sign} 1, ${[2, 3, 4].map((l) => `c.s${l} = c.s${l} ${sign} toInteger(${level} >= ${l})`).join(', ')}`

export const release = {
  skills: `UNWIND $skills AS new MERGE (s:Skill {id: new.id}) SET s = new.properties`,
  waitForRemoved: `
    MATCH (l:Learner)-[h:HAS]->(s:Skill) WHERE s.release <> $digest
    WITH l, collect(s.id + ' ' + toString(h.level)) AS gone
    SET l.waiting = l.waiting + gone`,
  removed: 'MATCH (s:Skill) WHERE s.release <> $digest DETACH DELETE s',
  noRequirements: 'MATCH (:Skill)-[r:REQUIRES]->() DELETE r',
  requirements: `
    UNWIND $edges AS e MATCH (a:Skill {id: e.from}) MATCH (b:Skill {id: e.to})
    CREATE (a)-[:REQUIRES {level: e.level}]->(b)`,
  noDemand: 'MATCH (:Sector)-[c:DEMANDS]->(:Skill) SET c.d1 = 0, c.d2 = 0, c.d3 = 0, c.d4 = 0',
  demand: `
    UNWIND $demand AS line MATCH (s:Skill {id: line.skill}) MERGE (x:Sector {id: line.sector})
    MERGE (x)-[c:DEMANDS]->(s) ON CREATE SET ${newCell}
    SET c.d1 = line.steps[0], c.d2 = line.steps[1], c.d3 = line.steps[2], c.d4 = line.steps[3]`,
  countWaiting: `
    MATCH (l:Learner) WHERE size(l.waiting) > 0
    UNWIND l.waiting AS one
    WITH l, one, split(one, ' ') AS parts
    MATCH (s:Skill {id: parts[0]})
    WITH l, one, s, toInteger(parts[1]) AS level
    CREATE (l)-[:HAS {level: level}]->(s)
    MERGE (x:Sector {id: l.sector})
    MERGE (x)-[c:DEMANDS]->(s) ON CREATE SET ${newCell}
    SET ${countCell('+', 'level')}
    WITH l, collect(one) AS counted
    SET l.waiting = [one IN l.waiting WHERE NOT one IN counted]`,
  done: 'MATCH (g:Graph {id: 1}) SET g.digest = $digest, g.languages = $languages',
}

/**
 * One statement and so one transaction: the lock, the guard by `seq` and by the tombstone, the supply taken
 * back, the new state, the supply counted, and what has no skill yet put aside.
 */
export const project = `
  MERGE (g:Graph {id: 1}) SET g.lock = $lock
  WITH g
  UNWIND $states AS e
  MERGE (l:Learner {id: e.learner}) ON CREATE SET l.seq = -1, l.erased = false, l.waiting = []
  WITH l, e
  WHERE NOT l.erased AND (e.erased OR e.seq > l.seq)
  CALL (l) {
    MATCH (l)-[h:HAS]->(s:Skill)
    MATCH (:Sector {id: l.sector})-[c:DEMANDS]->(s)
    SET ${countCell('-', 'h.level')}
    DELETE h
  }
  SET l.seq = e.seq, l.sector = e.sector, l.erased = e.erased
  WITH l, e
  CALL (l, e) {
    UNWIND e.skills AS held
    OPTIONAL MATCH (s:Skill {id: held.skill})
    WITH l, e, held WHERE s IS NULL
    RETURN collect(held.skill + ' ' + toString(held.level)) AS waiting
  }
  SET l.waiting = waiting
  WITH l, e, waiting
  CALL (l, e) {
    UNWIND e.skills AS held
    MATCH (s:Skill {id: held.skill})
    CREATE (l)-[:HAS {level: held.level}]->(s)
    MERGE (x:Sector {id: e.sector})
    MERGE (x)-[c:DEMANDS]->(s) ON CREATE SET ${newCell}
    SET ${countCell('+', 'held.level')}
  }
  RETURN l.id AS learner, waiting`

export const forget = {
  learners: 'MATCH (l:Learner) WITH l LIMIT $limit DETACH DELETE l RETURN count(*) AS gone',
  left: 'MATCH (l:Learner) RETURN count(l) AS learners',
  supply: 'MATCH (:Sector)-[c:DEMANDS]->(:Skill) SET c.s1 = 0, c.s2 = 0, c.s3 = 0, c.s4 = 0',
}

export const closure = `
  UNWIND $wanted AS id
  MATCH (:Skill {id: id})-[:REQUIRES*0..]->(a:Skill)
  WITH DISTINCT a
  MATCH (a)-[r:REQUIRES]->(b:Skill)
  RETURN b.id AS skill, max(r.level) AS level`

/** Every skill the asked ones lead to, with what it requires: enough to plan from. */
export const requirementsBelow = `
  UNWIND $skills AS id
  MATCH (:Skill {id: id})-[:REQUIRES*0..]->(a:Skill)
  WITH DISTINCT a
  MATCH (a)-[r:REQUIRES]->(b:Skill)
  RETURN a.id AS skill, collect({skill: b.id, level: r.level}) AS requires`

export const search = `
  CALL db.index.fulltext.queryNodes($index, $query, {limit: $limit}) YIELD node, score
  RETURN node.id AS skill, score ORDER BY score DESC, skill`

export const gapSlice = `
  MATCH (:Sector {id: $sector})-[c:DEMANDS]->(s:Skill) WHERE c.d1 > 0 OR c.s1 > 0
  WITH s.id AS skill, [c.d1, c.d2, c.d3, c.d4] AS demand, [c.s1, c.s2, c.s3, c.s4] AS supply
  RETURN skill, demand, supply,
    reduce(gap = 0, l IN range(0, 3) | gap + CASE WHEN demand[l] > supply[l] THEN demand[l] - supply[l] ELSE 0 END) AS gap
  ORDER BY gap DESC, skill LIMIT $limit`

export const waiting = `
  MATCH (l:Learner) WHERE size(l.waiting) > 0
  UNWIND l.waiting AS one
  RETURN split(one, ' ')[0] AS skill, count(*) AS learners ORDER BY skill`
