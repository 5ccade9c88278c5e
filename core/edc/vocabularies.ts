/**
 * The controlled vocabularies an academy's credential needs, with the values it may state. Membership is
 * checked by us: the official shapes only look at the name of the scheme, so a level 99 would pass there.
 */
interface Vocabulary {
  scheme: string
  /** A value's IRI is this and its code. */
  base: string
  /** Authority tables and ESCO carry their own name as notation. */
  notation?: string
  /** Code → English label; or the form every code has, where the list is too long to keep here. */
  values: Readonly<Record<string, string>> | RegExp
}

function european(list: string, values: Vocabulary['values']): Vocabulary {
  const base = `http://data.europa.eu/snb/${list}/`
  return { scheme: `${base}25831c2`, base, values }
}

function authorityTable(name: string, values: Vocabulary['values']): Vocabulary {
  const scheme = `http://publications.europa.eu/resource/authority/${name}`
  return { scheme, base: `${scheme}/`, notation: name, values }
}

export const vocabularies = {
  credentialProfile: european('credential', { e34929035b: 'Generic', '6cf8e68c43': 'Accredited' }),
  eqfLevel: european('eqf', {
    '1': 'Level 1',
    '2': 'Level 2',
    '3': 'Level 3',
    '4': 'Level 4',
    '5': 'Level 5',
    '6': 'Level 6',
    '7': 'Level 7',
    '8': 'Level 8',
  }),
  fieldOfStudy: european('isced-f', {
    '0111': 'Education science',
    '0114': 'Teacher training with subject specialisation',
    '0211': 'Audio-visual techniques and media production',
    '0232': 'Literature and linguistics',
    '0311': 'Economics',
    '0312': 'Political sciences and civics',
    '0321': 'Journalism and reporting',
    '0322': 'Library, information and archival studies',
    '0412': 'Finance, banking and insurance',
    '0413': 'Management and administration',
    '0414': 'Marketing and advertising',
    '0421': 'Law',
    '0521': 'Environmental sciences',
    '0533': 'Physics',
    '0541': 'Mathematics',
    '0542': 'Statistics',
    '061': 'Information and Communication Technologies (ICTs)',
    '0610': 'Information and Communication Technologies (ICTs) not further defined',
    '0611': 'Computer use',
    '0612': 'Database and network design and administration',
    '0613': 'Software and applications development and analysis',
    '0619': 'Information and Communication Technologies (ICTs) not elsewhere classified',
    '068':
      'Inter-disciplinary programmes and qualifications involving Information and Communication Technologies (ICTs)',
    '0688':
      'Inter-disciplinary programmes and qualifications involving Information and Communication Technologies (ICTs)',
    '0713': 'Electricity and energy',
    '0714': 'Electronics and automation',
    '0788':
      'Inter-disciplinary programmes and qualifications involving engineering, manufacturing and construction',
    '0912': 'Medicine',
    '0988': 'Inter-disciplinary programmes and qualifications involving health and welfare',
  }),
  creditFramework: european('education-credit', {
    '6fcec5c5af': 'European Credit Transfer System',
    '60b314e826': 'European Credit system for Vocational Education and Training',
  }),
  learningOpportunity: european('learning-opportunity', {
    '0f7dac46ca': 'Programme module',
    '74a4a268e8': 'Short learning programme',
    '05053c1cbe': 'Course',
  }),
  mode: european('learning-assessment', {
    '920fbb3cbe': 'Online',
    e92d221e4d: 'Blended',
    '9191af2ed9': 'Presential',
    '729f3bed4b': 'Workbased',
    '7813801c77': 'Project based',
    ed4c557045: 'Research-Lab based',
  }),
  assessmentType: european('assessment', {
    '6a4db9f11d': 'practical assessment',
    '795dac4096': 'project work',
    b1b68f6735: 'quiz',
    '6e6cb2cc78': 'written examination',
    d30284d7df: 'oral examination',
    de4d165a6c: 'artefact assessment',
    '2939dae15f': 'marked assignment',
    '3484bd7e51': 'continuous evaluation',
    '4f03b91c0e': 'portfolio',
    '19a2e5e671': 'peer assessment',
  }),
  activityType: european('learning-activity', {
    '3c8bd58d62': 'lab / simulation / practice coursework',
    bf2e3a7bae: 'e-learning coursework',
    efff75e10a: 'workshop, seminar or conference',
    ff436ea7c9: 'classroom coursework',
    b660f5dcea: 'self-motivated study',
  }),
  supervision: european('supervision-verification', {
    c598449d64: 'Unsupervised without ID Verification',
    '70be69aaf9': 'Supervised with ID Verification',
  }),
  learningSetting: european('learning-setting', {
    '6fd4685715': 'formal learning',
    e207a81fc7: 'non-formal learning',
  }),
  outcomeType: european('skill-type', { skill: 'skill', knowledge: 'knowledge' }),
  reusability: european('skill-reuse-level', {
    transversal: 'transversal skills and competences',
    'cross-sector': 'cross-sector skills and competences',
    'sector-specific': 'sector specific skills and competences',
    'occupation-specific': 'occupation specific skills and competences',
  }),
  evidenceType: european('evidence-type', {
    c_991b06c6: 'Accreditation',
    c_18016257: 'Mandate',
    c_c4f849d7: 'Conversion',
  }),
  encoding: european('encoding', { '6146cde7dd': 'base64' }),
  fileType: authorityTable('file-type', { PNG: 'PNG', JPEG: 'JPEG', PDF: 'PDF' }),
  language: authorityTable('language', {
    BUL: 'Bulgarian',
    CES: 'Czech',
    DAN: 'Danish',
    DEU: 'German',
    ELL: 'Greek',
    ENG: 'English',
    EST: 'Estonian',
    FIN: 'Finnish',
    FRA: 'French',
    GLE: 'Irish',
    HRV: 'Croatian',
    HUN: 'Hungarian',
    ITA: 'Italian',
    LAV: 'Latvian',
    LIT: 'Lithuanian',
    MLT: 'Maltese',
    NLD: 'Dutch',
    POL: 'Polish',
    POR: 'Portuguese',
    RON: 'Romanian',
    SLK: 'Slovak',
    SLV: 'Slovenian',
    SPA: 'Spanish',
    SWE: 'Swedish',
    UKR: 'Ukrainian',
  }),
  country: authorityTable('country', {
    AUT: 'Austria',
    BEL: 'Belgium',
    BGR: 'Bulgaria',
    CHE: 'Switzerland',
    CYP: 'Cyprus',
    CZE: 'Czechia',
    DEU: 'Germany',
    DNK: 'Denmark',
    ESP: 'Spain',
    EST: 'Estonia',
    FIN: 'Finland',
    FRA: 'France',
    GRC: 'Greece',
    HRV: 'Croatia',
    HUN: 'Hungary',
    IRL: 'Ireland',
    ISL: 'Iceland',
    ITA: 'Italy',
    LIE: 'Liechtenstein',
    LTU: 'Lithuania',
    LUX: 'Luxembourg',
    LVA: 'Latvia',
    MLT: 'Malta',
    NLD: 'Netherlands',
    NOR: 'Norway',
    POL: 'Poland',
    PRT: 'Portugal',
    ROU: 'Romania',
    SRB: 'Serbia',
    SVK: 'Slovakia',
    SVN: 'Slovenia',
    SWE: 'Sweden',
    TUR: 'Türkiye',
    UKR: 'Ukraine',
  }),
  escoSkill: {
    scheme: 'http://data.europa.eu/esco/concept-scheme/skills',
    base: 'http://data.europa.eu/esco/skill/',
    notation: 'Skill',
    // More than 13,000: the ontology's own check knows the ones it maps to.
    values: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  },
} satisfies Record<string, Vocabulary>
export type VocabularyName = keyof typeof vocabularies

