import type { CredentialOffer, OfferLogWhat } from '#core/credentials/offer.ts'
import { inBoth } from './words.ts'

type Ended = Exclude<CredentialOffer['state'], 'presented' | 'redeemed'> | 'expired' | 'award-not-valid'

const english = {
  title: 'Collect your credential',
  from: (institution: string) => `Offered by ${institution}.`,
  scan: 'Scan this with your wallet',
  qr: 'QR code of the credential offer',
  open: 'Open in the wallet on this device',
  openHint: 'Reading this on the phone that holds your wallet? Use this button instead of the QR code.',
  eudi: 'Open in an EUDI Wallet',
  until: (time: string) => `This code works until ${time} (UTC). Reload the page for a new one.`,
  days: (day: string) => `You can come back to this page until ${day}.`,
  txCode: (digits: number) =>
    `Your wallet will ask for a code of ${digits} digits. We sent it to you by e-mail; nobody else needs to know it.`,
  txCodeGiven: (digits: number) => `Your wallet will ask for the code of ${digits} digits you were given.`,
  outbox: 'On this trial server, mail lands in the outbox.',
  noTxCode:
    'You are signed in, so your wallet will ask for no code. Show this page to nobody else while it is open.',
  refused: 'Your wallet was refused last time',
  collecting: 'Your wallet is collecting',
  collectingText: (time: string) =>
    `It has taken the offer and is being served. If nothing arrives, reload this page after ${time} (UTC).`,
  reload: 'Reload',
  details: 'The offer as text',
  detailsHint: 'For wallets that take a pasted link.',
  log: 'What happened so far',
  me: 'Open my page',
  ended: {
    open: { title: 'Not open', text: 'This offer cannot be used.' },
    issued: {
      title: 'Collected already',
      text: 'The credential of this offer is in a wallet. For another wallet, ask for a new offer on your page.',
    },
    locked: {
      title: 'Locked',
      text: 'The code was entered wrongly too often. Ask for a new offer on your page or at your institution.',
    },
    withdrawn: { title: 'Withdrawn', text: 'This offer was withdrawn. Your institution can tell you why.' },
    expired: { title: 'Expired', text: 'This offer has ended. Ask for a new one on your page.' },
    'award-not-valid': {
      title: 'Not available',
      text: 'The award behind this offer is not valid at present, so nothing is issued. Your institution can tell you why.',
    },
  } satisfies Record<Ended, { title: string; text: string }>,
  what: {
    opened: 'offer made',
    mailed: 'mail sent to the learner',
    'mail-refused': 'the mail server refused the learner’s address',
    presented: 'this page was opened, a code was made',
    'token-issued': 'a wallet presented the code',
    'token-refused': 'a wallet was refused at the code',
    'tokens-revoked': 'a code came back that was used before: access ended',
    'credential-issued': 'credential handed over',
    'credential-refused': 'a wallet was refused the credential',
    'credential-accepted': 'the wallet keeps the credential',
    'credential-failure': 'the wallet could not keep the credential',
    'credential-deleted': 'the wallet deleted the credential',
    withdrawn: 'offer withdrawn',
    locked: 'offer locked',
  } satisfies Record<OfferLogWhat, string>,
  /** By error code: why, and what to do. Codes without an entry show the wallet's own reason. */
  why: {
    invalid_grant:
      'The code was wrong, used before or too old. Reload this page and scan again; check the digits you enter.',
    invalid_request: 'The wallet asked in a way that is not understood. It may be out of date.',
    invalid_proof:
      'The wallet could not prove that it holds its key. Check the clock of the device and try again.',
    invalid_nonce: 'The wallet took too long between two steps. Try again.',
    invalid_token: 'The access of the wallet had ended. Reload this page and start again.',
    unknown_credential_configuration: 'The wallet asked for another format than was offered.',
    credential_request_denied: 'The award does not allow issuing at present. Ask your institution.',
  } as Record<string, string>,
}

