import type { Node } from '@takumi-rs/core'
import { family, rendererFor } from './noto-sans.ts'

/** Dots for each point: letters stay sharp in print. */
const scale = 5

/**
 * A text as a picture, for documents whose own fonts lack some of its letters: other scripts, from right to
 * left, with their shapes. Sizes are points.
 */
export async function textPicture(
  text: string,
  style: { size: number; bold: boolean; color: string; width: number; lineHeight: number },
  language: string,
): Promise<{ png: Uint8Array; width: number; height: number }> {
  const renderer = await rendererFor([text])
  const width = Math.round(style.width * scale)
  const node: Node = {
    type: 'container',
    style: { display: 'flex', width, backgroundColor: '#ffffff' },
    children: [
      {
        type: 'text',
        text,
        style: {
          width,
          fontFamily: family,
          fontSize: style.size * scale,
          fontWeight: style.bold ? 700 : 400,
          lineHeight: style.lineHeight,
          color: style.color,
          overflowWrap: 'anywhere',
        },
      },
    ],
  }
  const measured = await renderer.measure(node, { width, lang: language })
  const height = Math.max(1, Math.ceil(measured.height))
  const png = await renderer.render(node, { width, height, format: 'png', lang: language })
  return { png: new Uint8Array(png), width: style.width, height: height / scale }
}
