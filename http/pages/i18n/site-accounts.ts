import { inBoth } from './words.ts'

export const siteAccountWords = inBoth(
  {
    mine: 'My accounts at sites',
    lead: 'Some sites run nothing under a shared account: there your practicals run under your own. It is used once you have named it here and the site’s operator has confirmed that it is yours. Grading always runs under an account of the academy.',
    none: 'No site here asks for accounts of its learners.',
    back: 'Back to my page',
    how: 'How to get an account there',
    user: 'Your user name there',
    userHint: 'As the site gave it: letters, digits, dot, hyphen and underscore. Never your password.',
    consent:
      'I agree that the academy runs my practicals under this account, and that the site’s operator sees my name beside it to confirm that it is mine.',
    state: 'Name this account',
    waits: 'waits to be confirmed',
    confirmed: 'confirmed',
    absent: 'none named',
    since: (when: string) => `named on ${when}`,
    remove: 'Take it back',
    removeHint:
      'Nothing more is sent under it. A run that is at the site goes on; you can stop it on its own page.',
    wrong: 'Give the user name as the site gave it, and agree to its use. Nothing was changed.',
    conflict:
      'This was not possible: the account is confirmed as somebody else’s here, or has just changed. Below is how it stands now.',
    link: 'Learners’ accounts',
    title: (site: string) => `Learners’ accounts at ${site}`,
    operatorLead:
      'Each learner has named their own account and agreed to its use. Confirm only what your records say is that person’s: jobs run under it.',
    alsoNamed: (count: number) =>
      count === 1
        ? 'Somebody else has named this account too. It can be confirmed for one of them.'
        : `${count} others have named this account too. It can be confirmed for one of them.`,
    nobody: 'Nobody has named an account yet.',
    confirm: 'Confirm',
    unknown: 'Not theirs: remove',
    account: 'Account',
    sites: 'All sites',
  },
  {
    mine: 'Mes comptes sur les sites',
    lead: 'Certains sites n’exécutent rien sous un compte partagé : vos travaux pratiques y tournent sous le vôtre. Il sert dès que vous l’avez indiqué ici et que l’opérateur du site a confirmé qu’il est à vous. La correction tourne toujours sous un compte de l’académie.',
    none: 'Aucun site ne demande ici de compte à ses apprenants.',
    back: 'Retour à ma page',
    how: 'Comment y obtenir un compte',
    user: 'Votre nom d’utilisateur là-bas',
    userHint:
      'Tel que le site l’a donné : lettres, chiffres, point, trait d’union et tiret bas. Jamais votre mot de passe.',
    consent:
      'J’accepte que l’académie exécute mes travaux pratiques sous ce compte, et que l’opérateur du site voie mon nom à côté pour confirmer qu’il est à moi.',
    state: 'Indiquer ce compte',
    waits: 'attend d’être confirmé',
    confirmed: 'confirmé',
    absent: 'aucun indiqué',
    since: (when) => `indiqué le ${when}`,
    remove: 'Le retirer',
    removeHint:
      'Plus rien n’est envoyé sous ce compte. Une exécution déjà sur le site continue ; vous pouvez l’arrêter sur sa page.',
    wrong:
      'Donnez le nom d’utilisateur tel que le site l’a donné, et acceptez son usage. Rien n’a été changé.',
    conflict:
      'Ce n’était pas possible : le compte est confirmé ici comme celui de quelqu’un d’autre, ou vient de changer. Voici ce qu’il en est maintenant.',
    link: 'Comptes des apprenants',
    title: (site) => `Comptes des apprenants sur ${site}`,
    operatorLead:
      'Chaque apprenant a indiqué son propre compte et accepté son usage. Ne confirmez que ce que vos registres attribuent à cette personne : des travaux tournent sous ce compte.',
    alsoNamed: (count) =>
      count === 1
        ? 'Quelqu’un d’autre a aussi indiqué ce compte. Il ne peut être confirmé que pour une seule personne.'
        : `${count} autres personnes ont aussi indiqué ce compte. Il ne peut être confirmé que pour une seule.`,
    nobody: 'Personne n’a encore indiqué de compte.',
    confirm: 'Confirmer',
    unknown: 'Pas le sien : retirer',
    account: 'Compte',
    sites: 'Tous les sites',
  },
)
