import { hash } from 'node:crypto'

/** The type shared with the Commission's reference issuer, which ours is compatible with. */
const europeanType = 'urn:eu.europa.ec.eudi:learning:credential:1'

/** `vct` of our SD-JWT VC; also the address its metadata is served at. */
export function aiSkillVct(publicUrl: string): string {
  return `${publicUrl}/vct/ai-skill/1`
}

type Disclosure = 'always' | 'never'
type ClaimRow = readonly [path: string, en: string, fr: string, sd: Disclosure, mandatory?: true]

/** Claims of the credential in the order a wallet shows them. `[]` at the end of a path names every element. */
export const aiSkillClaims: readonly ClaimRow[] = [
  ['achievement_title', 'Achievement', 'Acquis', 'never', true],
  ['achievement_description', 'Description', 'Description', 'never'],
  ['issuing_authority', 'Awarding body', 'Organisme certificateur', 'never', true],
  ['issuing_country', 'Country of the awarding body', 'Pays de l’organisme', 'never', true],
  ['date_of_issuance', 'Awarded on', 'Délivré le', 'never', true],
  ['date_of_expiry', 'Valid until', 'Valable jusqu’au', 'never'],
  ['language_of_classes', 'Language', 'Langue', 'never', true],
  ['family_name', 'Family name', 'Nom', 'always', true],
  ['given_name', 'Given name', 'Prénom', 'always'],
  ['learner_identification', 'Learner number', 'Numéro d’apprenant', 'always', true],
  ['skills', 'Skills', 'Compétences', 'never'],
  ['skills[]', 'Skill', 'Compétence', 'always'],
  ['evidence', 'Evidence', 'Preuves', 'never'],
  ['evidence[]', 'Practical run', 'Travail pratique', 'always'],
  ['learning_outcomes', 'Learning outcomes', 'Acquis d’apprentissage', 'always'],
  ['assessment_grade', 'Result', 'Résultat', 'always'],
  ['assessment_type', 'Type of assessment', 'Type d’évaluation', 'always'],
  ['expected_study_time', 'Workload', 'Charge de travail', 'always', true],
  ['ects_credits', 'ECTS credits', 'Crédits ECTS', 'always'],
  ['level_of_learning_experience', 'EQF level', 'Niveau CEC', 'always', true],
  ['form_of_participation', 'Form of participation', 'Forme de participation', 'always'],
  ['supervision', 'Supervision', 'Supervision', 'always'],
  ['isced_f', 'Field of study (ISCED-F)', 'Domaine d’études (CITE-F)', 'always'],
  ['types_of_quality_assurance', 'Quality assurance', 'Assurance qualité', 'always', true],
  ['prerequisites_to_enroll', 'Prerequisites', 'Prérequis', 'always'],
  ['integration_stackability_options', 'Stackability', 'Capitalisation', 'always'],
  ['ontology', 'Skills ontology', 'Ontologie des compétences', 'never'],
  ['issuer_assurance', 'Standing of the seal', 'Valeur du sceau', 'never'],
]

const cache = new Map<string, { text: string; integrity: string }>()

/**
 * SD-JWT VC type metadata as served, with the `vct#integrity` of exactly these bytes (SD-JWT VC §6, and
 * W3C Subresource Integrity).
 */
export function aiSkillTypeMetadata(publicUrl: string): { text: string; integrity: string } {
  const known = cache.get(publicUrl)
  if (known) return known
  const text = JSON.stringify({
    vct: aiSkillVct(publicUrl),
    aka_vcts: [europeanType],
    name: 'AI Skills Academy skill credential',
    description: 'A module of AI skills that was passed, with the skills, their levels and the evidence.',
    display: [
      display('en', 'AI skill', 'Skills in artificial intelligence, with evidence'),
      display('fr', 'Compétence en IA', 'Compétences en intelligence artificielle, avec preuves'),
    ],
    claims: aiSkillClaims.map(([path, en, fr, sd, mandatory]) => ({
      path: claimPath(path),
      display: [
        { locale: 'en', label: en },
        { locale: 'fr', label: fr },
      ],
      sd,
      ...(mandatory ? { mandatory } : {}),
    })),
  })
  const made = { text, integrity: `sha256-${hash('sha256', text, 'base64')}` }
  cache.set(publicUrl, made)
  return made
}

/** A claim's path: `null` stands for every element of an array. */
export function claimPath(path: string): (string | null)[] {
  return path.endsWith('[]') ? [path.slice(0, -2), null] : [path]
}

/** Colours of the credential in wallets. */
export const aiSkillColours = { background_color: '#003399', text_color: '#ffffff' } as const

function display(locale: string, name: string, description: string) {
  return { locale, name, description, rendering: { simple: aiSkillColours } }
}
