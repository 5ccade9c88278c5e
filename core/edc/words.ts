import type { Text } from '#core/text.ts'
import type { Words } from './draft.ts'

/** Our own words inside a credential, in the two languages every text of the academy has. */
export const headings = {
  qualityAssurance: { en: 'Quality assurance', fr: 'Assurance qualité' },
  stackability: { en: 'Stackability', fr: 'Capitalisation' },
  practical: { en: 'Evidence of the practical', fr: 'Preuve du travail pratique' },
  level: { en: 'Proficiency level', fr: 'Niveau de maîtrise' },
  seal: { en: 'Seal', fr: 'Cachet' },
} as const satisfies Record<string, Text>

export const gradingSchemeWords = (passMarkPercent: number): Text => ({
  en: `0 to 100, pass at ${passMarkPercent}`,
  fr: `De 0 à 100, réussite à partir de ${passMarkPercent}`,
})

/** The same figures in every language. */
export function everywhere(languages: readonly string[], figures: string): Words {
  return Object.fromEntries(languages.map((language) => [language, figures]))
}

export const sealNotQualified: Text = {
  en: 'Sealed with a certificate that does not claim to be a qualified certificate for electronic seals. The Europass viewer will not confirm this seal; the address of the awarding body can.',
  fr: 'Scellé avec un certificat qui ne se déclare pas certificat qualifié de cachet électronique. Le visualiseur Europass ne confirmera pas ce cachet ; l’adresse de l’organisme certificateur le peut.',
}

export const undrawnWords = (placeholder: string, characters: string): Text => ({
  en: `${placeholder} stands for what this page cannot draw: ${characters}. The data of the credential have it.`,
  fr: `${placeholder} remplace ce que cette page ne peut pas dessiner : ${characters}. Les données de l’attestation le contiennent.`,
})

export const assuranceWords: Readonly<Record<string, Text>> = {
  'unsupervised-run': {
    en: 'run by the learner, result written by the run itself',
    fr: 'exécuté par l’apprenant, résultat écrit par l’exécution elle-même',
  },
  'graded-separately': {
    en: 'run by the learner, graded by a separate job',
    fr: 'exécuté par l’apprenant, évalué par une tâche séparée',
  },
  supervised: {
    en: 'run under supervision, graded by a separate job',
    fr: 'exécuté sous surveillance, évalué par une tâche séparée',
  },
}

export const practicalTitle = (practical: string, version: number): Text => ({
  en: `Practical ${practical}, version ${version}`,
  fr: `Travail pratique ${practical}, version ${version}`,
})

export const localRun: Text = {
  en: 'Run on a local machine, not at a computing site.',
  fr: 'Exécuté sur une machine locale, pas dans un centre de calcul.',
}

export const siteRun = (site: string, partition: string | undefined): Text => ({
  en: `Run at the site ${site}${partition ? `, partition ${partition}` : ''}.`,
  fr: `Exécuté dans le centre ${site}${partition ? `, partition ${partition}` : ''}.`,
})

export const hardwareWords = (processors: string, memoryGiB: number, accelerators: string): Text => ({
  en: `Hardware: ${processors}, ${memoryGiB} GiB of memory, ${accelerators || 'no accelerator'}.`,
  fr: `Matériel : ${processors}, ${memoryGiB} Gio de mémoire, ${accelerators || 'sans accélérateur'}.`,
})

export const thresholdWords = (threshold: number): Text => ({
  en: `at least ${threshold} needed`,
  fr: `au moins ${threshold} exigé`,
})
