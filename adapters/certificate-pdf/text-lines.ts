import type { Font } from 'fontkit'
import { type CertificateFont, fontFor } from './certificate-fonts.ts'

/** Letters that stand next to each other in one font. */
interface Run {
  text: string
  font: CertificateFont
  width: number
}
export interface Line {
  runs: Run[]
  width: number
}

/**
 * Breaks a text into lines of at most `width` points. Words are broken only when one alone is too long.
 * `undefined` when a sign is in none of the fonts, so that the text must be drawn in another way.
 */
export function breakLines(
  text: string,
  { size, bold, width }: { size: number; bold: boolean; width: number },
): Line[] | undefined {
  const space = fontFor(' ', bold)
  if (!space) return undefined
  const spaceWidth = widthOf(' ', space, size)
  const lines: Line[] = []
  let line: Line = { runs: [], width: 0 }
  const flush = () => {
    if (line.runs.length > 0) lines.push(line)
    line = { runs: [], width: 0 }
  }
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const runs = runsOf(word, bold, size)
    if (!runs) return undefined
    for (const piece of shorten(runs, size, width)) {
      const wordWidth = piece.reduce((sum, run) => sum + run.width, 0)
      const gap = line.runs.length > 0 ? spaceWidth : 0
      if (line.runs.length > 0 && line.width + gap + wordWidth > width) flush()
      if (line.runs.length > 0) append(line, { text: ' ', font: space, width: spaceWidth })
      for (const run of piece) append(line, run)
    }
  }
  flush()
  return lines
}

function append(line: Line, run: Run): void {
  const last = line.runs.at(-1)
  if (last?.font === run.font) {
    last.text += run.text
    last.width += run.width
  } else line.runs.push({ ...run })
  line.width += run.width
}

/** One word by the fonts its signs need; accents stay in the font of their letter. */
function runsOf(word: string, bold: boolean, size: number): Run[] | undefined {
  const runs: Run[] = []
  for (const { segment } of segmenter.segment(word)) {
    const font = fontFor(segment, bold)
    if (!font) return undefined
    const last = runs.at(-1)
    if (last?.font === font) last.text += segment
    else runs.push({ text: segment, font, width: 0 })
  }
  for (const run of runs) run.width = widthOf(run.text, run.font, size)
  return runs
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** A word that is longer than a line, in pieces that fit. */
function shorten(runs: Run[], size: number, width: number): Run[][] {
  if (runs.reduce((sum, run) => sum + run.width, 0) <= width) return [runs]
  const pieces: Run[][] = []
  let piece: Run[] = []
  let used = 0
  for (const run of runs) {
    for (const { segment } of segmenter.segment(run.text)) {
      const one = { text: segment, font: run.font, width: widthOf(segment, run.font, size) }
      if (used + one.width > width && piece.length > 0) {
        pieces.push(piece)
        piece = []
        used = 0
      }
      piece.push(one)
      used += one.width
    }
  }
  return [...pieces, piece]
}

function widthOf(text: string, { font }: { font: Font }, size: number): number {
  return (font.layout(text).advanceWidth / font.unitsPerEm) * size
}
