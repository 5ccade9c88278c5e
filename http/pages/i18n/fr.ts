import type { Words } from './words.ts'

export const fr: Words = {
  academy: 'Académie des compétences en IA',
  skipToContent: 'Aller au contenu',
  language: 'Langue',
  languageName: 'Français',
  mainNavigation: 'Principale',
  nav: {
    skills: 'Compétences',
    modules: 'Modules',
    path: 'Parcours',
    gaps: 'Besoins',
    verify: 'Vérifier',
    me: 'Ma page',
  },
  footer: {
    line: 'Se former à l’IA et à l’IA générative, avec des travaux pratiques sur les AI Factories.',
    checked: 'Chacun peut vérifier les attestations de l’académie, gratuitement et sans compte.',
    ontology: 'L’ontologie des compétences',
    verify: 'Vérifier une attestation',
  },
  home: {
    title: 'Apprendre l’IA en la pratiquant. Le prouver partout.',
    lead: 'L’académie réunit en un seul lieu des formations à l’IA et à l’IA générative proposées par de nombreux établissements. Vous pratiquez sur de vraies machines, et ce que vous savez faire devient une attestation que tout employeur vérifie en quelques secondes.',
    doors: 'Que souhaitez-vous faire ?',
    learner: {
      title: 'Je veux apprendre',
      text: 'Trouvez les compétences qu’un métier demande, voyez le chemin le plus court à partir de ce que vous savez, suivez le module et ses travaux pratiques, et gardez l’attestation dans votre propre portefeuille.',
      action: 'Parcourir les modules',
      second: 'Voir le parcours vers un métier',
    },
    employer: {
      title: 'On m’a présenté une attestation',
      text: 'Collez-la, déposez-la ou ouvrez le lien reçu. Vous obtenez un verdict clair et la liste des contrôles effectués. Rien à installer, rien à payer.',
      action: 'Vérifier une attestation',
    },
    manager: {
      title: 'Je planifie des formations',
      text: 'Voyez quelles compétences manquent par secteur et par métier, avec des chiffres publiables, et quel module comble le plus de besoins.',
      action: 'Voir les besoins',
    },
    figures: 'Le catalogue en chiffres',
    skills: 'compétences',
    modules: 'modules',
    roles: 'métiers',
    sectors: 'secteurs',
    version: (version) => `Ontologie des compétences, version ${version}`,
    how: 'Comment cela fonctionne',
    steps: {
      learn: {
        title: 'Apprendre',
        text: 'Chaque module dit quelles compétences il enseigne, à quel niveau et en combien d’heures.',
      },
      practise: {
        title: 'Pratiquer',
        text: 'Les travaux pratiques s’exécutent pour de vrai. Ils sont mesurés par un correcteur qui n’est pas votre code.',
      },
      collect: {
        title: 'Recevoir',
        text: 'Une réussite devient une attestation dans votre portefeuille, preuves comprises.',
      },
      show: {
        title: 'Montrer',
        text: 'L’employeur voit un verdict, les preuves et si l’attestation est toujours valable.',
      },
    },
  },
  errors: {
    title: 'Quelque chose bloque',
    code: 'Code',
    home: 'Aller à la page d’accueil',
    signIn: 'Se connecter',
    400: {
      title: 'Cette demande est incomplète',
      text: 'Un élément manque ou n’a pas la bonne forme. Revenez en arrière, vérifiez votre saisie et réessayez.',
    },
    401: {
      title: 'Veuillez vous connecter',
      text: 'Cette page est personnelle. Connectez-vous pour la voir.',
    },
    403: { title: 'Cette page ne vous est pas ouverte', text: 'Votre compte n’a pas le rôle nécessaire.' },
    404: {
      title: 'Il n’y a rien ici',
      text: 'L’adresse est peut-être mal saisie, ou ce qui s’y trouvait a expiré ou a été retiré.',
    },
    409: {
      title: 'Cela a changé entre-temps',
      text: 'Une modification a eu lieu entre-temps. Rouvrez la page et regardez l’état actuel.',
    },
    413: { title: 'C’est trop volumineux', text: 'Votre envoi dépasse ce que cette page accepte.' },
    429: {
      title: 'Un peu trop vite',
      text: 'Trop de demandes sont parties de votre adresse. Attendez une minute et réessayez.',
    },
    500: {
      title: 'Erreur de notre part',
      text: 'Quelque chose a échoué de notre côté. Veuillez réessayer dans un instant.',
    },
    503: {
      title: 'Indisponible pour le moment',
      text: 'Une partie de l’académie ne répond pas. Veuillez réessayer dans quelques minutes.',
    },
    507: {
      title: 'Plus de place pour enregistrer',
      text: 'L’espace de stockage de l’académie est plein. Rien n’a été enregistré ; ce qui l’était déjà est à l’abri. Veuillez réessayer plus tard.',
    },
  },
}
