import type { CheckName, CheckState, Outcome } from '#core/verification/verification.ts'
import { inBoth } from './words.ts'

interface Verdict {
  title: string
  text: string
}

const english = {
  title: 'Verify a credential',
  lead: 'Paste the text of a credential or upload its file. You get a plain verdict and see every check that was made. It is free, needs no account, and nothing you enter is kept.',
  paste: 'Text of the credential',
  pasteHint: 'It begins with “eyJ” or with a brace. Line breaks do no harm.',
  file: 'Or its file',
  fileHint:
    'Whatever you were given: a text file, a European Digital Credential, or the picture of a badge. At most 8 MB.',
  submit: 'Verify',
  again: 'Verify another credential',
  ofVersion: (version: string) => `as in version ${version} of the ontology`,
  nowCalled: 'now called',
  replacedBy: 'replaced since by',
  missing: 'Paste a credential or choose a file first.',
  shared: 'Somebody sent you a link instead? Just open it: the verdict is shown there.',
  about: 'What is checked?',
  aboutText:
    'Who signed it and whether they may; that nothing was changed since; that it has not expired; and that the institution has not suspended or withdrawn it since. Credentials of the institutions of this academy are checked against their own records, at this very moment.',
  outcomes: {
    valid: {
      title: 'Genuine and valid',
      text: 'The institution awarded this, nothing was changed since, and it is valid today.',
    },
    unreadable: {
      title: 'This cannot be read',
      text: 'It is not a complete credential. It may have been cut off or changed on its way; ask for the whole text, the file or a link.',
    },
    forged: {
      title: 'Not genuine',
      text: 'It claims to come from an issuer that did not sign it. Do not rely on it.',
    },
    'foreign-issuer': {
      title: 'Issuer not known here',
      text: 'It names an issuer that this academy has no grounds to trust. Nothing it says has been confirmed.',
    },
    tampered: {
      title: 'Changed after it was signed',
      text: 'The signature does not fit the content: something was altered. Do not rely on it.',
    },
    'key-revoked': {
      title: 'Signed with a key that was withdrawn',
      text: 'The institution has withdrawn the key this was signed with, so nobody can tell any more who signed it. Ask the holder for a new copy of the credential.',
    },
    'wrong-type': {
      title: 'Not a credential of learning',
      text: 'It is signed by an issuer we know, but it is something else than a credential that can be checked here.',
    },
    'not-yet-valid': {
      title: 'Not valid yet',
      text: 'The issuer signed it, but for a later date.',
    },
    expired: {
      title: 'Genuine, but expired',
      text: 'The issuer signed it, but only for a time, and that time is over.',
    },
    'not-entitled': {
      title: 'Issued by somebody who may not',
      text: 'The issuer is known, but is not entitled to issue credentials of this kind.',
    },
    'holder-mismatch': {
      title: 'Shown by somebody else',
      text: 'Whoever shows it could not prove to be its holder.',
    },
    suspended: {
      title: 'Suspended',
      text: 'It is genuine, but the institution has put it on hold. It is not valid at present and may become valid again.',
    },
    revoked: {
      title: 'Revoked',
      text: 'It was genuine, but the institution has withdrawn it for good. It is no longer valid.',
    },
    superseded: {
      title: 'Replaced by a newer one',
      text: 'It was genuine, but the institution has replaced it with a corrected one. Ask for that one.',
    },
    'status-unknown': {
      title: 'Could not be confirmed',
      text: 'Its signature fits, but whether it is still valid could not be found out. Try again later.',
    },
  } satisfies Record<Outcome, Verdict>,
  checks: 'The checks',
  checksHint: 'In this order; the first one that does not pass ends the verification.',
  checkNames: {
    shape: 'It is complete and can be read',
    algorithm: 'It uses a signature that is allowed',
    'issuer-key': 'The key belongs to an issuer trusted here',
    'certificate-status': 'The issuer’s certificate has not been revoked',
    signature: 'The signature fits: nothing was changed',
    'time-stamp': 'The time of its seal is attested',
    type: 'It is a credential of learning',
    times: 'Today lies within its validity',
    'issuer-entitled': 'The issuer may issue this kind',
    disclosures: 'Every shown detail belongs to it',
    holder: 'Whoever shows it is its holder',
    status: 'It has not been suspended or revoked',
  } satisfies Record<CheckName, string>,
  states: {
    passed: 'Passed',
    failed: 'Failed',
    'not-run': 'Not checked',
    unknown: 'Not found out',
  } satisfies Record<CheckState, string>,
  help: {
    pdf_use_its_link:
      'A printed certificate proves nothing by itself, and neither does its file. Open the link that is printed on it, or scan its code: the verdict is shown there.',
    no_badge_in_picture:
      'This picture carries no badge. Some programs remove it when they save, send or shrink a picture; ask for the original file.',
    time_stamp_wrong: 'The time stamp on the seal does not belong to it.',
    certificate_revoked:
      'The authority that certified the issuer has revoked its certificate. Ask the issuer for a credential under the new one.',
  } as Record<string, string>,
  holder: 'Holder not proven',
  holderText:
    'This shows that the credential is genuine, not that the person who gave it to you is the one it names. Compare the name with the person, or ask them to present it from their wallet.',
  facts: 'What it says',
  fact: {
    title: 'Achievement',
    holder: 'Awarded to',
    holderHidden: 'not shown',
    issuer: 'Awarded by',
    register: 'a foreign issuer on the trust list of this academy',
    issuedOn: 'Awarded on',
    expiresOn: 'Valid until',
    grade: 'Result',
    skills: 'Skills',
    outcomes: 'Can do',
    eqfLevel: 'EQF level',
    ects: 'ECTS credits',
    studyTime: 'Workload',
    language: 'Language of the course',
    quality: 'Quality assurance',
    stackability: 'Counts towards',
    description: 'About the module',
    seal: 'Seal',
  },
  hidden: 'Its holder chose not to show every detail. What is shown is unaffected.',
  level: (level: string, name: string) => `level ${level} of 4, ${name}`,
  levels: { 1: 'basic', 2: 'intermediate', 3: 'advanced', 4: 'highly advanced' },
  evidence: 'Practical evidence',
  local: 'Local environment',
  localText:
    'This practical ran on a local machine beside the academy, not on an AI Factory. It shows the skill, not the use of a supercomputer.',
  site: 'AI Factory',
  practical: 'Practical',
  place: 'Run at',
  hardware: 'Hardware',
  cores: 'cores',
  assurance: 'Assurance',
  assurances: {
    'unsupervised-run': 'run without supervision, measured by a grader',
    'graded-separately': 'graded in a separate run',
    supervised: 'run under supervision',
  } as Record<string, string>,
  finishedOn: 'Finished on',
  runDigest: 'Digest of the run',
  measured: 'What was measured',
  metric: 'Measure',
  value: 'Measured',
  threshold: 'Needed to pass',
  checkedAt: (moment: string) => `Checked on ${moment} (UTC).`,
  sharedUntil: (day: string) =>
    `The learner shared this with you. The link shows it until ${day}, checked anew each time you open it.`,
}

