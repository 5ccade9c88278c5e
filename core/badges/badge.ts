import type { Award } from '#core/awards/award.ts'
import type { Institution } from '#core/institutions/institution.ts'
import type { Level, Module, Ontology } from '#core/skills/ontology.ts'
import { inLanguage, type Text } from '#core/text.ts'

/** What stands on a badge; nothing of a person. */
export interface BadgeContent {
  /** BCP 47. */
  language: string
  title: string
  institution: string
  /** `EQF 6 · 2 ECTS` */
  facts: string
  /** Highest step of the skills, 1 to 4. */
  level: number
  levelName: string
  /** When it was awarded; absent on the picture of the achievement itself. */
  awarded?: string
  /** Said on every face: the key is the deployment's own. */
  assurance: string
  /** 0 to 359: each domain of skills has its own colour. */
  hue: number
}

/** Draws badges: square, the same each time, without any font of the machine. */
export interface BadgePainter {
  png(badge: BadgeContent): Promise<Uint8Array>
  svg(badge: BadgeContent): Promise<string>
}

const assurance: Text = {
  en: 'self-made signature · for tests',
  fr: 'signature maison · pour essais',
}
/** One for each domain, told apart by eye and all dark enough for white letters. */
const hues = [215, 262, 340, 172, 18, 195, 145]
const level: Text = { en: 'level', fr: 'niveau' }

/** The badge of an award. */
export function awardBadge(
  award: Pick<Award, 'title' | 'skills' | 'eqfLevel' | 'ects' | 'language' | 'awardedAt' | 'moduleId'>,
  institution: Institution,
  ontology: Pick<Ontology, 'domains' | 'skills' | 'levels'>,
): BadgeContent {
  const awarded = new Intl.DateTimeFormat(award.language, { month: 'long', year: 'numeric', timeZone: 'UTC' })
  return { ...faceOf(award, institution, ontology), awarded: awarded.format(award.awardedAt) }
}

/** The picture of what a module's award is about; the same for everybody who has it. */
export function moduleBadge(
  module: Module,
  institution: Institution,
  ontology: Pick<Ontology, 'domains' | 'skills' | 'levels'>,
): BadgeContent {
  const skills = module.outcomes.flatMap((outcome) => outcome.skills)
  return faceOf({ ...module, skills, language: 'en' }, institution, ontology)
}

function faceOf(
  about: {
    title: Text
    skills: readonly { skill: string; level: Level }[]
    eqfLevel: number
    ects: number
    language: string
  },
  institution: Institution,
  ontology: Pick<Ontology, 'domains' | 'skills' | 'levels'>,
): Omit<BadgeContent, 'awarded'> {
  const say = (text: Text) => inLanguage(text, about.language).value
  const highest = Math.max(1, ...about.skills.map((one) => one.level)) as Level
  const [first] = about.skills
  const domain = first && ontology.skills.get(first.skill)?.domain
  const place = [...ontology.domains.keys()].indexOf(domain ?? '')
  const number = new Intl.NumberFormat(about.language).format(about.ects)
  return {
    language: about.language,
    title: say(about.title),
    institution: say(institution.name),
    facts: `EQF ${about.eqfLevel} · ${number} ECTS`,
    level: highest,
    levelName: `${say(level)} ${highest}/4 · ${say(ontology.levels[highest].label)}`,
    assurance: say(assurance),
    hue: hues[Math.max(0, place) % hues.length] ?? 215,
  }
}
