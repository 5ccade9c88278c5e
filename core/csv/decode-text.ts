import { Refusal } from '#core/refusal.ts'

/** How the bytes of an uploaded text were read; said to whoever uploaded them. */
export const textEncodings = ['utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be', 'windows-1252'] as const
export type TextEncoding = (typeof textEncodings)[number]

/**
 * Uploaded bytes as text with `\n` for every line end. A byte order mark says which encoding it is; without
 * one it is UTF-16 when every other byte of the beginning is zero, UTF-8 when it is well-formed, and else
 * Windows-1252, what spreadsheets of Western Europe write and call Latin-1. Refuses `invalid_input` for
 * bytes that are no text.
 */
export function decodeText(bytes: Uint8Array): { text: string; encoding: TextEncoding } {
  const encoding = encodingOf(bytes)
  const text = decodeAs(encoding, bytes)
  if (text === undefined || /[\0\ufffe\uffff]/.test(text)) {
    throw new Refusal('invalid_input', 'file: is not a text file.', { field: 'file' })
  }
  return { text: text.replaceAll(/\r\n?/g, '\n'), encoding }
}

function encodingOf(bytes: Uint8Array): TextEncoding {
  const [a, b, c] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8-bom'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  const zeros = [0, 0]
  const looked = Math.min(bytes.length, 1000) & ~1
  for (let at = 0; at < looked; at++) if (bytes[at] === 0) zeros[at & 1] = (zeros[at & 1] ?? 0) + 1
  // Names of the Latin alphabet: three of four of their units have an empty upper half.
  const mostly = (looked / 2) * 0.5
  if (looked > 0 && (zeros[1] ?? 0) > mostly) return 'utf-16le'
  if (looked > 0 && (zeros[0] ?? 0) > mostly) return 'utf-16be'
  return decodeAs('utf-8', bytes) === undefined ? 'windows-1252' : 'utf-8'
}

function decodeAs(encoding: TextEncoding, bytes: Uint8Array): string | undefined {
  const label = encoding === 'utf-8-bom' ? 'utf-8' : encoding
  try {
    return new TextDecoder(label, { fatal: encoding !== 'windows-1252' }).decode(bytes)
  } catch {
    return undefined
  }
}
