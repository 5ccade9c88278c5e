import { inLanguage, type Text } from '#core/text.ts'
import type { CredentialFacts } from './european-credential.ts'
import { circumstances, measured } from './practical-evidence.ts'
import { headings, practicalTitle, sealNotQualified } from './words.ts'

/** What stands on the pages of one language, from top to bottom. */
export interface PageContent {
  /** BCP 47; the primary language of the words, which may fall back to English where there are none. */
  language: string
  blocks: PageBlock[]
}

export type PageBlock =
  | { kind: 'overline' | 'title' | 'name' | 'heading' | 'text' | 'item' | 'small'; text: string }
  | { kind: 'fact'; label: string; text: string }

const words = {
  microCredential: { en: 'Micro-credential', fr: 'Microcertification' },
  awardedTo: { en: 'awarded to', fr: 'décernée à' },
  by: { en: 'Awarding body', fr: 'Organisme certificateur' },
  on: { en: 'Awarded on', fr: 'Décernée le' },
  until: { en: 'Valid until', fr: 'Valable jusqu’au' },
  level: { en: 'Level', fr: 'Niveau' },
  workload: { en: 'Workload', fr: 'Charge de travail' },
  participation: { en: 'Participation', fr: 'Participation' },
  assessment: { en: 'Assessment', fr: 'Évaluation' },
  supervision: { en: 'Supervision', fr: 'Surveillance' },
  result: { en: 'Result', fr: 'Résultat' },
  outcomes: { en: 'The learner can', fr: 'L’apprenant sait' },
  hours: { en: 'hours', fr: 'heures' },
  eqf: { en: 'European Qualifications Framework, level', fr: 'Cadre européen des certifications, niveau' },
  shown: {
    en: 'This page shows the sealed data; where they differ, the data count. Verify at',
    fr: 'Cette page montre les données scellées ; en cas de différence, les données font foi. À vérifier sur',
  },
} as const satisfies Record<string, Text>

/** What a page is about, whoever seals or prints it. */
export interface AwardFacts {
  award: CredentialFacts['award']
  learner: { givenName: string; familyName: string }
  ontology: Pick<CredentialFacts['ontology'], 'modes' | 'assessments' | 'supervisions'>
  /** Name and legal identifier, as they are to stand there. */
  awardingBody: string
}

/** The words of a credential's page in one language; a reader without any tool can tell from it what was learned. */
export function pageContent(
  facts: Omit<CredentialFacts, 'images' | 'idBytes'>,
  language: string,
): PageContent {
  const { certificate, publicUrl } = facts
  const say = (text: Text) => inLanguage(text, language).value
  const awardingBody = `${certificate.organisation}, ${certificate.legalIdentifier}`
  return {
    language,
    blocks: [
      ...awardBlocks({ ...facts, awardingBody }, language),
      { kind: 'small', text: `${say(words.shown)} ${publicUrl}/verify` },
      ...(certificate.claimsQualifiedSeal ? [] : [{ kind: 'small' as const, text: say(sealNotQualified) }]),
    ],
  }
}

/** Everything an award states, from its title to how it stacks. */
export function awardBlocks(
  { award, learner, ontology, awardingBody }: AwardFacts,
  language: string,
): PageBlock[] {
  const say = (text: Text) => inLanguage(text, language).value
  const date = (at: Date) =>
    new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(at)
  const number = (value: number) => new Intl.NumberFormat(language).format(value)
  const label = (code: { label: Text } | undefined, id: string) => (code ? say(code.label) : id)
  const fact = (name: Text, text: string): PageBlock => ({ kind: 'fact', label: say(name), text })
  return [
    { kind: 'overline', text: say(words.microCredential) },
    { kind: 'title', text: say(award.title) },
    { kind: 'small', text: say(words.awardedTo) },
    { kind: 'name', text: `${learner.givenName} ${learner.familyName}`.trim() },
    fact(words.by, awardingBody),
    fact(words.on, date(award.awardedAt)),
    ...(award.validUntil ? [fact(words.until, date(award.validUntil))] : []),
    fact(words.level, `${say(words.eqf)} ${award.eqfLevel}`),
    fact(words.workload, `${number(award.workloadHours)} ${say(words.hours)}, ${number(award.ects)} ECTS`),
    fact(words.participation, label(ontology.modes.get(award.participation), award.participation)),
    fact(words.assessment, label(ontology.assessments.get(award.assessmentType), award.assessmentType)),
    fact(words.supervision, label(ontology.supervisions.get(award.supervision), award.supervision)),
    fact(words.result, `${award.scorePercent}/100`),
    { kind: 'text', text: say(award.description) },
    { kind: 'heading', text: say(words.outcomes) },
    ...award.outcomes.map(({ statement }): PageBlock => ({ kind: 'item', text: say(statement) })),
    ...award.evidence.flatMap((evidence): PageBlock[] => [
      {
        kind: 'heading',
        text: `${say(headings.practical)}: ${say(practicalTitle(evidence.practical, evidence.practicalVersion))}`,
      },
      { kind: 'text', text: `${say(measured(evidence))}. ${say(circumstances(evidence))}` },
    ]),
    { kind: 'heading', text: say(headings.qualityAssurance) },
    { kind: 'text', text: say(award.qualityAssurance) },
    { kind: 'heading', text: say(headings.stackability) },
    { kind: 'text', text: say(award.stackability) },
  ]
}
