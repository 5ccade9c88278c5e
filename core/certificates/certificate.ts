import type { Award } from '#core/awards/award.ts'
import { issuerAssurance } from '#core/credentials/formats/credential-content.ts'
import { awardBlocks, type PageBlock, type PageContent } from '#core/edc/page-content.ts'
import type { Institution } from '#core/institutions/institution.ts'
import type { Person } from '#core/learners/learner.ts'
import type { Ontology } from '#core/skills/ontology.ts'
import { inLanguage, type Text } from '#core/text.ts'

/** What is printed on a certificate. */
export interface CertificateContent extends PageContent {
  /** For the document's own title, in its reader's window. */
  documentTitle: string
  institution: string
  awardedAt: Date
  /** Where it can be checked, as text and as QR code, with the words beside it. */
  link: { url: string; words: string[] }
}

/** Prints certificates as PDF/A-2u (ISO 19005-2), the same each time. */
export interface CertificatePrinter {
  print(certificate: CertificateContent): Promise<Uint8Array>
}

const words = {
  check: {
    en: 'Check it: scan this code or open the link. The verdict is made anew each time, by the awarding body’s own records.',
    fr: 'Vérifiez : scannez ce code ou ouvrez le lien. Le verdict est rendu à chaque fois, d’après les registres de l’organisme certificateur.',
  },
  paper: {
    en: 'This paper and its file carry no signature and prove nothing by themselves.',
    fr: 'Ce papier et son fichier ne portent pas de signature et ne prouvent rien par eux-mêmes.',
  },
  until: { en: 'The link works until', fr: 'Le lien fonctionne jusqu’au' },
  assurance: {
    en: issuerAssurance.statement,
    fr: 'Signé avec une clé jetable que ce déploiement a certifiée lui-même. Pour des essais ; ce n’est pas un cachet électronique qualifié.',
  },
} as const satisfies Record<string, Text>

/** The words of an award's certificate in one language. */
export function certificateContent(
  facts: {
    award: Award
    institution: Institution
    person: Person
    ontology: Pick<Ontology, 'modes' | 'assessments' | 'supervisions'>
    link: { url: string; until: Date }
  },
  language: string,
): CertificateContent {
  const { award, institution, person, ontology, link } = facts
  const say = (text: Text) => inLanguage(text, language).value
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' })
  const name = say(institution.name)
  const blocks: PageBlock[] = awardBlocks(
    { award, learner: person, ontology, awardingBody: `${name}, ${institution.legalIdentifier}` },
    language,
  )
  return {
    language,
    blocks,
    documentTitle: say(award.title),
    institution: name,
    awardedAt: award.awardedAt,
    link: {
      url: link.url,
      words: [
        say(words.check),
        `${say(words.paper)} ${say(words.until)} ${date.format(link.until)}.`,
        say(words.assurance),
        link.url,
      ],
    },
  }
}
