import type { Supervision } from '#core/practicals/supervision.ts'
import { inBoth } from './words.ts'

export const supervisionWords = inBoth(
  {
    title: 'Supervised practical',
    lead: 'State here, when it begins, that you have checked who a learner is and that the learner is watched. A practical started meanwhile at a site that grades under an account of its own is recorded as supervised (level 3).',
    honest:
      'It cannot be stated for what is past. Your name and the time are kept in the log of your institution.',
    noParticipants: 'Nobody is enrolled on this date yet.',
    identity: 'How you checked the identity',
    identities: {
      document: 'Identity document, seen',
      'electronic-id': 'Electronic identity',
      'known-in-person': 'Known to me in person',
    } satisfies Record<Supervision['identity'], string>,
    presence: 'How the learner is watched',
    presences: {
      'on-site': 'On site',
      online: 'Online, by camera and screen',
    } satisfies Record<Supervision['presence'], string>,
    minutes: 'For how long',
    hours: (hours: number) => (hours === 1 ? '1 hour' : `${hours} hours`),
    state: 'State it',
    until: (time: string) => `Supervised until ${time} (UTC)`,
    end: 'End it now',
    wrong: 'Something in the form is not as it should be. Nothing was recorded.',
    back: 'Back to the cohort',
    link: 'Supervise a practical',
  },
  {
    title: 'Travail pratique surveillé',
    lead: 'Déclarez ici, au moment où cela commence, que vous avez vérifié l’identité d’un apprenant et qu’il est surveillé. Un travail pratique démarré pendant ce temps sur un site qui corrige sous un compte distinct est enregistré comme surveillé (niveau 3).',
    honest:
      'Rien ne peut être déclaré après coup. Votre nom et l’heure sont conservés dans le journal de votre établissement.',
    noParticipants: 'Personne n’est encore inscrit à cette date.',
    identity: 'Comment vous avez vérifié l’identité',
    identities: {
      document: 'Pièce d’identité, vue',
      'electronic-id': 'Identité électronique',
      'known-in-person': 'Personne que je connais',
    },
    presence: 'Comment l’apprenant est surveillé',
    presences: { 'on-site': 'Sur place', online: 'En ligne, par caméra et écran' },
    minutes: 'Pour combien de temps',
    hours: (hours) => (hours === 1 ? '1 heure' : `${hours} heures`),
    state: 'Déclarer',
    until: (time) => `Surveillé jusqu’à ${time} (UTC)`,
    end: 'Mettre fin maintenant',
    wrong: 'Quelque chose dans le formulaire ne convient pas. Rien n’a été enregistré.',
    back: 'Retour au groupe',
    link: 'Surveiller un travail pratique',
  },
)
