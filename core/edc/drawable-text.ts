import type { PageBlock, PageContent } from './page-content.ts'
import { undrawnWords } from './words.ts'

/** Stands for what a page cannot draw, instead of an empty box that says nothing. */
const placeholder = '\ufffd'
const mostNamed = 12

/**
 * The same page without characters its fonts do not have: each stands as � and a line at the end says which
 * they are and that the data have them. `lacks` answers the characters of a text that cannot be drawn.
 */
export function drawable(
  { language, blocks }: PageContent,
  lacks: (text: string) => readonly string[],
): PageContent {
  const missing = new Set<string>()
  const clean = (given: string) => {
    // A letter and its accents as one sign, where Unicode has one: fonts know it better.
    const text = given.normalize('NFC')
    const absent = new Set(lacks(text))
    if (absent.size === 0) return text
    for (const character of absent) missing.add(character)
    // Whatever is written as one sign is replaced as one.
    return [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)]
      .map(({ segment }) =>
        Array.from(segment).some((character) => absent.has(character)) ? placeholder : segment,
      )
      .join('')
  }
  const drawn = blocks.map(
    (block): PageBlock =>
      block.kind === 'fact'
        ? { ...block, label: clean(block.label), text: clean(block.text) }
        : { ...block, text: clean(block.text) },
  )
  if (missing.size === 0) return { language, blocks: drawn }
  const points = [...missing].map(
    (character) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
  const named = points.length > mostNamed ? [...points.slice(0, mostNamed), '…'] : points
  const words = undrawnWords(placeholder, named.join(' '))
  return { language, blocks: [...drawn, { kind: 'small', text: words[language === 'fr' ? 'fr' : 'en'] }] }
}
