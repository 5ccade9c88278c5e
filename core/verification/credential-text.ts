import { CheckFailure } from './verification.ts'

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const pdfSignature = [0x25, 0x50, 0x44, 0x46, 0x2d]
/** Keyword of the chunk a badge stands in (Open Badges 3.0 §5.3.1). */
export const bakedKeyword = 'openbadgecredential'
const mostChunks = 10_000

/**
 * The text to verify out of whatever was uploaded: a token or a sealed file as it is, a badge out of the
 * picture it was baked into (Open Badges 3.0 §5.3). Throws `CheckFailure('shape')` for a picture without a
 * badge, for a PDF (paper proves nothing; its link does) and for anything that is no text.
 */
export function credentialText(bytes: Uint8Array): string {
  if (beginsWith(bytes, pngSignature)) return fromPng(bytes)
  if (beginsWith(bytes, pdfSignature)) throw unreadable('pdf_use_its_link')
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw unreadable('not_text')
  }
  return fromText(text)
}

/** The same for what was pasted. */
export function fromText(text: string): string {
  return /^\s*</.test(text) && text.includes('<svg') ? fromSvg(text) : text
}

function fromPng(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = pngSignature.length
  for (let chunk = 0; chunk < mostChunks && at + 12 <= bytes.length; chunk++) {
    const length = view.getUint32(at)
    const type = ascii(bytes.subarray(at + 4, at + 8))
    const content = bytes.subarray(at + 8, at + 8 + length)
    if (content.length !== length) break
    if (type === 'iTXt' && ascii(content.subarray(0, bakedKeyword.length + 1)) === `${bakedKeyword}\0`)
      return fromInternationalText(content.subarray(bakedKeyword.length + 1))
    if (type === 'IEND') break
    at += length + 12
  }
  throw unreadable('no_badge_in_picture')
}

/** Behind the keyword: compression flag and method, language, translated keyword, text. */
function fromInternationalText(content: Uint8Array): string {
  // "Compression MUST NOT be used."
  if (content[0] !== 0) throw unreadable('no_badge_in_picture')
  const language = content.indexOf(0, 2)
  const translated = language < 0 ? -1 : content.indexOf(0, language + 1)
  if (translated < 0) throw unreadable('no_badge_in_picture')
  return new TextDecoder().decode(content.subarray(translated + 1))
}

function fromSvg(text: string): string {
  const start = text.indexOf('<openbadges:credential')
  const end = start < 0 ? -1 : text.indexOf('>', start)
  const token =
    end < 0 ? undefined : /\sverify\s*=\s*["']([\w.~-]+)["']/.exec(text.slice(start, end + 1))?.[1]
  if (token === undefined) throw unreadable('no_badge_in_picture')
  return token
}

function beginsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, position) => bytes[position] === byte)
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 64))
}

function unreadable(code: string): CheckFailure {
  return new CheckFailure('shape', code, 'unreadable')
}
