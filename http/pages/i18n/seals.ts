import type { SealStanding } from '#core/edc/certificate-watch.ts'
import { inBoth } from './words.ts'

const english = {
  title: 'Seals',
  lead: 'The certificates European Digital Credentials are sealed with, and how long they last.',
  institution: 'Institution',
  state: 'State',
  until: 'Until',
  source: 'Key',
  states: { good: 'good', expiring: 'ends soon', unusable: 'cannot be used' } satisfies Record<
    SealStanding['state'],
    string
  >,
  daysLeft: (days: number) => (days < 0 ? `ended ${-days} days ago` : `${days} days left`),
  sources: {
    'own-key': 'the institution’s own signing key',
    'trust-service': 'key of a trust service',
  } satisfies Record<SealStanding['source'], string>,
  qualified: 'claims to be qualified for electronic seals',
  notQualified: 'does not claim to be qualified',
  selfMade:
    'A seal that does not claim to be qualified is not confirmed by the Europass viewer; this academy’s own page confirms it. Every file says so, too.',
  how: 'A new certificate is imported with “npm run ops -- seals import” and used from the next start on, on AWS within the hour after it was put into its secret; one that ends within sixty days is also told in the log and at /readyz.',
}

export const sealWords = inBoth(english, {
  title: 'Cachets',
  lead: 'Les certificats qui scellent les justificatifs numériques européens, et leur durée.',
  institution: 'Établissement',
  state: 'État',
  until: 'Jusqu’au',
  source: 'Clé',
  states: { good: 'bon', expiring: 'expire bientôt', unusable: 'inutilisable' },
  daysLeft: (days) => (days < 0 ? `expiré depuis ${-days} jours` : `encore ${days} jours`),
  sources: {
    'own-key': 'la clé de signature de l’établissement',
    'trust-service': 'clé d’un prestataire de confiance',
  },
  qualified: 'se déclare qualifié pour les cachets électroniques',
  notQualified: 'ne se déclare pas qualifié',
  selfMade:
    'Un cachet qui ne se déclare pas qualifié n’est pas confirmé par le visualiseur Europass ; la page de cette académie le confirme. Chaque fichier le dit aussi.',
  how: 'Un nouveau certificat s’importe avec « npm run ops -- seals import » et sert dès le prochain démarrage, sur AWS dans l’heure qui suit son dépôt dans son secret ; celui qui expire dans les soixante jours est aussi signalé dans le journal et à /readyz.',
})
