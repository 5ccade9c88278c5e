import type { Person } from '#core/learners/learner.ts'

const givenNames =
  'Alba Bram Ciara Darius Elin Fabien Greta Hugo Ilse Jakub Klara Luca Maeve Nils Oriane Pavel'
const familyNames =
  'Aldering Brunel Castor Dumont Ekholm Falk Gerlach Hoven Ivarsen Jansky Kovar Lindgren Moreau Novik Ostrow Perrin Quist'

/** An invented person, the same for the same number; the mail address cannot exist (RFC 2606). */
export function inventedPerson(number: number, institution: string): Person {
  const given = givenNames.split(' ')
  const family = familyNames.split(' ')
  return {
    givenName: given[number % given.length] ?? 'Alba',
    familyName: family[number % family.length] ?? 'Aldering',
    email: `person-${number}@${institution}.example`,
  }
}
