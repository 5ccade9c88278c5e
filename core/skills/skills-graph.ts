import type { Staircase } from '#core/gaps/staircase.ts'
import type { GraphContent } from './graph-content.ts'
import type { Level, SkillLevel } from './ontology.ts'

/**
 * The skills graph: what requires what, how skills are called, what sectors demand, and how many learners
 * hold what. Two adapters answer alike: typed arrays in memory, and Neo4j.
 */
export interface SkillsGraph {
  /**
   * Puts a content in force: skills, requirements, demand. Learners stay; what they hold of skills the
   * content lacks waits, and what waited for a skill it has is counted. Repeating a content changes nothing.
   * Refuses `invalid_input` for a content that is not sound, as `checkContent` says.
   */
  release(content: GraphContent): Promise<void>
  /**
   * The skills asked for and, again and again, what they require, each at the highest level asked. A skill
   * the graph does not know requires nothing.
   */
  closure(wanted: readonly SkillLevel[]): Promise<Map<string, Level>>
  /**
   * What is still to be learned to hold the wanted skills, in an order in which it can be: `skillsToLearn`
   * over the content in force.
   */
  plan(wanted: readonly SkillLevel[], held: readonly SkillLevel[]): Promise<SkillLevel[]>
  /** Skills called so, the best hit first; see `SkillSearch`. */
  search(question: SkillSearch): Promise<string[]>
  /**
   * Demand and supply of one sector as they are, largest gap first. These numbers are not protected: they
   * are for jobs that protect them, never for an answer to a person.
   */
  gapSlice(sector: string, limit: number): Promise<SectorSkill[]>
  /**
   * Takes the newest state of learners. A state counts once, however often and by however many it is told:
   * one with a `seq` not above the known one changes nothing, and after an erasure nothing does.
   */
  project(states: readonly LearnerState[]): Promise<Projected>
  /** Forgets every learner and what they supply, as if none had ever been told of; the content stays. */
  forgetLearners(): Promise<void>
  /** Skills that learners hold and the content lacks, sorted, with how many learners wait for each. */
  waiting(): Promise<{ skill: string; learners: number }[]>
  close(): Promise<void>
}

interface SkillSearch {
  /**
   * Every word must be in a name or begin a word of it (one of two letters only as the last, one of one letter never); case and accents
   * do not matter. Where nothing is called so, one letter may be wrong in words of four or more.
   */
  text: string
  /** BCP 47; the names in its base language, else in English. */
  language: string
  limit: number
}

/** What the graph keeps of a learner: a pseudonym, the sector they count in, what they hold. */
export type LearnerState =
  | { learner: string; seq: number; sector: string; skills: readonly SkillLevel[] }
  /** Counts nowhere (for now): no consent, an objection, or nothing valid. */
  | { learner: string; seq: number; sector: undefined }
  /** For good. */
  | { learner: string; erased: true }

interface Projected {
  /** Learners whose state changed. */
  applied: number
  /** Skills of applied states that the content lacks, sorted; they wait for a content that has them. */
  waiting: string[]
}

/** One sector and skill: heads demanded and distinct learners held at level 1 or more, 2 or more, … */
export interface SectorSkill {
  skill: string
  demand: Staircase
  supply: Staircase
  /** Σ max(0, demand − supply) over the levels, in person-levels. */
  gap: number
}

/** Words of a search or a name as both adapters compare them: no case, no accents, letters and digits only. */
export function searchWords(text: string): string[] {
  const plain = text.slice(0, 200).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain.match(/[\p{L}\p{N}+#]+/gu)?.slice(0, 12) ?? []
}

/** A word of a search and what it may stand for besides itself. */
export interface SearchTerm {
  word: string
  /** Words that begin so. A word of one letter stands for itself; of those of two, the last may still be being typed. */
  asBeginning: boolean
  /** Words with one letter more, fewer or other. */
  withTypo: boolean
}

export function searchTerms(text: string): SearchTerm[] {
  return searchWords(text).map((word, place, all) => ({
    word,
    asBeginning: word.length >= 3 || (word.length === 2 && place === all.length - 1),
    withTypo: word.length >= 4,
  }))
}

/** The newest state of each learner, sorted by learner; an erasure is newer than everything. */
export function newestStates(states: readonly LearnerState[]): LearnerState[] {
  const newest = new Map<string, LearnerState>()
  for (const state of states) {
    const known = newest.get(state.learner)
    if (known && ('erased' in known || (!('erased' in state) && state.seq <= known.seq))) continue
    newest.set(state.learner, state)
  }
  return [...newest.values()].sort((a, b) => (a.learner < b.learner ? -1 : 1))
}

/** Each skill of a state once, at its highest level. */
export function highestLevels(skills: readonly SkillLevel[]): SkillLevel[] {
  const highest = new Map<string, Level>()
  for (const { skill, level } of skills) {
    if ((highest.get(skill) ?? 0) < level) highest.set(skill, level)
  }
  return [...highest].map(([skill, level]) => ({ skill, level }))
}

/** Largest gap first, then by skill: the one order of both adapters. */
export function byGap(a: SectorSkill, b: SectorSkill): number {
  return b.gap - a.gap || (a.skill < b.skill ? -1 : 1)
}