/** English label of a value, `''` when it has none here, `undefined` when the vocabulary does not have it. */
export function labelIn(vocabulary: VocabularyName, code: string): string | undefined {
  const { values }: Vocabulary = vocabularies[vocabulary]
  if (values instanceof RegExp) return values.test(code) ? '' : undefined
  return Object.hasOwn(values, code) ? values[code] : undefined
}

/** Whether an IRI names a value of the vocabulary. */
export function isMember(vocabulary: VocabularyName, iri: string): boolean {
  const { base } = vocabularies[vocabulary]
  return iri.startsWith(base) && labelIn(vocabulary, iri.slice(base.length)) !== undefined
}

/** ISO 639-1 → code in the language table. */
export const languageCodes: Readonly<Record<string, string>> = {
  bg: 'BUL',
  cs: 'CES',
  da: 'DAN',
  de: 'DEU',
  el: 'ELL',
  en: 'ENG',
  es: 'SPA',
  et: 'EST',
  fi: 'FIN',
  fr: 'FRA',
  ga: 'GLE',
  hr: 'HRV',
  hu: 'HUN',
  it: 'ITA',
  lt: 'LIT',
  lv: 'LAV',
  mt: 'MLT',
  nl: 'NLD',
  pl: 'POL',
  pt: 'POR',
  ro: 'RON',
  sk: 'SLK',
  sl: 'SLV',
  sv: 'SWE',
  uk: 'UKR',
}

/** ISO 3166-1 alpha-2 (and the `EL` of Greek tax numbers) → code in the country table. */
export const countryCodes: Readonly<Record<string, string>> = {
  AT: 'AUT',
  BE: 'BEL',
  BG: 'BGR',
  CH: 'CHE',
  CY: 'CYP',
  CZ: 'CZE',
  DE: 'DEU',
  DK: 'DNK',
  EE: 'EST',
  EL: 'GRC',
  ES: 'ESP',
  FI: 'FIN',
  FR: 'FRA',
  GR: 'GRC',
  HR: 'HRV',
  HU: 'HUN',
  IE: 'IRL',
  IS: 'ISL',
  IT: 'ITA',
  LI: 'LIE',
  LT: 'LTU',
  LU: 'LUX',
  LV: 'LVA',
  MT: 'MLT',
  NL: 'NLD',
  NO: 'NOR',
  PL: 'POL',
  PT: 'PRT',
  RO: 'ROU',
  RS: 'SRB',
  SE: 'SWE',
  SI: 'SVN',
  SK: 'SVK',
  TR: 'TUR',
  UA: 'UKR',
}