export const verificationWords = inBoth(english, {
  title: 'Vérifier une attestation',
  lead: 'Collez le texte d’une attestation ou déposez son fichier. Vous obtenez un verdict clair et voyez chaque contrôle effectué. C’est gratuit, sans compte, et rien de ce que vous saisissez n’est conservé.',
  paste: 'Texte de l’attestation',
  pasteHint: 'Il commence par « eyJ » ou par une accolade. Les retours à la ligne ne gênent pas.',
  file: 'Ou son fichier',
  fileHint:
    'Ce que vous avez reçu : un fichier texte, un justificatif numérique européen ou l’image d’un badge. 8 Mo au plus.',
  submit: 'Vérifier',
  again: 'Vérifier une autre attestation',
  ofVersion: (version: string) => `selon la version ${version} de l’ontologie`,
  nowCalled: 'aujourd’hui',
  replacedBy: 'remplacée depuis par',
  missing: 'Collez d’abord une attestation ou choisissez un fichier.',
  shared: 'On vous a plutôt envoyé un lien ? Ouvrez-le : le verdict s’y trouve.',
  about: 'Que contrôle-t-on ?',
  aboutText:
    'Qui l’a signée et si cet émetteur en a le droit ; que rien n’a été modifié depuis ; qu’elle n’a pas expiré ; et que l’établissement ne l’a ni suspendue ni retirée. Les attestations des établissements de cette académie sont contrôlées dans leurs propres registres, à l’instant même.',
  outcomes: {
    valid: {
      title: 'Authentique et valable',
      text: 'L’établissement l’a délivrée, rien n’a été modifié depuis, et elle est valable aujourd’hui.',
    },
    unreadable: {
      title: 'Illisible',
      text: 'Ce n’est pas une attestation complète. Elle a pu être coupée ou modifiée en route ; demandez le texte entier, le fichier ou un lien.',
    },
    forged: {
      title: 'Pas authentique',
      text: 'Elle se réclame d’un émetteur qui ne l’a pas signée. Ne vous y fiez pas.',
    },
    'foreign-issuer': {
      title: 'Émetteur inconnu ici',
      text: 'Elle nomme un émetteur que cette académie n’a pas de raison de croire. Rien de ce qu’elle dit n’a été confirmé.',
    },
    tampered: {
      title: 'Modifiée après signature',
      text: 'La signature ne correspond pas au contenu : quelque chose a été altéré. Ne vous y fiez pas.',
    },
    'key-revoked': {
      title: 'Signée avec une clé retirée',
      text: 'L’établissement a retiré la clé qui a signé cette attestation ; on ne peut plus dire qui l’a signée. Demandez à la personne titulaire une nouvelle copie.',
    },
    'wrong-type': {
      title: 'Pas une attestation de formation',
      text: 'Elle est signée par un émetteur connu, mais c’est autre chose qu’une attestation vérifiable ici.',
    },
    'not-yet-valid': {
      title: 'Pas encore valable',
      text: 'L’émetteur l’a signée, mais pour une date ultérieure.',
    },
    expired: {
      title: 'Authentique, mais expirée',
      text: 'L’émetteur l’a signée pour une durée limitée, et cette durée est écoulée.',
    },
    'not-entitled': {
      title: 'Délivrée sans en avoir le droit',
      text: 'L’émetteur est connu, mais n’est pas habilité à délivrer ce genre d’attestation.',
    },
    'holder-mismatch': {
      title: 'Présentée par quelqu’un d’autre',
      text: 'La personne qui la présente n’a pas pu prouver qu’elle en est titulaire.',
    },
    suspended: {
      title: 'Suspendue',
      text: 'Elle est authentique, mais l’établissement l’a mise en attente. Elle n’est pas valable pour le moment et pourra le redevenir.',
    },
    revoked: {
      title: 'Révoquée',
      text: 'Elle était authentique, mais l’établissement l’a retirée définitivement. Elle n’est plus valable.',
    },
    superseded: {
      title: 'Remplacée par une plus récente',
      text: 'Elle était authentique, mais l’établissement l’a remplacée par une version corrigée. Demandez celle-ci.',
    },
    'status-unknown': {
      title: 'Non confirmée',
      text: 'La signature correspond, mais impossible de savoir si elle est toujours valable. Réessayez plus tard.',
    },
  },
  checks: 'Les contrôles',
  checksHint: 'Dans cet ordre ; le premier qui échoue met fin à la vérification.',
  checkNames: {
    shape: 'Elle est complète et lisible',
    algorithm: 'Elle emploie une signature admise',
    'issuer-key': 'La clé est celle d’un émetteur reconnu ici',
    'certificate-status': 'Le certificat de l’émetteur n’est pas révoqué',
    signature: 'La signature correspond : rien n’a été modifié',
    'time-stamp': 'L’heure de son cachet est attestée',
    type: 'C’est une attestation de formation',
    times: 'Elle est dans sa période de validité',
    'issuer-entitled': 'L’émetteur peut délivrer ce genre d’attestation',
    disclosures: 'Chaque détail montré lui appartient',
    holder: 'La personne qui la présente en est titulaire',
    status: 'Elle n’est ni suspendue ni révoquée',
  },
  states: { passed: 'Réussi', failed: 'Échoué', 'not-run': 'Non contrôlé', unknown: 'Non établi' },
  help: {
    pdf_use_its_link:
      'Un certificat imprimé ne prouve rien par lui-même, son fichier non plus. Ouvrez le lien qui y figure ou scannez son code : le verdict s’y trouve.',
    no_badge_in_picture:
      'Cette image ne contient pas de badge. Certains programmes l’enlèvent en enregistrant, envoyant ou réduisant une image ; demandez le fichier d’origine.',
    time_stamp_wrong: 'L’horodatage du cachet ne lui appartient pas.',
    certificate_revoked:
      'L’autorité qui a certifié l’émetteur a révoqué son certificat. Demandez à l’émetteur une attestation sous le nouveau.',
  },
  holder: 'Titulaire non prouvé',
  holderText:
    'Cela montre que l’attestation est authentique, pas que la personne qui vous la remet est celle qu’elle nomme. Comparez le nom avec la personne, ou demandez-lui de la présenter depuis son portefeuille.',
  facts: 'Ce qu’elle dit',
  fact: {
    title: 'Acquis',
    holder: 'Délivrée à',
    holderHidden: 'non montré',
    issuer: 'Délivrée par',
    register: 'un émetteur étranger inscrit sur la liste de confiance de cette académie',
    issuedOn: 'Délivrée le',
    expiresOn: 'Valable jusqu’au',
    grade: 'Résultat',
    skills: 'Compétences',
    outcomes: 'Sait faire',
    eqfLevel: 'Niveau CEC',
    ects: 'Crédits ECTS',
    studyTime: 'Charge de travail',
    language: 'Langue du cours',
    quality: 'Assurance qualité',
    stackability: 'Compte pour',
    description: 'À propos du module',
    seal: 'Sceau',
  },
  hidden: 'La personne titulaire a choisi de ne pas tout montrer. Ce qui est montré n’en est pas affecté.',
  level: (level, name) => `niveau ${level} sur 4, ${name}`,
  levels: { 1: 'élémentaire', 2: 'intermédiaire', 3: 'avancé', 4: 'très avancé' },
  evidence: 'Preuve pratique',
  local: 'Environnement local',
  localText:
    'Ces travaux pratiques ont été exécutés sur une machine locale, à côté de l’académie, et non sur une AI Factory. Ils montrent la compétence, pas l’usage d’un supercalculateur.',
  site: 'AI Factory',
  practical: 'Travaux pratiques',
  place: 'Exécutés sur',
  hardware: 'Matériel',
  cores: 'cœurs',
  assurance: 'Garantie',
  assurances: {
    'unsupervised-run': 'exécution sans surveillance, mesurée par un correcteur',
    'graded-separately': 'corrigés lors d’une exécution séparée',
    supervised: 'exécution sous surveillance',
  },
  finishedOn: 'Terminés le',
  runDigest: 'Empreinte de l’exécution',
  measured: 'Ce qui a été mesuré',
  metric: 'Mesure',
  value: 'Mesuré',
  threshold: 'Requis pour réussir',
  checkedAt: (moment) => `Contrôlée le ${moment} (UTC).`,
  sharedUntil: (day) =>
    `La personne titulaire a partagé ceci avec vous. Le lien l’affiche jusqu’au ${day} et la contrôle à chaque ouverture.`,
})
