import { hash } from 'node:crypto'
import { circumstances, measured } from '#core/edc/practical-evidence.ts'
import { practicalTitle } from '#core/edc/words.ts'
import type { PracticalEvidence } from '#core/practicals/evidence.ts'
import { levels, skillIri } from '#core/skills/ontology.ts'
import { inLanguage, type Text } from '#core/text.ts'
import {
  bitstringEntry,
  type CredentialContent,
  issuerAssurance,
  roundedSeconds,
  uuidOf,
} from './credential-content.ts'

const contexts = [
  'https://www.w3.org/ns/credentials/v2',
  'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json',
] as const

/** How the kind of an evidence is written: a reader without our words sees whether it was a local run. */
export const evidenceGenres = {
  local: 'Compute practical, run on a local machine',
  site: 'Compute practical, run at a computing site',
} as const satisfies Record<PracticalEvidence['environment'], string>

/** An Open Badge with the members every edition of it needs for its token. */
export interface OpenBadge {
  id: string
  issuer: { id: string; [member: string]: unknown }
  credentialSubject: { id: string; [member: string]: unknown }
  [member: string]: unknown
}

/**
 * The award as Open Badges 3.0 (§B.1 AchievementCredential) in the W3C data model 2.0: what was achieved by
 * which criteria, its skills by our addresses and ESCO's, results on a rubric of four levels, evidence. `issuerId`
 * is the institution's name in the kind of token it goes into. Every member is one of the two contexts'.
 */
export function openBadge(content: CredentialContent, issuerId: string): OpenBadge {
  const { award, institution, person, learnerNumber, expiresAt } = content
  const say = sayIn(award.language)
  return {
    '@context': contexts,
    id: `urn:uuid:${uuidOf(content.jti)}`,
    type: ['VerifiableCredential', 'OpenBadgeCredential'],
    name: say(award.title),
    description: say(award.description),
    issuer: {
      id: issuerId,
      type: ['Profile'],
      name: institution.name.en,
      url: institution.homepage,
      description: issuerAssurance.statement,
      address: { type: ['Address'], addressCountryCode: institution.country },
      otherIdentifier: [
        {
          type: 'IdentifierEntry',
          identifier: institution.legalIdentifier,
          identifierType: 'ext:eIDASLegalIdentifier',
        },
      ],
    },
    validFrom: seconds(new Date(roundedSeconds(award.awardedAt) * 1000)),
    validUntil: seconds(expiresAt),
    awardedDate: seconds(award.awardedAt),
    credentialSubject: {
      // Of this credential alone: two of them cannot be told to be about one person by it.
      id: `urn:uuid:${uuidOf(hash('sha256', `subject ${content.jti}`, 'base64url').slice(0, 22))}`,
      type: ['AchievementSubject'],
      identifier: [
        identity('name', `${person.givenName} ${person.familyName}`.trim()),
        identity('identifier', learnerNumber),
      ],
      creditsEarned: award.ects,
      achievement: achievement(content, say),
      result: results(content),
    },
    ...(award.evidence.length > 0 ? { evidence: award.evidence.map((one) => evidence(one, say)) } : {}),
    // The schema has room for one: the list that says no to whatever does not hold now.
    credentialStatus: bitstringEntry(content, 'suspension'),
  }
}

type Say = (text: Text) => string

function sayIn(language: string): Say {
  return (text) => inLanguage(text, language).value
}

function identity(identityType: 'name' | 'identifier', identityHash: string) {
  return { type: 'IdentityObject', hashed: false, identityHash, identityType }
}

/** Address of what was achieved: the module's page, as the ontology of that version describes it. */
function achievementId({ award, publicUrl }: CredentialContent): string {
  return `${publicUrl}/modules/${award.moduleId}?ontology=${award.ontology.version}`
}

/** Address of an achievement's picture; nothing of a person is in it. */
function badgeImageUrl(publicUrl: string, slug: string, moduleId: string): string {
  return `${publicUrl}/badges/${slug}/${moduleId}.png`
}

function achievement(content: CredentialContent, say: Say) {
  const { award, institution, publicUrl, ontology } = content
  const field = ontology.fieldsOfStudy.get(award.iscedF)
  return {
    id: achievementId(content),
    type: ['Achievement'],
    achievementType: 'MicroCredential',
    name: say(award.title),
    description: say(award.description),
    humanCode: award.moduleId,
    version: award.ontology.version,
    inLanguage: award.language,
    creditsAvailable: award.ects,
    ...(field ? { fieldOfStudy: say(field.label) } : {}),
    criteria: { id: achievementId(content), narrative: criteria(content, say) },
    image: {
      id: badgeImageUrl(publicUrl, institution.slug, award.moduleId),
      type: 'Image',
      caption: say(award.title),
    },
    tag: award.skills.map(({ label }) => say(label)),
    alignment: alignments(content, say),
    resultDescription: resultDescriptions(content, say),
  }
}

