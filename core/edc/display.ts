import { Refusal } from '#core/refusal.ts'
import { concept, type Draft, languageConcept, type Words } from './draft.ts'
import type { JsonObject } from './graph.ts'
import type { PageContent } from './page-content.ts'

/** The pages of a credential in one language, as pictures: the official viewer shows these, not HTML. */
export interface PageImages {
  /** BCP 47. */
  language: string
  pages: { type: 'PNG' | 'JPEG'; bytes: Uint8Array }[]
}

/** Paints the pages of one language. */
export interface PagePainter {
  paint(content: PageContent): Promise<PageImages>
  /** Characters of a text that cannot be drawn. */
  lacks(text: string): readonly string[]
}

const maxPages = 20
const maxPageBytes = 2 * 1024 * 1024

const firstBytes = { PNG: [0x89, 0x50, 0x4e, 0x47], JPEG: [0xff, 0xd8, 0xff] } as const

/**
 * `displayParameter`: title, languages and the page images inside the credential. Refuses `invalid_input`
 * for a language the language table does not have and for bytes that are no picture of the stated type.
 */
export function displayParameter(
  draft: Draft,
  texts: { title: Words; description: Words },
  images: readonly PageImages[],
): JsonObject {
  const languages = images.map(({ language }) => {
    const value = languageConcept(language)
    if (!value) throw new Refusal('invalid_input', 'pages.language: is not a language of the language table.')
    return value
  })
  return draft.thing('DisplayParameter', {
    title: draft.say(texts.title),
    description: draft.say(texts.description),
    primaryLanguage: languages[0],
    language: languages,
    individualDisplay: images.map(({ pages }, position) =>
      draft.thing('IndividualDisplay', {
        language: languages[position],
        displayDetail: pages
          .slice(0, maxPages)
          .map((page, index) =>
            draft.thing('DisplayDetail', { page: index + 1, image: picture(draft, page) }),
          ),
      }),
    ),
  })
}

function picture(draft: Draft, { type, bytes }: PageImages['pages'][number]): JsonObject {
  if (firstBytes[type].some((byte, position) => bytes[position] !== byte)) {
    throw new Refusal('invalid_input', `pages: a page is not a ${type} picture.`, { field: 'pages' })
  }
  if (bytes.length > maxPageBytes) {
    throw new Refusal('too_large', 'pages: a page is larger than 2 MiB.', { field: 'pages' })
  }
  return draft.thing('MediaObject', {
    content: Buffer.from(bytes).toString('base64'),
    contentEncoding: concept('encoding', '6146cde7dd'),
    contentType: concept('fileType', type),
    contentSize: bytes.length,
  })
}