export const claimWords = inBoth(english, {
  title: 'Recevoir votre attestation',
  from: (institution) => `Proposée par ${institution}.`,
  scan: 'Scannez ceci avec votre portefeuille',
  qr: 'Code QR de l’offre',
  open: 'Ouvrir dans le portefeuille de cet appareil',
  openHint:
    'Vous lisez ceci sur le téléphone qui contient votre portefeuille ? Utilisez ce bouton au lieu du code QR.',
  eudi: 'Ouvrir dans un portefeuille EUDI',
  until: (time) => `Ce code fonctionne jusqu’à ${time} (UTC). Rechargez la page pour en obtenir un autre.`,
  days: (day) => `Vous pouvez revenir sur cette page jusqu’au ${day}.`,
  txCode: (digits) =>
    `Votre portefeuille demandera un code à ${digits} chiffres. Nous vous l’avons envoyé par courriel ; vous seul devez le connaître.`,
  txCodeGiven: (digits) => `Votre portefeuille demandera le code à ${digits} chiffres qui vous a été remis.`,
  outbox: 'Sur ce serveur d’essai, les courriels arrivent dans la boîte d’envoi.',
  noTxCode:
    'Vous êtes connecté : votre portefeuille ne demandera pas de code. Ne montrez cette page à personne tant qu’elle est ouverte.',
  refused: 'Votre portefeuille a été refusé la dernière fois',
  collecting: 'Votre portefeuille reçoit l’attestation',
  collectingText: (time) =>
    `Il a pris l’offre et est en train d’être servi. Si rien n’arrive, rechargez cette page après ${time} (UTC).`,
  reload: 'Recharger',
  details: 'L’offre en texte',
  detailsHint: 'Pour les portefeuilles qui acceptent un lien collé.',
  log: 'Ce qui s’est passé jusqu’ici',
  me: 'Ouvrir ma page',
  ended: {
    open: { title: 'Fermée', text: 'Cette offre ne peut pas être utilisée.' },
    issued: {
      title: 'Déjà reçue',
      text: 'L’attestation de cette offre se trouve dans un portefeuille. Pour un autre portefeuille, demandez une nouvelle offre sur votre page.',
    },
    locked: {
      title: 'Bloquée',
      text: 'Le code a été mal saisi trop souvent. Demandez une nouvelle offre sur votre page ou à votre établissement.',
    },
    withdrawn: {
      title: 'Retirée',
      text: 'Cette offre a été retirée. Votre établissement peut vous dire pourquoi.',
    },
    expired: { title: 'Expirée', text: 'Cette offre a pris fin. Demandez-en une nouvelle sur votre page.' },
    'award-not-valid': {
      title: 'Indisponible',
      text: 'Le titre derrière cette offre n’est pas valable pour le moment : rien n’est délivré. Votre établissement peut vous dire pourquoi.',
    },
  },
  what: {
    opened: 'offre créée',
    mailed: 'courriel envoyé à l’apprenant',
    'mail-refused': 'le serveur de courriel a refusé l’adresse de l’apprenant',
    presented: 'cette page a été ouverte, un code a été créé',
    'token-issued': 'un portefeuille a présenté le code',
    'token-refused': 'un portefeuille a été refusé au code',
    'tokens-revoked': 'un code déjà utilisé est revenu : accès terminé',
    'credential-issued': 'attestation remise',
    'credential-refused': 'l’attestation a été refusée à un portefeuille',
    'credential-accepted': 'le portefeuille garde l’attestation',
    'credential-failure': 'le portefeuille n’a pas pu garder l’attestation',
    'credential-deleted': 'le portefeuille a supprimé l’attestation',
    withdrawn: 'offre retirée',
    locked: 'offre bloquée',
  },
  why: {
    invalid_grant:
      'Le code était faux, déjà utilisé ou trop ancien. Rechargez cette page et scannez à nouveau ; vérifiez les chiffres saisis.',
    invalid_request: 'La demande du portefeuille n’est pas comprise. Il n’est peut-être pas à jour.',
    invalid_proof:
      'Le portefeuille n’a pas pu prouver qu’il détient sa clé. Vérifiez l’heure de l’appareil et réessayez.',
    invalid_nonce: 'Le portefeuille a mis trop de temps entre deux étapes. Réessayez.',
    invalid_token: 'L’accès du portefeuille avait pris fin. Rechargez cette page et recommencez.',
    unknown_credential_configuration: 'Le portefeuille a demandé un autre format que celui proposé.',
    credential_request_denied:
      'Le titre ne permet pas la délivrance pour le moment. Demandez à votre établissement.',
  },
})
