import { create, type Font } from 'fontkit'
import { baseSet, isInvisible } from '../page-image/font-sets.ts'
import { openTypeOf } from './woff-font.ts'

/** A part of Noto Sans in one weight, ready to be embedded. */
export interface CertificateFont {
  /** Name inside the document. */
  name: string
  font: Font
}

const loaded = new Map<string, CertificateFont[]>()

/** The parts of a weight; read and unpacked once. */
export function fontsOf(bold: boolean): readonly CertificateFont[] {
  const weight = bold ? 700 : 400
  const known = loaded.get(String(weight))
  if (known) return known
  const fonts = baseSet.map((part) => ({
    name: `${part.name}-${weight}`,
    font: create(Buffer.from(openTypeOf(part.file(weight).replace(/2$/, '')))) as Font,
  }))
  loaded.set(String(weight), fonts)
  return fonts
}

/** The first part that has all of one sign, accents included. */
export function fontFor(sign: string, bold: boolean): CertificateFont | undefined {
  return fontsOf(bold).find(({ font }) =>
    Array.from(sign, (character) => character.codePointAt(0) ?? 0).every((codePoint) => {
      return font.hasGlyphForCodePoint(codePoint) || (codePoint > 0x20 && isInvisible(codePoint))
    }),
  )
}
