import jsQR from 'jsqr'
import QRCode from 'qrcode'
import { expect, test } from 'vitest'
import { certificatePrinter } from '#adapters/certificate-pdf/certificate-printer.ts'
import { breakLines } from '#adapters/certificate-pdf/text-lines.ts'
import { openTypeOf } from '#adapters/certificate-pdf/woff-font.ts'
import { baseSet } from '#adapters/page-image/font-sets.ts'
import { pagePainter } from '#adapters/page-image/page-painter.ts'
import { type CertificateContent, certificateContent } from '#core/certificates/certificate.ts'
import { drawable } from '#core/edc/drawable-text.ts'
import { makeEdition } from '#core/editions/make-edition.ts'
import { openShareLink } from '#core/share/open-share-link.ts'
import { withdrawShareLink } from '#core/share/share-award.ts'
import { type World, world } from '#test/support/world.ts'
import { names, undrawable } from './names.ts'

async function printed(more: { language?: string } = {}) {
  const w = await world()
  const seen: CertificateContent[] = []
  const printer = certificatePrinter()
  w.certificates = {
    print(content) {
      seen.push(content)
      return printer.print(content)
    },
  }
  const { award, learner } = await w.award()
  const print = async () => {
    const { bytes } = await makeEdition(
      w.actor('registrar'),
      { awardId: award.id, edition: 'pdf', ...more },
      w,
    )
    const content = seen.at(-1)
    if (!content) throw new Error('nothing was printed')
    return { bytes, content, secret: content.link.url.split('/').at(-1) ?? '' }
  }
  return { w, award, learner, print }
}

const ownerOf = (w: World, learnerId: Awaited<ReturnType<typeof printed>>['award']['learnerId']) =>
  w.actor('learner', { learnerId })

test('a certificate is a tagged PDF/A-2u in the language asked for, the same each time', async () => {
  const { print } = await printed({ language: 'fr' })
  const [first, again] = [await print(), await print()]
  const text = Buffer.from(first.bytes).toString('latin1')
  expect(text.startsWith('%PDF-1.7')).toBe(true)
  for (const part of [
    '<pdfaid:part>2</pdfaid:part>',
    '<pdfaid:conformance>U</pdfaid:conformance>',
    '/Lang (fr)',
    '/Marked true',
    '/GTS_PDFA1',
  ])
    expect(text, part).toContain(part)
  expect(Buffer.compare(first.bytes, again.bytes)).toBe(0)
})

test('its code leads to a link that shows what the paper shows, without any wallet', async () => {
  const { w, award, print } = await printed()
  const { content, secret } = await print()
  const { modules } = QRCode.create(content.link.url, { errorCorrectionLevel: 'M' })
  expect(readCode(modules)).toBe(content.link.url)
  const { verification, link } = await openShareLink(secret, w)
  expect(verification).toMatchObject({
    verified: true,
    facts: { title: award.title.en, holder: { familyName: 'Example' }, grade: 'passed, 80 %' },
  })
  expect(link.expiresAt.getTime() - w.clock.now().getTime()).toBe(1826 * 86_400_000)
})

test('prints have one link until the learner withdraws it; then the old paper leads nowhere', async () => {
  const { w, award, print } = await printed()
  const [first, again] = [await print(), await print()]
  expect(again.secret).toBe(first.secret)
  const [link] = await w.store.shareLinksOf(award.learnerId)
  if (!link) throw new Error('the link is not listed')
  await withdrawShareLink(ownerOf(w, award.learnerId), { requestId: w.requestId(), id: link.id }, w)
  await expect(openShareLink(first.secret, w)).rejects.toMatchObject({ code: 'not_found' })
  const next = await print()
  expect(next.secret).not.toBe(first.secret)
  w.clock.advance({ days: 400 })
  expect((await print()).secret).toBe(next.secret)
  await expect(openShareLink(first.secret, w)).rejects.toMatchObject({ code: 'not_found' })
})

test('says on its face that it carries no signature and that the keys are self-made', async () => {
  const { print } = await printed()
  const words = (await print()).content.link.words.join(' ')
  expect(words).toContain('prove nothing by themselves')
  expect(words).toContain('not a qualified electronic seal')
})

