import type { PaintAnswer, PaintRequest } from '#adapters/lambda/painter.ts'
import { badgePainter } from '#adapters/page-image/badge-painter.ts'
import { pagePainter } from '#adapters/page-image/page-painter.ts'
import { drawable } from '#core/edc/drawable-text.ts'

const pages = pagePainter()
const badges = badgePainter()
const lacks = (text: string) => pages.lacks(text)
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

/** On Lambda: paints pages, badges and certificates for the functions that ask, which so carry no painter. */
export async function handler(request: PaintRequest): Promise<PaintAnswer> {
  switch (request.paint) {
    case 'page': {
      const { language, pages: painted } = await pages.paint(drawable(request.content, lacks))
      return { language, pages: painted.map(({ type, bytes }) => ({ type, base64: base64(bytes) })) }
    }
    case 'badge-png':
      return { base64: base64(await badges.png(request.badge)) }
    case 'badge-svg':
      return { text: await badges.svg(request.badge) }
    case 'certificate': {
      // The larger half of what is here, and the half that is asked for less.
      const { certificatePrinter } = await import('#adapters/certificate-pdf/certificate-printer.ts')
      const certificate = { ...request.certificate, awardedAt: new Date(request.certificate.awardedAt) }
      return {
        base64: base64(await certificatePrinter().print({ ...certificate, ...drawable(certificate, lacks) })),
      }
    }
  }
}
