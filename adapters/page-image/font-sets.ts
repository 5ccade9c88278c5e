import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** Code points from (inclusive), to (inclusive). */
type Range = readonly [from: number, to: number]

/** One file of a family that serves some code points only. */
export interface FontPart {
  /** `latin`, `[12]`: its name in the package. */
  name: string
  ranges: readonly Range[]
  /** The file in a weight: 400 or 700. */
  file(weight: 400 | 700): string
}

const { resolve } = createRequire(import.meta.url)

/** `U+0400-045F,U+2116` as pairs of numbers. */
function rangesOf(css: string): Range[] {
  return css.split(',').map((range) => {
    const [from = '', to = from] = range.replace('U+', '').split('-')
    return [Number.parseInt(from, 16), Number.parseInt(to, 16)]
  })
}

/** The parts of a package of Fontsource, in the order of preference when `wanted` names some. */
function fontSet(pack: string, wanted?: readonly string[]): readonly FontPart[] {
  const variable = pack.startsWith('@fontsource-variable/')
  const family = pack.slice(pack.indexOf('/') + 1)
  const unicode = JSON.parse(readFileSync(resolve(`${pack}/unicode.json`), 'utf8')) as Record<string, string>
  const names = wanted ?? Object.keys(unicode)
  return names.map((name) => ({
    name,
    ranges: rangesOf(unicode[name] ?? ''),
    file: (weight: 400 | 700) => {
      const part = name.replace(/^\[|\]$/g, '')
      return resolve(`${pack}/files/${family}-${part}-${variable ? 'wght' : weight}-normal.woff2`)
    },
  }))
}

export function covers({ ranges }: Pick<FontPart, 'ranges'>, codePoint: number): boolean {
  return ranges.some(([from, to]) => codePoint >= from && codePoint <= to)
}

/** Latin, Greek and Cyrillic with their extensions: always at hand. */
export const baseSet = fontSet('@fontsource/noto-sans', [
  'latin',
  'latin-ext',
  'vietnamese',
  'greek',
  'greek-ext',
  'cyrillic',
  'cyrillic-ext',
])

/** Further scripts, read when a text needs them. Japanese before Chinese: names in kanji are drawn its way. */
const furtherPackages: readonly [pack: string, wanted?: readonly string[]][] = [
  ['@fontsource/noto-sans-arabic', ['arabic']],
  ['@fontsource/noto-sans-hebrew', ['hebrew']],
  ['@fontsource/noto-sans-armenian', ['armenian']],
  ['@fontsource/noto-sans-georgian', ['georgian']],
  ['@fontsource-variable/noto-sans-kr'],
  ['@fontsource-variable/noto-sans-jp'],
  ['@fontsource-variable/noto-sans-sc'],
]

let further: (readonly FontPart[])[] | undefined
export function furtherSets(): readonly (readonly FontPart[])[] {
  further ??= furtherPackages.map(([pack, wanted]) => fontSet(pack, wanted))
  return further
}

/** Characters that draw nothing: joiners, directions, variation selectors, white space. */
export function isInvisible(codePoint: number): boolean {
  return (
    codePoint <= 0x20 ||
    (codePoint >= 0x200b && codePoint <= 0x200f) ||
    (codePoint >= 0x2028 && codePoint <= 0x202e) ||
    (codePoint >= 0x2060 && codePoint <= 0x206f) ||
    (codePoint >= 0xfe00 && codePoint <= 0xfe0f)
  )
}

/** Accents that stand on a letter: only the font of that letter can place them. */
export function isAccent(codePoint: number): boolean {
  return codePoint >= 0x300 && codePoint <= 0x36f
}

export function inBase(codePoint: number): boolean {
  return isInvisible(codePoint) || baseSet.some((part) => covers(part, codePoint))
}
