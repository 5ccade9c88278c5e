import type { Person } from '#core/learners/learner.ts'

const givenNames =
  'Alba Bram Ciara Darius Elin Fabien Greta Hugo Ilse Jakub Klara Luca Maeve Nils Oriane Pavel'
const familyNames =
  'Aldering Brunel Castor Dumont Ekholm Falk Gerlach Hoven Ivarsen Jansky Kovar Lindgren Moreau Novik Ostrow Perrin Quist'

/** An invented person, the same for the same number; the mail address cannot exist (RFC 2606). */
export function inventedPerson(number: number, cohort: string, institution: string): Person {
  const given = givenNames.split(' ')
  const family = familyNames.split(' ')
  return {
    givenName: given[number % given.length] ?? 'Alba',
    familyName: family[number % family.length] ?? 'Aldering',
    email: `person-${number}@${cohort}.${institution}.example`,
  }
}

/** Where the invented people live: mostly in three countries, in more than one region of each. */
const homes = [
  { nuts1: 'LU0' },
  { nuts1: 'FRF' },
  { nuts1: 'DEC' },
  { nuts1: 'FR1' },
  { nuts1: 'LU0' },
  { nuts1: 'DEA' },
  { nuts1: 'FRF' },
  { country: 'PL' },
  { nuts1: 'LU0' },
  { nuts1: 'FR1' },
  { nuts1: 'DEC' },
  // One in twelve would rather not say.
  {},
] as const

/** The same home for the same number. */
export function inventedHome(number: number): { country?: string; nuts1?: string } {
  return homes[number % homes.length] ?? {}
}
