/** Names in scripts of every kind, and what a page does with them. */
export const names: readonly (readonly [what: string, givenName: string, familyName: string])[] = [
  ['Latin with accents', 'Žofia', 'Łęcka-Ðorđević'],
  ['Greek', 'Ελένη', 'Παπαδοπούλου'],
  ['Cyrillic', 'Иван', 'Петров'],
  ['Arabic, from right to left', 'مريم', 'حسن'],
  ['Hebrew, from right to left', 'נועה', 'לוי'],
  ['Armenian', 'Անահիտ', 'Սարգսյան'],
  ['Georgian', 'ნინო', 'ბერიძე'],
  ['Chinese', '王', '小明'],
  ['Japanese', 'さくら', '高橋'],
  ['Korean', '김', '지우'],
  ['combining accents', 'Z\u030cofia', 'U\u0308\u0304 Nguye\u0302\u0303n'],
  ['very long', 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3), 'von und zu '.repeat(12)],
]

/** What no font here has: a family of emoji, cuneiform. */
export const undrawable = ['👩🏽‍💻', '𒀀𒁀'] as const
