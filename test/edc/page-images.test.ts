import { describe, expect, test } from 'vitest'
import { pagePainter } from '#adapters/page-image/page-painter.ts'
import { pageContent } from '#core/edc/page-content.ts'
import { awardOf, certificateOfNorthLake, factsOf, practicalModule, siteEvidence } from './samples.ts'

const painter = pagePainter()
const sizeOf = (png: Uint8Array) => {
  const buffer = Buffer.from(png)
  return [buffer.readUInt32BE(16), buffer.readUInt32BE(20)]
}
const textOf = (more: Parameters<typeof factsOf>[0], language: string) =>
  pageContent(factsOf(more), language)
    .blocks.map((block) => ('label' in block ? `${block.label}: ${block.text}` : block.text))
    .join('\n')

describe('the page of a credential', () => {
  test('is an A4 page as PNG, the same each time', async () => {
    const content = pageContent(factsOf(), 'en')
    const [first, again] = [await painter.paint(content), await painter.paint(content)]
    expect(first.language).toBe('en')
    for (const { type, bytes } of first.pages) {
      expect(type).toBe('PNG')
      expect(sizeOf(bytes)).toEqual([1240, 1754])
      expect(bytes.length).toBeLessThan(600_000)
    }
    expect(
      Buffer.compare(first.pages[0]?.bytes ?? Buffer.alloc(0), again.pages[0]?.bytes ?? Buffer.alloc(0)),
    ).toBe(0)
  })

  test('says what was learned, by whom it was awarded and how far the seal may be trusted', () => {
    const english = textOf({ award: awardOf(practicalModule, { evidence: [siteEvidence] }) }, 'en')
    for (const words of [
      practicalModule.title.en,
      'Ada Example',
      'VATLU-00000000',
      'Awarded on: November 20, 2026',
      'Result: 87/100',
      'Run at the site lumen',
      'does not claim to be a qualified certificate',
      ...practicalModule.outcomes.map(({ statement }) => statement.en),
    ]) {
      expect(english).toContain(words)
    }
    expect(textOf({}, 'fr')).toContain('Décernée le: 20 novembre 2026')
    expect(
      textOf({ certificate: { ...certificateOfNorthLake, claimsQualifiedSeal: true } }, 'en'),
    ).not.toContain('does not claim')
  })

  test('goes on over further pages instead of losing text', async () => {
    const outcomes = Array.from({ length: 90 }, (_, at) => ({
      id: `o${at}`,
      statement: { en: `Outcome ${at} of many`, fr: `Acquis ${at} parmi beaucoup` },
    }))
    const { pages } = await painter.paint(
      pageContent(factsOf({ award: awardOf(practicalModule, { outcomes }) }), 'en'),
    )
    expect(pages.length).toBeGreaterThan(2)
  })

  test.each([
    ['Latin', 'Žofia', 'Łęcka-Ðorđević'],
    ['Greek', 'Ελένη', 'Παπαδοπούλου'],
    ['Cyrillic', 'Иван', 'Петров'],
  ])('shows %s letters, each with its own shape', async (_, givenName, familyName) => {
    const letters = [...new Set(`${givenName}${familyName}`)]
    const paint = async (text: string) => {
      const { pages } = await painter.paint({ language: 'en', blocks: [{ kind: 'title', text }] })
      return Buffer.from(pages[0]?.bytes ?? [])
    }
    const box = await paint('\u{10FFFD}')
    for (const letter of letters) expect(Buffer.compare(await paint(letter), box), letter).not.toBe(0)
  })
})