/** Markdown: what the learner can do and how that was found out. */
function criteria({ award, ontology }: CredentialContent, say: Say): string {
  const kind = ontology.assessments.get(award.assessmentType)
  const words = criteriaWords[award.language === 'fr' ? 'fr' : 'en']
  const assessed = kind ? say(kind.label) : award.assessmentType
  return [
    words.can,
    '',
    ...award.outcomes.map(({ statement }) => `- ${say(statement)}`),
    '',
    `${words.assessed}: ${assessed}. ${words.workload(award.workloadHours)}`,
    say(award.qualityAssurance),
  ].join('\n')
}

const criteriaWords = {
  en: {
    can: 'The learner can:',
    assessed: 'Assessment',
    workload: (hours: number) => `Notional workload: ${hours} hours.`,
  },
  fr: {
    can: 'L’apprenant sait :',
    assessed: 'Évaluation',
    workload: (hours: number) => `Charge de travail indicative : ${hours} heures.`,
  },
}

function alignments(content: CredentialContent, say: Say) {
  const { award, publicUrl } = content
  const own = award.skills.map(({ skill, label }) =>
    alignment({
      targetName: say(label),
      targetUrl: skillIri(publicUrl, award.ontology.version, skill),
      targetFramework: `AI Skills Academy skills ontology ${award.ontology.version}`,
      targetCode: skill,
      targetType: 'ext:Skill',
    }),
  )
  const esco = new Set(award.skills.flatMap(({ escoUri }) => (escoUri ? [escoUri] : [])))
  return [
    ...own,
    ...[...esco].map((uri) => escoAlignment(uri, content)),
    alignment({
      targetName: `EQF ${award.eqfLevel}`,
      targetUrl: `http://data.europa.eu/snb/eqf/${award.eqfLevel}`,
      targetFramework: 'European Qualifications Framework',
      targetCode: String(award.eqfLevel),
      targetType: 'ext:EQFLevel',
    }),
  ]
}

function escoAlignment(uri: string, { award, ontology }: CredentialContent) {
  const labels = ontology.escoLabels.get(uri)
  return alignment({
    targetName: labels?.[award.language] ?? labels?.['en'] ?? uri,
    targetUrl: uri,
    targetFramework: 'ESCO',
    targetCode: uri.slice(uri.lastIndexOf('/') + 1),
    targetType: 'ext:ESCOSkill',
  })
}

function alignment(members: Record<string, string>) {
  return { type: ['Alignment'], ...members }
}

/** The score, and for each skill a rubric of the ontology's four levels. */
function resultDescriptions(content: CredentialContent, say: Say) {
  const { award, ontology } = content
  const id = achievementId(content)
  const passMark = ontology.modules.get(award.moduleId)?.passMarkPercent
  return [
    {
      id: `${id}#score`,
      type: ['ResultDescription'],
      name: award.language === 'fr' ? 'Résultat' : 'Score',
      resultType: 'Percent',
      valueMin: '0',
      valueMax: '100',
      ...(passMark === undefined ? {} : { requiredValue: String(passMark) }),
    },
    ...award.skills.map(({ skill, label, level, escoUri }) => ({
      id: `${id}#skill-${skill}`,
      type: ['ResultDescription'],
      name: say(label),
      resultType: 'RubricCriterionLevel',
      requiredLevel: `${id}#skill-${skill}-${level}`,
      ...(escoUri ? { alignment: [escoAlignment(escoUri, content)] } : {}),
      rubricCriterionLevel: levels.map((step) => ({
        id: `${id}#skill-${skill}-${step}`,
        type: ['RubricCriterionLevel'],
        name: say(ontology.levels[step].label),
        level: String(step),
        points: String(step),
      })),
    })),
  ]
}

function results(content: CredentialContent) {
  const { award } = content
  const id = achievementId(content)
  return [
    {
      type: ['Result'],
      resultDescription: `${id}#score`,
      value: String(award.scorePercent),
      status: 'Completed',
    },
    ...award.skills.map(({ skill, level }) => ({
      type: ['Result'],
      resultDescription: `${id}#skill-${skill}`,
      achievedLevel: `${id}#skill-${skill}-${level}`,
    })),
  ]
}

function evidence(one: PracticalEvidence, say: Say) {
  return {
    type: ['Evidence'],
    name: say(practicalTitle(one.practical, one.practicalVersion)),
    narrative: `${say(measured(one))}. ${say(circumstances(one))}`,
    description: `Run: sha-256 ${one.runDigest}. Specification: sha-256 ${one.specHash}.`,
    genre: evidenceGenres[one.environment],
  }
}

function seconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`
}
