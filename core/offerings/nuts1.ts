/**
 * Regions at NUTS level 1 (Commission Delegated Regulation (EU) 2023/674, NUTS 2024, and Eurostat's statistical
 * regions of EFTA and candidate countries): country as ISO 3166-1 → code → name in the country's own language.
 */
const regions: Record<string, Record<string, string>> = {
  AL: { AL0: 'Shqipëria' },
  AT: { AT1: 'Ostösterreich', AT2: 'Südösterreich', AT3: 'Westösterreich' },
  BE: { BE1: 'Bruxelles / Brussel', BE2: 'Vlaams Gewest', BE3: 'Région wallonne' },
  BG: { BG3: 'Северна и Югоизточна България', BG4: 'Югозападна и Южна централна България' },
  CH: { CH0: 'Schweiz / Suisse / Svizzera' },
  CY: { CY0: 'Κύπρος' },
  CZ: { CZ0: 'Česko' },
  DE: {
    DE1: 'Baden-Württemberg',
    DE2: 'Bayern',
    DE3: 'Berlin',
    DE4: 'Brandenburg',
    DE5: 'Bremen',
    DE6: 'Hamburg',
    DE7: 'Hessen',
    DE8: 'Mecklenburg-Vorpommern',
    DE9: 'Niedersachsen',
    DEA: 'Nordrhein-Westfalen',
    DEB: 'Rheinland-Pfalz',
    DEC: 'Saarland',
    DED: 'Sachsen',
    DEE: 'Sachsen-Anhalt',
    DEF: 'Schleswig-Holstein',
    DEG: 'Thüringen',
  },
  DK: { DK0: 'Danmark' },
  EE: { EE0: 'Eesti' },
  ES: {
    ES1: 'Noroeste',
    ES2: 'Noreste',
    ES3: 'Comunidad de Madrid',
    ES4: 'Centro',
    ES5: 'Este',
    ES6: 'Sur',
    ES7: 'Canarias',
  },
  FI: { FI1: 'Manner-Suomi', FI2: 'Åland' },
  FR: {
    FR1: 'Île-de-France',
    FRB: 'Centre-Val de Loire',
    FRC: 'Bourgogne-Franche-Comté',
    FRD: 'Normandie',
    FRE: 'Hauts-de-France',
    FRF: 'Grand Est',
    FRG: 'Pays de la Loire',
    FRH: 'Bretagne',
    FRI: 'Nouvelle-Aquitaine',
    FRJ: 'Occitanie',
    FRK: 'Auvergne-Rhône-Alpes',
    FRL: 'Provence-Alpes-Côte d’Azur',
    FRM: 'Corse',
    FRY: 'Régions ultrapériphériques françaises',
  },
  GR: { EL3: 'Αττική', EL4: 'Νησιά Αιγαίου, Κρήτη', EL5: 'Βόρεια Ελλάδα', EL6: 'Κεντρική Ελλάδα' },
  HR: { HR0: 'Hrvatska' },
  HU: { HU1: 'Közép-Magyarország', HU2: 'Dunántúl', HU3: 'Alföld és Észak' },
  IE: { IE0: 'Ireland' },
  IS: { IS0: 'Ísland' },
  IT: { ITC: 'Nord-Ovest', ITF: 'Sud', ITG: 'Isole', ITH: 'Nord-Est', ITI: 'Centro' },
  LI: { LI0: 'Liechtenstein' },
  LT: { LT0: 'Lietuva' },
  LU: { LU0: 'Luxembourg' },
  LV: { LV0: 'Latvija' },
  ME: { ME0: 'Crna Gora' },
  MK: { MK0: 'Северна Македонија' },
  MT: { MT0: 'Malta' },
  NL: { NL1: 'Noord-Nederland', NL2: 'Oost-Nederland', NL3: 'West-Nederland', NL4: 'Zuid-Nederland' },
  NO: { NO0: 'Norge' },
  PL: {
    PL2: 'Makroregion południowy',
    PL4: 'Makroregion północno-zachodni',
    PL5: 'Makroregion południowo-zachodni',
    PL6: 'Makroregion północny',
    PL7: 'Makroregion centralny',
    PL8: 'Makroregion wschodni',
    PL9: 'Makroregion województwo mazowieckie',
  },
  PT: { PT1: 'Continente', PT2: 'Região Autónoma dos Açores', PT3: 'Região Autónoma da Madeira' },
  RO: {
    RO1: 'Macroregiunea Unu',
    RO2: 'Macroregiunea Doi',
    RO3: 'Macroregiunea Trei',
    RO4: 'Macroregiunea Patru',
  },
  RS: { RS1: 'Србија – север', RS2: 'Србија – југ' },
  SE: { SE1: 'Östra Sverige', SE2: 'Södra Sverige', SE3: 'Norra Sverige' },
  SI: { SI0: 'Slovenija' },
  SK: { SK0: 'Slovensko' },
  TR: {
    TR1: 'İstanbul',
    TR2: 'Batı Marmara',
    TR3: 'Ege',
    TR4: 'Doğu Marmara',
    TR5: 'Batı Anadolu',
    TR6: 'Akdeniz',
    TR7: 'Orta Anadolu',
    TR8: 'Batı Karadeniz',
    TR9: 'Doğu Karadeniz',
    TRA: 'Kuzeydoğu Anadolu',
    TRB: 'Ortadoğu Anadolu',
    TRC: 'Güneydoğu Anadolu',
  },
}

/** Name and country of every region, by code. */
export const nuts1Regions: ReadonlyMap<string, { country: string; name: string }> = new Map(
  Object.entries(regions).flatMap(([country, codes]) =>
    Object.entries(codes).map(([code, name]) => [code, { country, name }] as const),
  ),
)

/** The Union, the other states of the European Economic Area, and those on their way or associated; ISO 3166-1. */
export const countries: readonly string[] =
  'AL AT BA BE BG CH CY CZ DE DK EE ES FI FR GB GE GR HR HU IE IS IT LI LT LU LV MD ME MK MT NL NO PL PT RO RS SE SI SK TR UA XK'.split(
    ' ',
  )

/** Eurostat's own letters for two countries, as ISO 3166-1 writes them. */
export function isoCountry(country: string): string {
  if (country === 'EL') return 'GR'
  return country === 'UK' ? 'GB' : country
}
