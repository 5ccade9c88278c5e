import { crc32 } from 'node:zlib'
import { bytesOf } from '#core/jose/base64url.ts'
import { bakedKeyword } from '#core/verification/credential-text.ts'

const bakedNamespace = 'https://purl.imsglobal.org/ob/v3p0'

const signatureBytes = 8
const headerChunkBytes = 25

/**
 * Writes a token into a PNG (Open Badges 3.0 §5.3.1): one uncompressed `iTXt` chunk right behind the header, so
 * that readers find it at once. The picture stays as it was. Throws for bytes that are no PNG.
 */
export function bakePng(png: Uint8Array, token: string): Uint8Array {
  const start = signatureBytes + headerChunkBytes
  if (png.length < start || png[1] !== 0x50 || png[2] !== 0x4e || png[3] !== 0x47) throw new Error('no PNG')
  // Keyword, NUL, not compressed, method 0, no language, no translated keyword (PNG §11.3.4.5).
  const content = bytesOf(`${bakedKeyword}\0\0\0\0\0${token}`)
  const body = Buffer.concat([bytesOf('iTXt'), content])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(content.length, 0)
  chunk.set(body, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return new Uint8Array(Buffer.concat([png.subarray(0, start), chunk, png.subarray(start)]))
}

/** Writes a token into an SVG (§5.3.2): the namespace on the root, and the element directly behind it. */
export function bakeSvg(svg: string, token: string): string {
  const root = /<svg\b[^>]*>/.exec(svg)
  if (!root) throw new Error('no SVG')
  const end = root.index + root[0].length
  const opened = root[0].replace(/^<svg/, `<svg xmlns:openbadges="${bakedNamespace}"`)
  const element = `<openbadges:credential verify="${token}"></openbadges:credential>`
  return `${svg.slice(0, root.index)}${opened}${element}${svg.slice(end)}`
}
