import { readFileSync } from 'node:fs'
import { Renderer } from '@takumi-rs/core'
import { baseSet, covers, type FontPart, furtherSets, inBase, isAccent } from './font-sets.ts'

export const family = 'Noto Sans'

let ready: Promise<Renderer> | undefined
const registered = new Set<string>()

/** The one renderer of this process, with the fonts these texts need and none of the machine's. */
export async function rendererFor(texts: readonly string[]): Promise<Renderer> {
  ready ??= rendererWithBase()
  const renderer = await ready
  for (const codePoint of codePointsBeyondBase(texts)) {
    const found = furtherFor(codePoint)
    if (found) await register(renderer, found)
  }
  return renderer
}

/** The characters of a text that no font here has. */
export function lacks(text: string): string[] {
  const absent = new Set<string>()
  for (const codePoint of codePointsBeyondBase([text])) {
    if (!furtherFor(codePoint)) absent.add(String.fromCodePoint(codePoint))
  }
  return [...absent]
}

function codePointsBeyondBase(texts: readonly string[]): Set<number> {
  const points = new Set<number>()
  for (const text of texts) {
    for (const character of text) {
      const codePoint = character.codePointAt(0) ?? 0
      if (codePoint > 0x17f && !inBase(codePoint)) points.add(codePoint)
    }
  }
  return points
}

function furtherFor(codePoint: number): FontPart | undefined {
  if (isAccent(codePoint)) return undefined
  for (const parts of furtherSets()) {
    const part = parts.find((one) => covers(one, codePoint))
    if (part) return part
  }
  return undefined
}

async function rendererWithBase(): Promise<Renderer> {
  const renderer = new Renderer()
  for (const part of baseSet) await register(renderer, part)
  return renderer
}

/** Both weights always, even out of one file: a weight that is not named is not found. */
async function register(renderer: Renderer, part: FontPart): Promise<void> {
  for (const weight of [400, 700] as const) {
    const file = part.file(weight)
    const name = `${weight} ${file}`
    if (registered.has(name)) continue
    registered.add(name)
    await renderer.registerFont({
      name: family,
      data: readFileSync(file),
      weight,
      style: 'normal',
      unicodeRange: part.ranges.map(([from, to]): [number, number] => [from, to]),
    })
  }
}
