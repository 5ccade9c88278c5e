import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import unicodeRanges from '@fontsource/noto-sans/unicode.json' with { type: 'json' }
import { Renderer } from '@takumi-rs/core'

export const family = 'Noto Sans'
const subsets = ['latin', 'latin-ext', 'greek', 'greek-ext', 'cyrillic', 'cyrillic-ext'] as const

let ready: Promise<Renderer> | undefined

/** The one renderer of this process, with its fonts and none of the machine's. */
export function renderer(): Promise<Renderer> {
  ready ??= rendererWithFonts()
  return ready
}

async function rendererWithFonts(): Promise<Renderer> {
  const made = new Renderer()
  const { resolve } = createRequire(import.meta.url)
  for (const subset of subsets) {
    const unicodeRange = rangesOf(unicodeRanges[subset])
    for (const weight of [400, 700]) {
      const data = readFileSync(
        resolve(`@fontsource/noto-sans/files/noto-sans-${subset}-${weight}-normal.woff2`),
      )
      await made.registerFont({ name: family, data, weight, style: 'normal', unicodeRange })
    }
  }
  return made
}

/** `U+0400-045F,U+2116` as pairs of numbers. */
function rangesOf(css: string): [number, number][] {
  return css.split(',').map((range) => {
    const [from = '', to = from] = range.replace('U+', '').split('-')
    return [Number.parseInt(from, 16), Number.parseInt(to, 16)]
  })
}