test.each(names)('a name in %s is drawn whole on the page', async (_, givenName, familyName) => {
  const painter = pagePainter()
  const name = `${givenName} ${familyName}`.trim()
  expect(painter.lacks(name.normalize('NFC'))).toEqual([])
  const paint = async (text: string) =>
    Buffer.from(
      (await painter.paint({ language: 'en', blocks: [{ kind: 'name', text }] })).pages[0]?.bytes ?? [],
    )
  // Each letter differs from the box that stands for no letter.
  const box = await paint('\u{10FFFD}')
  const letters = [...new Set(name)].filter((letter) => /\p{L}/u.test(letter)).slice(0, 3)
  for (const letter of letters) expect(Buffer.compare(await paint(letter), box), letter).not.toBe(0)
})

test('a letter with an accent that no font can place is named, not drawn as an empty box', () => {
  const lacks = (words: string) => pagePainter().lacks(words)
  const named = drawable(
    { language: 'en', blocks: [{ kind: 'name', text: 'x\u0302 Nguye\u0302\u0303n' }] },
    lacks,
  )
  expect(named.blocks[0]?.text).toBe('\ufffd Nguyễn')
  expect(named.blocks.at(-1)?.text).toContain('U+0302')
})

test.each(undrawable)('what no font has (%s) stands as � and is named at the end of the page', (text) => {
  const lacks = (words: string) => pagePainter().lacks(words)
  const { blocks } = drawable(
    { language: 'en', blocks: [{ kind: 'name', text: `Ada ${text} Example` }] },
    lacks,
  )
  expect(blocks[0]?.text).toMatch(/^Ada �+ Example$/)
  const point = (text.codePointAt(0) ?? 0).toString(16).toUpperCase()
  expect(blocks.at(-1)).toMatchObject({ kind: 'small', text: expect.stringContaining(`U+${point}`) })
  expect(drawable({ language: 'en', blocks: [{ kind: 'name', text: 'Ada' }] }, lacks).blocks).toHaveLength(1)
})

test('a word that is longer than a line is broken, nothing of it is lost', () => {
  const word = 'Donaudampfschifffahrtsgesellschaft'.repeat(9)
  const lines = breakLines(`Ada ${word}`, { size: 20, bold: true, width: 300 })
  expect(lines?.length).toBeGreaterThan(3)
  for (const line of lines ?? []) expect(line.width).toBeLessThanOrEqual(300)
  expect(
    lines
      ?.map(({ runs }) => runs.map(({ text }) => text).join(''))
      .join('')
      .replaceAll(' ', ''),
  ).toBe(`Ada${word}`)
  // Other scripts are drawn as pictures.
  expect(breakLines('王', { size: 20, bold: true, width: 300 })).toBeUndefined()
})

test('a packed font is unpacked to a font with the same tables', () => {
  const file = baseSet[0]?.file(400).replace(/2$/, '') ?? ''
  const font = Buffer.from(openTypeOf(file))
  expect(font.readUInt32BE(0)).toBe(0x00010000)
  expect(font.readUInt16BE(4)).toBeGreaterThan(8)
})

test('words of a certificate exist in both languages, and fall back to English for a third', async () => {
  const { w, award, learner } = await printed()
  const { person } = learner
  if (!person) throw new Error('the learner is gone')
  const facts = {
    award,
    person,
    institution: w.institutions.northLake,
    ontology: w.ontology,
    link: { url: 'https://x.example/v/y', until: w.clock.now() },
  }
  expect(certificateContent(facts, 'fr').link.words[0]).toContain('Vérifiez')
  expect(certificateContent(facts, 'pl').link.words[0]).toContain('Check it')
})

function readCode(modules: {
  size: number
  get(row: number, column: number): number | boolean
}): string | undefined {
  const [scale, quiet] = [4, 4]
  const side = (modules.size + 2 * quiet) * scale
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255)
  for (let y = 0; y < modules.size * scale; y++) {
    for (let x = 0; x < modules.size * scale; x++) {
      if (!modules.get(Math.floor(y / scale), Math.floor(x / scale))) continue
      pixels.fill(
        0,
        ((y + quiet * scale) * side + x + quiet * scale) * 4,
        ((y + quiet * scale) * side + x + quiet * scale) * 4 + 3,
      )
    }
  }
  return (jsQR as unknown as (data: Uint8ClampedArray, w: number, h: number) => { data: string } | null)(
    pixels,
    side,
    side,
  )?.data
}
