import type { PathCost } from '#core/paths/path-cost.ts'
import { inBoth } from './i18n/words.ts'

const costs: Record<PathCost, string> = {
  hours: 'hours of work',
  gpuHours: 'GPU-hours',
  ects: 'ECTS credits',
}

/** The French “de”, elided before heures. */
const of = (cost: string) => (cost.startsWith('h') ? `d’${cost}` : `de ${cost}`)

/** Words of the page of the learning path. */
export const pathWords = inBoth(
  {
    title: 'Learning path',
    lead: 'The shortest way from what you hold to what a role asks for: modules in an order you can really take.',
    leadLearner: 'The shortest way from the skills you hold, by your awards and by recognition, to a role.',
    role: 'Role',
    sector: 'Sector',
    skills: 'Skills',
    minimise: 'As few as possible',
    choose: 'Choose a role',
    noSector: 'No sector in particular',
    essential: 'The essential ones',
    all: 'The optional ones too',
    show: 'Show the path',
    costs,
    hold: 'What do you hold already?',
    holdHint: 'Tick what you can do at the level named, then show the path again. Nothing is kept.',
    holdSome: (level: number) => `you hold level ${level}`,
    present: 'Or present a credential',
    presentHint:
      'Paste its text. It is checked like any other, its skills are ticked above, and it is not kept. It begins with “eyJ”.',
    credential: 'Text of the credential',
    presentButton: 'Take its skills',
    presented: (n: number) =>
      n === 1 ? 'One skill was taken from the credential.' : `${n} skills were taken from the credential.`,
    presentedOthers: (n: number) =>
      n === 1
        ? 'One that it names is of another vocabulary and does not count here.'
        : `${n} that it names are of other vocabularies and do not count here.`,
    notAccepted: 'Its skills cannot count',
    missing: 'Paste a credential first.',
    nothingToTake: 'No module is left to take for this role.',
    sum: (modules: number) =>
      modules === 1 ? 'One module.' : `${modules} modules, in an order in which each can really be taken.`,
    totalHours: 'Work',
    totalEcts: 'Credits',
    totalGpu: 'Accelerators',
    hoursValue: (n: string) => `${n} hours`,
    ectsValue: (n: string) => `${n} ECTS`,
    gpuValue: (n: string) => `at most ${n} GPU-hours, in practicals`,
    bound: 'Lower bound',
    boundValue: (n: string, cost: string) => `no path takes under ${n} ${cost}`,
    optimal: (cost: string) => `Proved: no other choice of modules takes fewer ${cost}.`,
    notOptimal: (cost: string) =>
      `There may be a path of fewer ${cost}; this one was found without trying them all.`,
    caption: 'Modules in order',
    module: 'Module',
    hours: 'Hours',
    ects: 'ECTS',
    gpu: 'GPU-hours',
    gains: (n: number) => (n === 1 ? 'One skill is new' : `${n} skills are new`),
    atLevel: (skill: string, level: number) => `${skill} (level ${level})`,
    met: 'You hold already',
    untaught: 'Taught by no module',
    taughtTo: (skill: string, level: number) => `${skill}: modules lead to level ${level}`,
  },
  {
    title: 'Parcours',
    lead: 'Le chemin le plus court entre ce que vous possédez et ce que demande un métier\u00a0: des modules dans un ordre où ils peuvent vraiment être suivis.',
    leadLearner:
      'Le chemin le plus court entre les compétences que vous possédez, par vos attestations ou par reconnaissance, et un métier.',
    role: 'Métier',
    sector: 'Secteur',
    skills: 'Compétences',
    minimise: 'Réduire au minimum',
    choose: 'Choisissez un métier',
    noSector: 'Aucun secteur en particulier',
    essential: 'Les essentielles',
    all: 'Les facultatives aussi',
    show: 'Afficher le parcours',
    costs: { hours: 'heures de travail', gpuHours: 'heures GPU', ects: 'crédits ECTS' },
    hold: 'Que possédez-vous déjà\u00a0?',
    holdHint:
      'Cochez ce que vous savez faire au niveau indiqué, puis affichez de nouveau le parcours. Rien n’est conservé.',
    holdSome: (level: number) => `vous possédez le niveau ${level}`,
    present: 'Ou présentez une attestation',
    presentHint:
      'Collez son texte. Elle est vérifiée comme toute autre, ses compétences sont cochées ci-dessus, et elle n’est pas conservée. Elle commence par «\u00a0eyJ\u00a0».',
    credential: 'Texte de l’attestation',
    presentButton: 'Reprendre ses compétences',
    presented: (n: number) =>
      n <= 1
        ? `${n} compétence a été reprise de l’attestation.`
        : `${n} compétences ont été reprises de l’attestation.`,
    presentedOthers: (n: number) =>
      n === 1
        ? 'Une autre, d’un autre vocabulaire, ne compte pas ici.'
        : `${n} autres, d’autres vocabulaires, ne comptent pas ici.`,
    notAccepted: 'Ses compétences ne peuvent pas compter',
    missing: 'Collez d’abord une attestation.',
    nothingToTake: 'Il ne reste aucun module à suivre pour ce métier.',
    sum: (modules: number) =>
      modules === 1 ? 'Un module.' : `${modules} modules, dans un ordre où chacun peut vraiment être suivi.`,
    totalHours: 'Travail',
    totalEcts: 'Crédits',
    totalGpu: 'Accélérateurs',
    hoursValue: (n: string) => `${n} heures`,
    ectsValue: (n: string) => `${n} ECTS`,
    gpuValue: (n: string) => `au plus ${n} heures GPU, en travaux pratiques`,
    bound: 'Borne inférieure',
    boundValue: (n: string, cost: string) => `aucun parcours à moins de ${n} ${cost}`,
    optimal: (cost: string) => `Prouvé\u00a0: aucun autre choix de modules ne demande moins ${of(cost)}.`,
    notOptimal: (cost: string) =>
      `Un parcours de moins ${of(cost)} existe peut-être\u00a0; celui-ci a été trouvé sans les essayer tous.`,
    caption: 'Modules dans l’ordre',
    module: 'Module',
    hours: 'Heures',
    ects: 'ECTS',
    gpu: 'Heures GPU',
    gains: (n: number) => (n === 1 ? 'Une compétence nouvelle' : `${n} compétences nouvelles`),
    atLevel: (skill: string, level: number) => `${skill} (niveau ${level})`,
    met: 'Vous possédez déjà',
    untaught: 'Enseigné par aucun module',
    taughtTo: (skill: string, level: number) => `${skill}\u00a0: les modules mènent au niveau ${level}`,
  },
)
