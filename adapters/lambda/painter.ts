import * as z from 'zod'
import type { BadgeContent } from '#core/badges/badge.ts'
import type { CertificateContent } from '#core/certificates/certificate.ts'
import type { PageContent } from '#core/edc/page-content.ts'
import type { Ports } from '#core/ports.ts'
import { Refusal } from '#core/refusal.ts'

/** What the function that paints is asked. */
export type PaintRequest =
  | { paint: 'page'; content: PageContent }
  | { paint: 'badge-png' | 'badge-svg'; badge: BadgeContent }
  | { paint: 'certificate'; certificate: Omit<CertificateContent, 'awardedAt'> & { awardedAt: string } }

const zPages = z.object({
  language: z.string(),
  pages: z.array(z.object({ type: z.enum(['PNG', 'JPEG']), base64: z.base64() })),
})
const zPicture = z.object({ base64: z.base64() })
const zText = z.object({ text: z.string() })

/** What it answers. */
export type PaintAnswer = z.output<typeof zPages> | z.output<typeof zPicture> | z.output<typeof zText>

/** Painters that have their pictures made by a function of its own, named `functionName`. */
export function remotePainters(functionName: string): Pick<Ports, 'pages' | 'badges' | 'certificates'> {
  let loaded: Promise<(name: string, event: object) => Promise<unknown>> | undefined
  async function ask<T>(request: PaintRequest, zAnswer: z.ZodType<T>): Promise<T> {
    loaded ??= import('./client.ts').then(({ lambdaClient }) => lambdaClient())
    try {
      return zAnswer.parse(await (await loaded)(functionName, request))
    } catch (cause) {
      throw new Refusal('site_unavailable', 'Pictures cannot be made right now; try again.', { cause })
    }
  }
  const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
  return {
    pages: {
      async paint(content) {
        const { language, pages } = await ask({ paint: 'page', content }, zPages)
        return { language, pages: pages.map(({ type, base64 }) => ({ type, bytes: bytes(base64) })) }
      },
      // Only who has the fonts knows: the function itself names what it cannot draw.
      lacks: () => [],
    },
    badges: {
      png: async (badge) => bytes((await ask({ paint: 'badge-png', badge }, zPicture)).base64),
      svg: async (badge) => (await ask({ paint: 'badge-svg', badge }, zText)).text,
    },
    certificates: {
      async print({ awardedAt, ...rest }) {
        const certificate = { ...rest, awardedAt: awardedAt.toISOString() }
        return bytes((await ask({ paint: 'certificate', certificate }, zPicture)).base64)
      },
    },
  }
}
